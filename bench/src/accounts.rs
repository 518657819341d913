//! Users who answer a server's challenge once and register with the same answer from then on.

use std::io;
use std::net::SocketAddr;

use modules::uac::api::{Challenge, Challenged, Identity, Secret};

use crate::drive::{self, Arrival, Job};
use crate::ends::Ends;
use crate::script::{Scenario, Series};
use crate::text;

/// The password in `configs/digest.cfg`.
pub(crate) const PASSWORD: &str = "load";
/// A challenge as those of that configuration, for a floor, which makes none.
const USUAL: &[u8] = b"Digest realm=\"load.test\", nonce=\"awQz7GsEMsDz5P3R1rhjyvtVgSo9mWEQ\"";
/// Users that are challenged at a time.
const WINDOW: usize = 32;

/// What the users of one server answer.
#[derive(Default)]
pub(crate) struct Accounts {
    password: Vec<u8>,
    uri: Vec<u8>,
    /// The header line of each user, by its number; empty while it has none.
    lines: Vec<Box<[u8]>>,
}

impl Accounts {
    /// Of users with one password at a server.
    pub(crate) fn new(password: &str, server: SocketAddr) -> Self {
        Self {
            password: password.into(),
            uri: format!("sip:{server}").into_bytes(),
            lines: Vec::new(),
        }
    }

    /// The line with a user's answer; empty if it was not challenged.
    pub(crate) fn line(&self, user: u64) -> &[u8] {
        let line = usize::try_from(user).ok().and_then(|at| self.lines.get(at));
        line.map_or(&[], |line| line)
    }

    /// Keeps a user's answer to the challenge in a reply; false if there is none to be answered.
    pub(crate) fn learn(&mut self, user: u64, reply: &[u8]) -> bool {
        let challenge = text::value(reply, "WWW-Authenticate");
        challenge.is_some_and(|challenge| self.answer(user, challenge))
    }

    /// Answers for the first `count` users as if they had been challenged.
    pub(crate) fn make_up(&mut self, count: u64) {
        for user in self.known()..count {
            self.answer(user, USUAL);
        }
    }

    fn answer(&mut self, user: u64, challenge: &[u8]) -> bool {
        let (Ok(challenge), Ok(at)) = (Challenge::parse(challenge), usize::try_from(user)) else {
            return false;
        };
        let identity = Identity {
            user: format!("u{user:08x}").into_bytes(),
            password: Secret::Plain(self.password.clone()),
        };
        let request = Challenged {
            method: b"REGISTER",
            uri: &self.uri,
            body: b"",
        };
        let value = challenge.answer(&identity, request, "ferrosip-load");
        if self.lines.len() <= at {
            self.lines.resize_with(at + 1, Box::default);
        }
        self.lines[at] = [b"Authorization: ", &value[..], b"\r\n"].concat().into();
        true
    }

    /// How many users have an answer: those with the lowest numbers.
    fn known(&self) -> u64 {
        self.lines.len() as u64
    }

