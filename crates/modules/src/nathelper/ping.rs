//! Keep-alives to registered contacts: four zero bytes or a SIP request, over UDP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use engine::Core;
use engine::forward;
use engine::socket::{Proto, SocketId};

use crate::usrloc::api::{
    Contact, GRACE, UnixTime, Usrloc, first_hop, hash_in_gruu, reach, unix_now,
};

/// How contacts are kept alive.
pub(super) struct Pinger {
    /// Milliseconds between two rounds.
    pub(super) interval: u64,
    /// Only contacts with usrloc's `nat_bflag`.
    pub(super) nated_only: bool,
    /// Branch flag of contacts that get a SIP request; 0 when not set.
    pub(super) sip_flag: u32,
    /// Branch flag of contacts that get nothing; 0 when not set.
    pub(super) disable_flag: u32,
    /// From of the SIP request; without one there is none.
    pub(super) from: Option<Bytes>,
    /// Method of the SIP request.
    pub(super) method: Bytes,
    /// Socket to send from instead of the contact's own.
    pub(super) socket: Option<SocketId>,
    /// Switched by RPC.
    pub(super) is_enabled: AtomicBool,
    /// Seconds without an answer after which a contact that gets SIP requests goes; 0: it stays.
    pub(super) timeout: u32,
}

/// One keep-alive to send.
struct Ping {
    target: Bytes,
    socket: Option<SocketId>,
    /// The request's ingredients; `None` for four zero bytes.
    request: Option<Request>,
}

struct Request {
    uri: Bytes,
    path: Bytes,
    tag: String,
}

impl Pinger {
    /// Sends a keep-alive to every contact that wants one.
    pub(super) fn run(&self, core: &Arc<Core>, usrloc: &Usrloc) {
        if !self.is_enabled.load(Ordering::Relaxed) {
            return;
        }
        let now = unix_now(core);
        for domain in usrloc.domains().iter() {
            let mut pings = Vec::new();
            // Nothing is sent while contacts are locked.
            domain.each_contact(|aor, contact| {
                if contact.is_valid(now) && !self.is_given_up(usrloc, contact, now) {
                    pings.extend(self.ping(core, usrloc, aor, contact));
                }
            });
            for ping in pings {
                self.send(core, ping);
            }
        }
        if self.timeout > 0 {
            for domain in usrloc.domains().iter() {
                domain.shorten_where(now.saturating_add(GRACE), |contact| {
                    self.is_given_up(usrloc, contact, now)
                });
            }
        }
    }

    /// Whether a contact has stopped to answer what it is asked.
    fn is_given_up(&self, usrloc: &Usrloc, contact: &Contact, now: UnixTime) -> bool {
        contact.is_silent(self.timeout, now) && self.is_asked(usrloc, contact)
    }

    /// Whether a contact gets keep-alives at all.
    fn is_wanted(&self, usrloc: &Usrloc, contact: &Contact) -> bool {
        let flags = contact.branch_flags;
        (!self.nated_only || flags & usrloc.options.nat_flag != 0) && flags & self.disable_flag == 0
    }

    /// Whether a contact gets keep-alives that it is to answer.
    fn is_asked(&self, usrloc: &Usrloc, contact: &Contact) -> bool {
        self.is_wanted(usrloc, contact)
            && self.sip_flag != 0
            && self.from.is_some()
            && (!self.nated_only || contact.branch_flags & self.sip_flag != 0)
    }

    fn ping(&self, core: &Core, usrloc: &Usrloc, aor: &[u8], contact: &Contact) -> Option<Ping> {
        if !self.is_wanted(usrloc, contact) {
            return None;
        }
        let received = contact.received();
        let target = if received.is_empty() {
            contact.uri()
        } else {
            received
        };
        let request = self.is_asked(usrloc, contact).then(|| Request {
            uri: contact.uri(),
            path: contact.path(),
            tag: format!(
                "{}-{}-{:08x}",
                String::from_utf8_lossy(contact.ruid_bytes()),
                hash_in_gruu(u64::from(engine::hash::core_hash(aor))),
                core.services.random.next() as u32
            ),
        });
        Some(Ping {
            target: request
                .as_ref()
                .and_then(|r| first_hop(&r.path))
                .unwrap_or(target),
            socket: self.socket.or(contact.socket),
            request,
        })
    }

    fn send(&self, core: &Arc<Core>, ping: Ping) {
        let to = reach(core, &ping.target, ping.socket).filter(|to| to.proto == Proto::Udp);
        if let Some(to) = to
            && let Some(mut bytes) = self.print(core, &ping, to.socket)
        {
            // A keep-alive that does not go out is made good by the next one.
            let _ = forward::send(core, &to, &mut bytes);
        }
    }

    fn print(&self, core: &Core, ping: &Ping, socket: SocketId) -> Option<Vec<u8>> {
        let socket = core.sockets.by_id(socket)?;
        let bytes = match (&ping.request, &self.from) {
            (Some(request), Some(from)) => {
                let host = socket.advertised_host.as_ref().unwrap_or(&socket.host);
                let port = socket
                    .advertised_port
                    .map_or_else(|| socket.port.clone(), |p| p.to_string().into());
                let random = || core.services.random.next();
                request.print(&self.method, from, host, &port, random)
            }
            _ => vec![0; 4],
        };
        Some(bytes)
    }
}

impl Request {
    fn print(
        &self,
        method: &[u8],
        from: &[u8],
        host: &[u8],
        port: &[u8],
        random: impl Fn() -> u64,
    ) -> Vec<u8> {
        let branch = format!("{}", random() % 10_000_000);
        let call_id = format!(
            "{:x}-{:x}-{:x}@",
            random() as u32,
            random() as u32,
            random() as u32
        );
        let mut out = Vec::with_capacity(400);
        let mut put = |parts: &[&[u8]]| parts.iter().for_each(|p| out.extend_from_slice(p));
        put(&[method, b" ", &self.uri, b" SIP/2.0\r\n"]);
        put(&[b"Via: SIP/2.0/UDP ", host, b":", port]);
        put(&[b";branch=z9hG4bK", branch.as_bytes(), b"\r\n"]);
        if !self.path.is_empty() {
            put(&[b"Route: ", &self.path, b"\r\n"]);
        }
        put(&[b"From: ", from, b";tag=", self.tag.as_bytes(), b"\r\n"]);
        put(&[b"To: ", &self.uri, b"\r\n"]);
        put(&[b"Call-ID: ", call_id.as_bytes(), host, b"\r\n"]);
        put(&[b"CSeq: 1 ", method, b"\r\n"]);
        put(&[b"Content-Length: 0\r\n\r\n"]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_look_like_kamailios() {
        let request = Request {
            uri: "sip:alice@127.0.46.8:5060;x=y".into(),
            path: Bytes::new(),
            tag: "uloc-6b03c2f3-5dbb-1-3c33e6-662ee8f4".to_owned(),
        };
        let out = request.print(
            b"OPTIONS",
            b"sip:pinger@kamailio.org",
            b"127.0.46.1",
            b"5060",
            || 7,
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "OPTIONS sip:alice@127.0.46.8:5060;x=y SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.46.1:5060;branch=z9hG4bK7\r\n\
             From: sip:pinger@kamailio.org;tag=uloc-6b03c2f3-5dbb-1-3c33e6-662ee8f4\r\n\
             To: sip:alice@127.0.46.8:5060;x=y\r\n\
             Call-ID: 7-7-7@127.0.46.1\r\n\
             CSeq: 1 OPTIONS\r\n\
             Content-Length: 0\r\n\r\n"
        );
    }
}
