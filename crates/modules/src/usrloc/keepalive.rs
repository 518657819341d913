//! Keep-alives to contacts (`ka_mode`): SIP requests, their answers, and contacts that stop to
//! answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use engine::context::Context;
use engine::core::{Core, Setup};
use engine::format::Format;
use engine::log::Level;
use engine::module::InitError;
use engine::socket::{Destination, Proto};

use super::api::{Contact, GRACE, Usrloc, first_hop, heard, reach, unix_now};

/// Bits of `ka_mode`.
const ALL: i64 = 1;
const NATED: i64 = 2;
const UDP: i64 = 4;

/// `ka_loglevel` that means: no line.
const NO_LOG: i64 = 255;

/// Begins the From tag of keep-alives: the name of the contact follows.
const NAME_PREFIX: &[u8] = b"uloc-";

/// How contacts are kept alive.
pub(super) struct Keepalive {
    mode: i64,
    method: Bytes,
    from: Bytes,
    domain: Bytes,
    /// Seconds without an answer after which a contact goes; 0: it stays.
    timeout: u32,
    counter: AtomicU32,
}

/// One request to send.
struct Ping {
    to: Destination,
    bytes: Vec<u8>,
}

/// Reads the parameters; hears answers if keep-alives are sent.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<Option<Keepalive>, InitError> {
    let params = setup.params;
    let mode = params.int("ka_mode");
    if mode == 0 {
        return Ok(None);
    }
    let text = |name| params.text(name).unwrap_or_default();
    let keepalive = Keepalive {
        mode,
        method: text("ka_method"),
        from: text("ka_from"),
        domain: text("ka_domain"),
        timeout: u32::try_from(params.int("ka_timeout")).unwrap_or(0),
        counter: AtomicU32::new(0),
    };
    let level = params.int("ka_loglevel");
    let message = setup.format_param("ka_logmsg")?;
    let log = (level != NO_LOG).then(|| (Level::from_number(level), message));
    setup.hooks.reply.push(Box::new(move |cx| {
        take_answer(cx, log.as_ref());
        None
    }));
    Ok(Some(keepalive))
}

impl Keepalive {
    /// Sends a request to every contact that is to be kept alive; who stopped to answer has a
    /// last delay.
    pub(super) fn run(&self, core: &Arc<Core>, usrloc: &Usrloc) {
        let now = unix_now(core);
        let until = now.saturating_add(GRACE);
        // Those that have been given up before are asked again until they end.
        let is_given_up =
            |contact: &Contact| contact.is_valid(until) && contact.is_silent(self.timeout, now);
        for domain in usrloc.domains().iter() {
            let mut pings = Vec::new();
            // Nothing is sent while contacts are locked.
            domain.each_contact(|aor, contact| {
                if contact.is_valid(now) && self.wants(usrloc, contact) && !is_given_up(contact) {
                    pings.extend(self.ping(core, usrloc, aor, contact));
                }
            });
            for mut ping in pings {
                // A keep-alive that does not go out is made good by the next one.
                let _ = engine::forward::send(core, &ping.to, &mut ping.bytes);
            }
            domain.shorten_where(until, |contact| {
                self.wants(usrloc, contact) && is_given_up(contact)
            });
        }
    }

    fn wants(&self, usrloc: &Usrloc, contact: &Contact) -> bool {
        let is_nated = contact.branch_flags & usrloc.options.nat_flag != 0;
        let is_udp = contact.connection.is_none();
        (self.mode & ALL != 0 || (self.mode & NATED != 0 && is_nated))
            && (self.mode & UDP == 0 || is_udp)
    }

    fn ping(&self, core: &Core, usrloc: &Usrloc, aor: &[u8], contact: &Contact) -> Option<Ping> {
        let path = contact.path();
        let received = contact.received();
        let target = first_hop(&path)
            .or_else(|| (!received.is_empty()).then_some(received))
            .unwrap_or_else(|| contact.uri());
        let mut to = reach(core, &target, contact.socket)?;
        if to.proto != Proto::Udp {
            to.connection = contact.connection;
            to.no_connect = true;
        }
        let socket = core.sockets.by_id(to.socket)?;
        let count = self.counter.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let time = core.services.clock.unix();
        let hash = engine::hash::core_hash(aor);
        let host = socket.advertised_host.as_ref().unwrap_or(&socket.host);
        let port = socket.advertised_port.unwrap_or(socket.address.port());
        let user = if usrloc.options.use_domain {
            aor.to_vec()
        } else {
            [aor, b"@", &self.domain[..]].concat()
        };
        let mut bytes = Vec::with_capacity(512);
        let mut put = |parts: &[&[u8]]| parts.iter().for_each(|p| bytes.extend_from_slice(p));
        put(&[&self.method, b" ", contact.uri_bytes(), b" SIP/2.0\r\n"]);
        put(&[b"Via: SIP/2.0/", to.proto.via_name().as_bytes(), b" ", host]);
        put(&[format!(":{port};branch=z9hG4bKx.{count}.1.0\r\n").as_bytes()]);
        if !path.is_empty() {
            put(&[b"Route: ", &path, b"\r\n"]);
        }
        put(&[b"From: <", &self.from, b">;tag=", contact.ruid_bytes()]);
        let (seconds, micros) = (time.as_secs(), time.subsec_micros());
        put(&[format!("-{hash:x}-{seconds:x}-{micros:x}-{count}.1\r\n").as_bytes()]);
        put(&[b"To: <sip:", &user, b">\r\n"]);
        let random = core.services.random.next();
        put(&[format!("Call-ID: ksrulka-{random:x}-{count}.1\r\nCSeq: 80 ").as_bytes()]);
        put(&[&self.method, b"\r\nContent-Length: 0\r\n\r\n"]);
        Some(Ping { to, bytes })
    }
}

