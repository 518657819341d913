//! What the ends say: the requests of each scenario, and the callees' answers.

use std::io::Write;

use crate::ends::{FIRST_PORT, Place};
use crate::template::{NUMBER, PORT, Template, USER, Values};
use crate::text;

/// In the text of a request: where the line with the user's credentials goes.
const CREDENTIALS: &str = "\u{4}";

/// The traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// OPTIONS to the server itself.
    Options,
    /// REGISTER of a user for each exchange.
    Register,
    /// REGISTER without credentials, from which the user learns what it is challenged with.
    Challenge,
    /// REGISTER with the answer to the challenge.
    Authenticated,
    /// MESSAGE through the server.
    Message,
    /// INVITE, 180, 200, ACK, BYE, 200 through the server.
    Call,
    /// The same to users that [`Scenario::Register`] registered.
    RegisteredCall,
    /// INVITE that is answered 180 and no further.
    Ringing,
}

impl Scenario {
    /// By the name that the command line uses.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "options" => Self::Options,
            "register" => Self::Register,
            "register-digest" => Self::Authenticated,
            "message" => Self::Message,
            "call" => Self::Call,
            "registered-call" => Self::RegisteredCall,
            "ringing" => Self::Ringing,
            _ => return None,
        })
    }

    fn method(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
            Self::Register | Self::Challenge | Self::Authenticated => "REGISTER",
            Self::Message => "MESSAGE",
            Self::Call | Self::RegisteredCall | Self::Ringing => "INVITE",
        }
    }

    /// Whether users register, each time with the same Call-ID.
    pub(crate) fn registers(self) -> bool {
        matches!(self, Self::Register | Self::Challenge | Self::Authenticated)
    }

    /// Whether the server passes the requests on.
    pub(crate) fn is_relayed(self) -> bool {
        self != Self::Options && !self.registers()
    }

    /// Whether a reply with this status ends the first request.
    pub(crate) fn is_final(self, status: u16) -> bool {
        status >= 200 || (self == Self::Ringing && status == 180)
    }

    /// Whether the exchange goes on with ACK and BYE.
    pub(crate) fn is_dialog(self) -> bool {
        matches!(self, Self::Call | Self::RegisteredCall)
    }
}

/// One series of exchanges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series {
    /// What is said.
    pub(crate) scenario: Scenario,
    /// Where.
    pub(crate) place: Place,
    /// Tells this series from others in Call-IDs.
    pub(crate) id: u32,
    /// CSeq of the first request: above 1 for refreshes.
    pub(crate) cseq: u32,
    /// Users that are registered and called.
    pub(crate) users: u64,
}

const SDP: &str = "v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 6000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";

/// The messages of a series, ready to be filled in.
pub(crate) struct Messages {
    series: Series,
    first: Template,
    /// What follows the credentials, where there are any.
    rest: Option<Template>,
    /// A request in the dialog, from behind its method to the end of the Via's branch.
    in_dialog: Template,
    /// The callee's.
    contact: Template,
}

impl Messages {
    /// Writes them.
    pub(crate) fn of(series: Series) -> Self {
        let place = &series.place;
        let (callee, caller) = (place.callees, place.callers);
        let (to, via) = (place.to.parameter(), place.from.via());
        let id = series.id;
        let first = series.first();
        let (first, rest) = match first.split_once(CREDENTIALS) {
            Some((first, rest)) => (first.to_owned(), Some(rest.to_owned())),
            None => (first, None),
        };
        Self {
            first: Template::new(first),
            rest: rest.map(Template::new),
            in_dialog: Template::new(format!(
                " sip:callee@{callee}:{PORT}{to} SIP/2.0\r\n\
                 Via: SIP/2.0/{via} {caller}:{PORT};branch=z9hG4bK{id:x}.{NUMBER}."
            )),
            contact: Template::new(format!("Contact: <sip:callee@{callee}:{PORT}{to}>\r\n")),
            series,
        }
    }

    /// What they were written for.
    pub(crate) fn series(&self) -> &Series {
        &self.series
    }

    /// Whose exchange it is.
    pub(crate) fn user(&self, number: u64) -> u64 {
        number % self.series.users.max(1)
    }

    fn values(&self, number: u64) -> Values {
        let index = number % u64::from(self.series.place.peers.max(1));
        Values {
            number,
            user: self.user(number),
            port: FIRST_PORT + u16::try_from(index).unwrap_or(0),
        }
    }

    /// The first request of an exchange, with the header line of its user's credentials if the
    /// scenario has any.
    pub(crate) fn first(&self, out: &mut Vec<u8>, number: u64, credentials: &[u8]) {
        let values = self.values(number);
        self.first.fill(out, &values);
        if let Some(rest) = &self.rest {
            out.extend_from_slice(credentials);
            rest.fill(out, &values);
        }
    }

    /// A request in the dialog that a 2xx made: its Record-Route becomes the route set.
    pub(crate) fn in_dialog(
        &self,
        out: &mut Vec<u8>,
        number: u64,
        reply: &[u8],
        method: &str,
        cseq: u32,
    ) {
        out.extend_from_slice(method.as_bytes());
        self.in_dialog.fill(out, &self.values(number));
        // Writing to a vector cannot fail.
        let _ = write!(out, "{cseq}{method}\r\n");
        let routes: Vec<&[u8]> = text::lines(reply, "Record-Route").collect();
        for route in routes.iter().rev() {
            out.extend_from_slice(b"Route");
            out.extend_from_slice(route.get("Record-Route".len()..).unwrap_or_default());
        }
        out.extend_from_slice(b"Max-Forwards: 70\r\n");
        for line in text::all_lines(reply) {
            if text::is_any(line, &["From", "To", "Call-ID"]) {
                out.extend_from_slice(line);
            }
        }
        let _ = write!(out, "CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n");
    }

