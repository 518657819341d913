//! `forward()`: sends the request on without keeping state (RFC 3261 section 16.11).

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use sip::{Edits, UriRef};

use crate::arguments::Args;
use crate::context::Context;
use crate::forward::{self, Outgoing, note_source, socket_for, write_request};
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};
use crate::services::{Candidate, LocateQuery, Located};
use crate::socket::{Destination, Proto};

/// What is sent to the place that was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// With our Via, as a proxy forwards.
    Forwarded,
    /// As it is, changes applied, without a Via of ours.
    Bare,
}

/// `forward([host[, port]])` and `forward_udp(…)` and its kin, which fix the transport.
pub(super) fn forward(cx: &mut Context, args: &Args<'_>, proto: Option<Proto>) -> Outcome {
    if !cx.msg.is_request() {
        cx.log(Level::Error, "forward() of a reply");
        return FALSE;
    }
    let query = if args.is_empty() {
        next_hop(cx)
    } else {
        named(cx, args, proto)
    };
    match query {
        Some(mut query) => {
            query.proto = proto.or(query.proto);
            send_to(cx, query, Form::Forwarded)
        }
        None => {
            cx.log(Level::Error, "forward() has nowhere to go");
            FALSE
        }
    }
}

/// The next hop that the script set, else the request URI.
#[must_use]
pub fn next_hop(cx: &Context) -> Option<LocateQuery> {
    let uri = cx
        .target
        .dst_uri
        .clone()
        .unwrap_or_else(|| cx.request_uri());
    query_of(&uri)
}

/// What to look up to send to a URI.
#[must_use]
pub fn query_of(uri: &[u8]) -> Option<LocateQuery> {
    let query = forward::query_of(&UriRef::parse(uri).ok()?);
    (!query.host.is_empty()).then_some(query)
}

fn without_brackets(host: &[u8]) -> &[u8] {
    host.strip_prefix(b"[")
        .and_then(|h| h.strip_suffix(b"]"))
        .unwrap_or(host)
}

/// Host and port given as arguments; `uri:host` and `uri:port` take them from the request URI.
fn named(cx: &mut Context, args: &Args<'_>, proto: Option<Proto>) -> Option<LocateQuery> {
    let host = args.text(cx, 0);
    let port = args.text(cx, 1);
    let current = cx.request_uri();
    let uri = UriRef::parse(&current).ok();
    let host = match &host[..] {
        b"uri:host" => Bytes::copy_from_slice(uri?.host()),
        _ => host,
    };
    let port = match &port[..] {
        b"uri:port" => uri?.port(),
        b"" => None,
        digits => Some(sip::chars::decimal(digits).and_then(|p| u16::try_from(p).ok())?),
    };
    place(&host, port, proto)
}

/// A host with an optional transport in front and an optional port behind: `udp:10.0.0.1:5060`.
#[must_use]
pub fn place(text: &[u8], port: Option<u16>, proto: Option<Proto>) -> Option<LocateQuery> {
    let (proto, rest) = match memchr::memchr(b':', text) {
        Some(at) if Proto::from_name(&text[..at]).is_some() => {
            (Proto::from_name(&text[..at]), &text[at + 1..])
        }
        _ => (proto, text),
    };
    let after_host = rest.iter().rposition(|b| *b == b']').map_or(0, |i| i + 1);
    let (host, written) = match memchr::memrchr(b':', &rest[after_host..]) {
        // More than one colon without brackets is an IPv6 address.
        Some(at) if after_host > 0 || memchr::memchr(b':', &rest[..at]).is_none() => {
            let at = after_host + at;
            let digits = sip::chars::decimal(&rest[at + 1..])?;
            (&rest[..at], Some(u16::try_from(digits).ok()?))
        }
        _ => (rest, None),
    };
    if host.is_empty() {
        return None;
    }
    Some(LocateQuery {
        host: Bytes::copy_from_slice(without_brackets(host)),
        port: written.or(port),
        proto,
        secure: false,
    })
}

/// Sends the request in work to a place; waits when its name must be looked up.
pub fn send_to(cx: &mut Context, query: LocateQuery, form: Form) -> Outcome {
    match cx.core.services.resolver.locate(query) {
        Located::Ready(found) => deliver(cx, found.first(), form),
        Located::Later(wait) => Outcome::Wait(Box::pin(async move {
            let found = wait.await;
            Box::new(move |cx: &mut Context| deliver(cx, found.first(), form)) as _
        })),
    }
}