    /// Lets those of the first `count` users that have no answer yet be challenged. A series is for
    /// one registration of each: those that follow have a higher CSeq.
    ///
    /// # Errors
    /// The server did not challenge all of them.
    pub(crate) fn enroll(
        &mut self,
        series: &Series,
        ends: &mut Ends,
        count: u64,
    ) -> io::Result<()> {
        let first = self.known();
        if first >= count {
            return Ok(());
        }
        let series = Series {
            scenario: Scenario::Challenge,
            ..*series
        };
        let job = Job {
            first,
            count: count - first,
            ..Job::new(Arrival::Window(WINDOW))
        };
        let outcome = drive::play_as(&series, ends, &job, self)?;
        match (outcome.failed, outcome.bad_status) {
            (0, _) => Ok(()),
            (failed, Some(status)) => Err(io::Error::other(format!(
                "{failed} users were not challenged but answered {status}"
            ))),
            (failed, None) => Err(io::Error::other(format!(
                "{failed} users were not answered"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};
    use std::thread::JoinHandle;

    use super::*;
    use crate::ends::Place;
    use crate::port::Transport;

    /// MD5(MD5(u00000000:r.x:secret):n:MD5(REGISTER:sip:127.94.1.1:5060))
    const RIGHT: &str = "response=\"29779517358653bbd464ae7d90cc546b\"";

    /// Host of the tests' addresses, with which nothing else is started.
    fn place(network: u8) -> Place {
        Place {
            server: SocketAddr::from((Ipv4Addr::new(127, 94, network, 1), 5060)),
            callers: Ipv4Addr::new(127, 94, network, 2),
            callees: Ipv4Addr::new(127, 94, network, 3),
            from: Transport::Udp,
            to: Transport::Udp,
            peers: 1,
        }
    }

    fn series(place: Place, cseq: u32) -> Series {
        Series {
            scenario: Scenario::Authenticated,
            place,
            id: 1,
            cseq,
            users: u64::MAX,
        }
    }

    /// A server for so many requests: 401, and 200 or 403 for who answers rightly or wrongly.
    fn registrar(at: SocketAddr, requests: usize) -> JoinHandle<Vec<String>> {
        let socket = UdpSocket::bind(at).unwrap();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 4096];
            let mut seen = Vec::new();
            for _ in 0..requests {
                let (length, from) = socket.recv_from(&mut buffer).unwrap();
                let request = &buffer[..length];
                let known = text::value(request, "Authorization");
                let (status, extra): (_, &[u8]) = match known {
                    None => (
                        "401 Who",
                        b"WWW-Authenticate: Digest realm=\"r.x\", nonce=\"n\"\r\n",
                    ),
                    Some(known) if String::from_utf8_lossy(known).contains(RIGHT) => {
                        ("200 OK", b"")
                    }
                    Some(_) => ("403 No", b""),
                };
                let mut reply = Vec::new();
                text::reply(&mut reply, request, status, "t", extra);
                socket.send_to(&reply, from).unwrap();
                seen.push(String::from_utf8_lossy(request).into_owned());
            }
            seen
        })
    }

    #[test]
    fn a_user_is_challenged_once() {
        let place = place(1);
        let server = registrar(place.server, 3);
        let mut ends = Ends::open(&place).unwrap();
        let mut accounts = Accounts::new("secret", place.server);
        accounts.enroll(&series(place, 1), &mut ends, 1).unwrap();
        // Known already: nothing is sent.
        accounts.enroll(&series(place, 1), &mut ends, 1).unwrap();
        for cseq in [2, 3] {
            let job = Job::new(Arrival::Window(1));
            let outcome = drive::play_as(&series(place, cseq), &mut ends, &job, &mut accounts);
            let outcome = outcome.unwrap();
            assert_eq!(
                (outcome.done, outcome.failed),
                (1, 0),
                "{:?}",
                outcome.bad_status
            );
        }
        let seen = server.join().unwrap();
        let cseq = |at: usize| text::value(seen[at].as_bytes(), "CSeq").unwrap();
        assert_eq!(
            [cseq(0), cseq(1), cseq(2)],
            [b"1 REGISTER", b"2 REGISTER", b"3 REGISTER"]
        );
        let answer = |at: usize| text::value(seen[at].as_bytes(), "Authorization");
        assert_eq!(answer(0), None);
        assert_eq!(answer(1), answer(2));
        let id = |at: usize| text::value(seen[at].as_bytes(), "Call-ID");
        assert_eq!(id(0), id(2));
    }

    #[test]
    fn another_status_is_a_failure() {
        let place = place(2);
        let server = registrar(place.server, 2);
        let mut ends = Ends::open(&place).unwrap();
        let mut accounts = Accounts::new("wrong", place.server);
        accounts.enroll(&series(place, 1), &mut ends, 1).unwrap();
        let job = Job::new(Arrival::Window(1));
        let outcome = drive::play_as(&series(place, 2), &mut ends, &job, &mut accounts).unwrap();
        assert_eq!((outcome.done, outcome.failed), (0, 1));
        assert_eq!(outcome.bad_status, Some(403));
        server.join().unwrap();
    }

    #[test]
    fn who_is_let_in_unasked_is_no_row() {
        let place = place(3);
        let socket = UdpSocket::bind(place.server).unwrap();
        let server = std::thread::spawn(move || {
            let mut buffer = vec![0; 4096];
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            let mut reply = Vec::new();
            text::reply(&mut reply, &buffer[..length], "200 OK", "t", b"");
            socket.send_to(&reply, from).unwrap();
        });
        let mut ends = Ends::open(&place).unwrap();
        let mut accounts = Accounts::new("secret", place.server);
        let enrolled = accounts.enroll(&series(place, 1), &mut ends, 1);
        let why = enrolled.unwrap_err().to_string();
        assert_eq!(why, "1 users were not challenged but answered 200");
        assert_eq!(accounts.line(0), b"");
        server.join().unwrap();
    }

    #[test]
    fn a_floor_gets_lines_as_long() {
        let place = place(4);
        let mut floor = Accounts::new("secret", place.server);
        floor.make_up(2);
        let mut asked = Accounts::new("secret", place.server);
        let challenge = b"Digest realm=\"load.test\", nonce=\"awQ0L2sEMwOjug48ElZ4uOmPuF55GbQ3\"";
        assert!(asked.answer(1, challenge));
        assert_eq!(floor.line(1).len(), asked.line(1).len());
        assert!(
            floor
                .line(1)
                .starts_with(b"Authorization: Digest username=\"u00000001\", ")
        );
        assert_eq!((floor.line(2), asked.line(0)), (&b""[..], &b""[..]));
    }

    #[test]
    fn the_configuration_asks_for_what_is_known() {
        let config = include_str!("../configs/digest.cfg");
        assert!(config.contains(&format!("$var(password) = \"{PASSWORD}\";")));
        let challenge = Challenge::parse(USUAL).unwrap();
        let realm = String::from_utf8(challenge.realm).unwrap();
        assert!(config.contains(&format!("www_challenge(\"{realm}\", \"0\")")));
    }
}