    /// What a callee answers: one message after the other.
    pub(crate) fn answer(&self, request: &[u8], mut say: impl FnMut(&[u8])) {
        let mut contact = Vec::new();
        let mut out = Vec::with_capacity(1024);
        let mut reply = |status: &str, extra: &[u8]| {
            out.clear();
            text::reply(&mut out, request, status, "callee", extra);
            say(&out);
        };
        if request.starts_with(b"INVITE") {
            let number = text::exchange(request).map_or(0, |(number, _)| number);
            self.contact.fill(&mut contact, &self.values(number));
            reply("180 Ringing", &contact);
            if self.series.scenario != Scenario::Ringing {
                reply("200 OK", &contact);
            }
        } else if request.starts_with(b"BYE") || request.starts_with(b"MESSAGE") {
            reply("200 OK", b"");
        }
    }
}

impl Series {
    /// The first request of an exchange, with holes.
    fn first(&self) -> String {
        let method = self.scenario.method();
        let place = &self.place;
        let caller = format!("{}:{PORT}", place.callers);
        let callee = format!("{}:{PORT}", place.callees);
        let server = place.server;
        let (from, to) = (place.from.parameter(), place.to.parameter());
        let registers = self.scenario.registers();
        let uri = match self.scenario {
            _ if !self.scenario.is_relayed() => format!("sip:{server}"),
            Scenario::RegisteredCall => format!("sip:u{USER}@{server}"),
            _ => format!("sip:callee@{callee}{to}"),
        };
        let whom = match self.scenario {
            Scenario::RegisteredCall => format!("sip:u{USER}@{server}"),
            _ if registers => format!("sip:u{USER}@{server}"),
            _ => format!("sip:callee@{callee}"),
        };
        let (who, contact) = if registers {
            // The callee registers itself, by the caller's socket.
            (whom.clone(), format!("<sip:u{USER}@{callee}{to}>"))
        } else {
            let who = format!("sip:caller@{caller}");
            (who, format!("<sip:caller@{caller}{from}>"))
        };
        let (extra, body) = match self.scenario {
            _ if registers => ("Expires: 3600\r\n", ""),
            Scenario::Call | Scenario::RegisteredCall | Scenario::Ringing => {
                ("Content-Type: application/sdp\r\n", SDP)
            }
            Scenario::Message => ("Content-Type: text/plain\r\n", "Hello.\r\n"),
            _ => ("", ""),
        };
        let credentials = match self.scenario {
            Scenario::Authenticated => CREDENTIALS,
            _ => "",
        };
        let (series, cseq) = (self.id, self.cseq);
        format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{via} {caller};branch=z9hG4bK{series:x}.{NUMBER}.{cseq}\r\n\
             Max-Forwards: 70\r\n\
             From: <{who}>;tag=f{NUMBER}\r\n\
             To: <{whom}>\r\n\
             Call-ID: {NUMBER}-{series:x}@load\r\n\
             CSeq: {cseq} {method}\r\n\
             Contact: {contact}\r\n\
             User-Agent: ferrosip-load\r\n\
             {credentials}{extra}Content-Length: {length}\r\n\r\n{body}",
            via = place.from.via(),
            length = body.len(),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::port::Transport;

    fn messages(scenario: Scenario, cseq: u32) -> Messages {
        Messages::of(Series {
            scenario,
            place: Place {
                server: ([127, 0, 0, 9], 5060).into(),
                callers: Ipv4Addr::new(127, 0, 0, 2),
                callees: Ipv4Addr::new(127, 0, 0, 3),
                from: Transport::Udp,
                to: Transport::Udp,
                peers: 1,
            },
            id: 1,
            cseq,
            users: u64::MAX,
        })
    }

    fn first(scenario: Scenario, cseq: u32) -> String {
        let mut out = Vec::new();
        let line = b"Authorization: Digest username=\"u0000001f\"\r\n";
        messages(scenario, cseq).first(&mut out, 0x1f, line);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn credentials_stand_among_the_headers() {
        let expected = "REGISTER sip:127.0.0.9:5060 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 127.0.0.2:20000;branch=z9hG4bK1.0000001f.7\r\n\
            Max-Forwards: 70\r\n\
            From: <sip:u0000001f@127.0.0.9:5060>;tag=f0000001f\r\n\
            To: <sip:u0000001f@127.0.0.9:5060>\r\n\
            Call-ID: 0000001f-1@load\r\n\
            CSeq: 7 REGISTER\r\n\
            Contact: <sip:u0000001f@127.0.0.3:20000>\r\n\
            User-Agent: ferrosip-load\r\n\
            Authorization: Digest username=\"u0000001f\"\r\n\
            Expires: 3600\r\n\
            Content-Length: 0\r\n\r\n";
        assert_eq!(first(Scenario::Authenticated, 7), expected);
    }

    #[test]
    fn who_is_to_be_challenged_has_none() {
        let challenged = first(Scenario::Challenge, 7);
        assert_eq!(challenged, first(Scenario::Register, 7));
        let without = first(Scenario::Authenticated, 7);
        let without = without.replace("Authorization: Digest username=\"u0000001f\"\r\n", "");
        assert_eq!(challenged, without);
    }
}