fn deliver(cx: &mut Context, to: Option<&Candidate>, form: Form) -> Outcome {
    let Some(candidate) = to else {
        cx.log(Level::Error, "the next hop cannot be resolved");
        return FALSE;
    };
    let core = Arc::clone(&cx.core);
    let forced = cx.target.socket;
    let Some(socket) = socket_for(&core, candidate, forced, Some(&cx.received)) else {
        cx.log(Level::Error, "no socket to forward by");
        return FALSE;
    };
    let mut to = Destination {
        proto: candidate.proto,
        peer: candidate.address,
        socket: socket.id,
        connection: None,
        no_connect: cx.options.forward_no_connect,
        close: cx.options.forward_close,
    };
    let mut out = Vec::with_capacity(cx.msg.raw().len() + 256);
    match form {
        Form::Forwarded => {
            print(cx, socket, candidate.proto, &mut out);
            if let Some(other) = forward::larger_way(cx, &to, out.len())
                && let Some(socket) = core.sockets.by_id(other.socket)
            {
                out.clear();
                to = other;
                print(cx, socket, to.proto, &mut out);
            }
        }
        Form::Bare => {
            let uri = cx.target.uri.as_deref();
            let line = uri.map(sip::print::StartLineOverride::RequestUri);
            sip::print::write_message(&mut out, &cx.msg, line, &[&cx.edits]);
        }
    }
    if form == Form::Bare {
        return if send(cx, &to, out) { TRUE } else { FALSE };
    }
    forward::before_leaving(cx, &to, out.into(), move |cx, out| {
        let Some(out) = out else { return TRUE };
        if !send(cx, &to, out.into()) {
            return FALSE;
        }
        cx.core.counters.fwd_requests.increment();
        TRUE
    })
}

fn send(cx: &mut Context, to: &Destination, mut out: Vec<u8>) -> bool {
    let core = Arc::clone(&cx.core);
    let sent = forward::send(&core, to, &mut out);
    if let Err(error) = sent {
        cx.log(Level::Error, &format!("not sent to {}: {error}", to.peer));
    }
    sent.is_ok()
}

fn print(cx: &Context, socket: &crate::socket::ListenSocket, proto: Proto, out: &mut Vec<u8>) {
    let mut own = Edits::new();
    note_source(&mut own, &cx.msg, &cx.received, &cx.options);
    let settings = &cx.core.settings;
    let branch = branch(cx);
    let how = Outgoing {
        uri: cx.target.uri.as_deref(),
        socket,
        proto,
        advertised_host: cx
            .advertised_host
            .as_deref()
            .or(settings.advertised_address.as_deref()),
        advertised_port: cx.advertised_port.or(settings.advertised_port),
        branch: branch.as_bytes(),
        rport: cx.options.add_local_rport,
        via_params: &forward::via_params(cx),
        path: cx.target.path.as_deref(),
        edits: &[&cx.edits, &own],
    };
    write_request(out, &cx.msg, &cx.received, &how);
}

/// A branch that is the same for retransmissions, and for the ACK and CANCEL of a request, without
/// being guessable (RFC 3261 section 16.11).
fn branch(cx: &Context) -> String {
    let mut hash = cx.core.tag_seed.build_hasher();
    hash.write(cx.msg.call_id().unwrap_or_default());
    hash.write(cx.msg.from_tag().unwrap_or_default());
    if let Some(Ok(cseq)) = cx.msg.cseq() {
        hash.write(cx.msg.text(cseq.number_span));
    }
    if let Some(Ok(via)) = cx.msg.via1() {
        hash.write(cx.msg.text(via.host));
        if let Some(branch) = via.branch {
            hash.write(cx.msg.text(branch));
        }
    }
    hash.write(&cx.request_uri());
    format!("z9hG4bK{:016x}.0", hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let of = |text: &str| {
            place(text.as_bytes(), None, None).map(|q| {
                (
                    String::from_utf8_lossy(&q.host).into_owned(),
                    q.port,
                    q.proto,
                )
            })
        };
        assert_eq!(of("h.com"), Some(("h.com".into(), None, None)));
        assert_eq!(of("h.com:77"), Some(("h.com".into(), Some(77), None)));
        assert_eq!(
            of("tcp:1.2.3.4:5"),
            Some(("1.2.3.4".into(), Some(5), Some(Proto::Tcp)))
        );
        assert_eq!(of("[::1]:9"), Some(("::1".into(), Some(9), None)));
        assert_eq!(of("fe80::1"), Some(("fe80::1".into(), None, None)));
        assert_eq!(of("h:x"), None);
        assert_eq!(of(""), None);
    }
}