/// What the From tag of a keep-alive tells.
#[derive(Debug, Eq, PartialEq)]
struct Tag<'t> {
    ruid: &'t [u8],
    aor_hash: u32,
    /// When it was sent, in microseconds since 1970.
    sent: u64,
}

impl<'t> Tag<'t> {
    /// `ruid-hash-seconds-micros-count.1`, numbers but the last in hexadecimal digits.
    fn parse(tag: &'t [u8]) -> Option<Self> {
        tag.strip_prefix(NAME_PREFIX)?;
        let mut parts = tag.rsplitn(5, |c| *c == b'-');
        let hex = |part: &[u8]| u64::from_str_radix(std::str::from_utf8(part).ok()?, 16).ok();
        let _count = parts.next().filter(|count| count.contains(&b'.'))?;
        let micros = hex(parts.next()?)?;
        let seconds = hex(parts.next()?)?;
        let aor_hash = u32::try_from(hex(parts.next()?)?).ok()?;
        Some(Self {
            ruid: parts.next()?,
            aor_hash,
            sent: seconds.checked_mul(1_000_000)?.checked_add(micros)?,
        })
    }
}

/// Looks at a reply: one to a keep-alive is noted with its contact.
fn take_answer(cx: &mut Context, log: Option<&(Level, Option<Format>)>) {
    let msg = Arc::clone(&cx.msg);
    let Some(tag) = msg.from_tag().and_then(Tag::parse) else {
        return;
    };
    let now = u64::try_from(cx.core.services.clock.unix().as_micros()).unwrap_or(u64::MAX);
    let roundtrip = u32::try_from(now.saturating_sub(tag.sent)).unwrap_or(u32::MAX);
    heard(&cx.core, tag.aor_hash, tag.ruid, roundtrip);
    if let Some((level, message)) = log {
        let (seconds, micros) = (roundtrip / 1_000_000, roundtrip % 1_000_000);
        let ruid = String::from_utf8_lossy(tag.ruid).into_owned();
        let end = message.as_ref().map(|m| m.text(cx)).unwrap_or_default();
        let end = String::from_utf8_lossy(&end).into_owned();
        cx.log(
            *level,
            &format!("keepalive roundtrip: {seconds}.{micros:06} sec - ruid [{ruid}]{end}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kamailio 5.6.3 wrote it.
    #[test]
    fn tags() {
        let tag = Tag::parse(b"uloc-6b03ef51-52f7-1-6d-6b03ef53-9ca90-1.1").unwrap();
        assert_eq!(tag.ruid, b"uloc-6b03ef51-52f7-1");
        assert_eq!(tag.aor_hash, 0x6d);
        assert_eq!(tag.sent, 0x6b03_ef53 * 1_000_000 + 0x9_ca90);
        for other in [
            &b""[..],
            b"uloc-6b03c2f3-5dbb-1-3c33e6-662ee8f4",
            b"uloc-1-2-3-4",
            b"uloc-x-6d-zz-1-1.1",
            b"x-6d-1-1-1.1",
            b"uloc-a-b-ffffffffffffffff-1-1.1",
        ] {
            assert_eq!(Tag::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn requests_answers_and_silence() {
        let sim = testkit::Sim::new(1);
        let config = r#"
            loadmodule "pv.so"
            loadmodule "sl.so"
            loadmodule "usrloc.so"
            loadmodule "registrar.so"
            modparam("usrloc", "timer_interval", 10)
            modparam("usrloc", "ka_mode", 5)
            modparam("usrloc", "ka_timeout", 25)
            modparam("usrloc", "ka_loglevel", -1)
            request_route { save("location"); }
        "#;
        let server = sim
            .server("10.0.0.1:5060", config, crate::LIBRARY)
            .unwrap_or_else(|e| panic!("{e}"));
        let phone = sim.agent("10.0.0.2:5060");
        phone.send(
            "10.0.0.1:5060",
            "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\nFrom: <sip:a@x>;tag=1\n\
             To: <sip:a@x>\nCall-ID: c\nCSeq: 1 REGISTER\nContact: <sip:a@10.0.0.2>;expires=900\n\
             Content-Length: 0\n\n",
        );
        sim.run_for(10_500);
        let request = phone.receive_all().pop().unwrap();
        let lines: Vec<&str> = request.split("\r\n").collect();
        assert_eq!(lines[0], "OPTIONS sip:a@10.0.0.2 SIP/2.0");
        assert!(lines[1].starts_with("Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx."));
        assert!(lines[2].starts_with("From: <sip:server@kamailio.org>;tag=uloc-"));
        assert_eq!(lines[3], "To: <sip:a@kamailio.org>");
        assert_eq!(lines[5], "CSeq: 80 OPTIONS");
        let copied = lines[1..6].join("\n");
        let reply = format!("SIP/2.0 200 OK\n{copied}\nContent-Length: 0\n\n");
        phone.send("10.0.0.1:5060", &reply);
        sim.run_for(100);
        let told = |line: &&String| line.contains("keepalive roundtrip: 0.");
        assert_eq!(server.log_lines().iter().filter(told).count(), 1);
        let is_known = || {
            server
                .rpc("ul.lookup", &["location".into(), "a".into()])
                .is_ok()
        };
        sim.run_for(30_000);
        assert!(is_known());
        sim.run_for(20_000);
        assert!(!is_known());
    }
}
