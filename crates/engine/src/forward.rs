//! Printing what leaves, and where it goes: forwarded requests (RFC 3261 section 16.6) and
//! forwarded replies (16.7, 18.2.2).

use std::cell::Cell;
use std::net::SocketAddr;

use bytes::Bytes;
use sip::header::via::Via;
use sip::print::{
    StartLineOverride, ViaLine, fix_content_length, via_line, write_message,
    write_message_expanding,
};
use sip::{Edits, HeaderKind, Message, Span, UriRef};

use crate::context::{SendOptions, XavpValue};
use crate::core::Core;
use crate::net::{AddressText, parse_address};
use crate::services::{Candidate, LocateQuery, Located, SendError};
use crate::socket::{ConnectionId, Destination, ListenSocket, Proto, Received};

thread_local! {
    /// What messages are printed into before they are kept or sent.
    static PRINTED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A larger buffer is not kept for the next message.
const LARGEST_KEPT: usize = 64 << 10;

/// Prints into a buffer of the thread, and does something with it.
pub fn with_buffer<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut out = PRINTED.take();
    out.clear();
    let result = work(&mut out);
    if out.capacity() <= LARGEST_KEPT {
        PRINTED.set(out);
    }
    result
}

/// A printed message, in no more memory than it needs: transactions keep many.
pub fn printed(print: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    with_buffer(|out| {
        print(out);
        Bytes::copy_from_slice(out)
    })
}

/// What a forwarded request gets beyond its edits.
pub struct Outgoing<'a> {
    /// New request URI; `None` keeps the received one.
    pub uri: Option<&'a [u8]>,
    /// The socket it leaves by, which names our Via.
    pub socket: &'a ListenSocket,
    /// Transport in our Via.
    pub proto: Proto,
    /// `set_advertised_address` / core `advertised_address`.
    pub advertised_host: Option<&'a [u8]>,
    /// `set_advertised_port` / core `advertised_port`.
    pub advertised_port: Option<u16>,
    /// Branch of our Via.
    pub branch: &'a [u8],
    /// Put `;rport` into our Via.
    pub rport: bool,
    /// Further parameters of our Via, each with its semicolon.
    pub via_params: &'a [u8],
    /// Path vector, which becomes a Route header below our Via (RFC 3327 section 5.3).
    pub path: Option<&'a [u8]>,
    /// Edits of the message and of the branch, in order.
    pub edits: &'a [&'a Edits],
}

/// The message that is about to leave, for `onsend_route` and its variables: kept with the context
/// while that runs.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Where it goes.
    pub to: Destination,
    /// What is sent.
    pub bytes: Bytes,
}

/// Runs `onsend_route` on a request that is about to leave, then `then`, which gets the request
/// back, or nothing when the script drops it. The script may take its time.
pub fn before_leaving(
    cx: &mut crate::Context,
    to: &Destination,
    bytes: Bytes,
    then: impl FnOnce(&mut crate::Context, Option<Bytes>) -> crate::module::Outcome + Send + 'static,
) -> crate::module::Outcome {
    let Some(route) = cx.program.onsend_route() else {
        return then(cx, Some(bytes));
    };
    cx.extensions.insert(Sending { to: *to, bytes });
    let kind = crate::context::RunKind::OnSend;
    crate::route::run_nested_then(cx, route, kind, move |cx, ended| {
        let sending = cx.extensions.remove::<Sending>();
        let kept = sending.filter(|_| ended.how != script::vm::How::Drop);
        then(cx, kept.map(|sending| sending.bytes))
    })
}

/// Runs `onsend_route` on a forwarded reply that is about to leave, if `onsend_route_reply` asks
/// for that; `None`: the script drops it.
pub fn reply_leaving(cx: &mut crate::Context, to: &Destination, bytes: Bytes) -> Option<Bytes> {
    let route = cx.program.onsend_route();
    let Some(route) = route.filter(|_| cx.core.settings.onsend_for_replies) else {
        return Some(bytes);
    };
    cx.extensions.insert(Sending { to: *to, bytes });
    let ended = crate::route::run_nested(cx, route, crate::context::RunKind::OnSend);
    let sending = cx.extensions.remove::<Sending>();
    sending
        .filter(|_| ended.how != script::vm::How::Drop)
        .map(|sending| sending.bytes)
}

/// How a request leaves that is too large for a datagram: to the same address by the transport of
/// `udp_mtu_try_proto`. `None`: as it was meant to.
#[must_use]
pub fn larger_way(cx: &crate::Context, to: &Destination, size: usize) -> Option<Destination> {
    let limit = usize::try_from(cx.core.core_cfg.udp_mtu.get()).ok()?;
    if limit == 0 || size <= limit || to.proto != Proto::Udp {
        return None;
    }
    let number = cx.core.core_cfg.udp_mtu_try_proto.get();
    let global = Proto::ALL.into_iter().find(|p| p.number() == number);
    // UDP asks for nothing, here as there.
    let asked = cx.options.large_proto.filter(|p| *p != Proto::Udp);
    let proto = asked.or(global)?;
    let way = Candidate {
        proto,
        address: to.peer,
    };
    let socket = socket_for(&cx.core, &way, cx.target.socket, Some(&cx.received))?;
    (proto != Proto::Udp).then_some(Destination {
        proto,
        socket: socket.id,
        ..*to
    })
}

/// Whether a request may leave by another way than planned: then it is worth to measure it.
#[must_use]
pub fn has_larger_way(cx: &crate::Context, to: &Destination) -> bool {
    to.proto == Proto::Udp && cx.core.core_cfg.udp_mtu.get() != 0
}

/// Appends a request as it is forwarded: our Via on top, `received` and `rport` in the one below
/// as [`note_source`] put them into the edits, and the Content-Length that body and transport need.
///
/// Edits that depend on the socket (Record-Route) are completed here with `how`; see
/// [`crate::template`].
pub fn write_request(out: &mut Vec<u8>, msg: &Message, received: &Received, how: &Outgoing<'_>) {
    let mut own = Edits::new();
    let top = msg
        .first(HeaderKind::Via)
        .map_or(msg.headers_start(), |h| h.whole.start());
    own.insert_after(top, own_via(received, how));
    if let Some(path) = how.path {
        own.insert_after(top, [b"Route: ", path, b"\r\n"].concat().into());
    }
    let length = fix_content_length(msg, how.edits, how.proto.is_reliable());
    let mut all: smallvec::SmallVec<[&Edits; 5]> = smallvec::SmallVec::new();
    all.extend_from_slice(how.edits);
    all.push(&own);
    all.extend(&length);
    let line = how.uri.map(StartLineOverride::RequestUri);
    write_message_expanding(out, msg, line, &all, &mut |out, text| {
        crate::template::expand(out, text, how);
    });
}

/// Appends a request that was sent before, as [`write_request`] made it, with another Via of ours on
/// top: for another way or branch. Nothing below the Via changes.
pub fn write_again(out: &mut Vec<u8>, sent: &[u8], received: &Received, how: &Outgoing<'_>) {
    let end_of_line = |from: usize| {
        let rest = sent.get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(sent.len(), |at| from + at + 1)
    };
    let start_line = end_of_line(0);
    let via = end_of_line(start_line);
    out.extend_from_slice(&sent[..start_line]);
    out.extend_from_slice(&own_via(received, how));
    out.extend_from_slice(&sent[via..]);
}

/// Whether what cannot be delivered goes to the next address of its name.
#[must_use]
pub fn has_failover(core: &Core) -> bool {
    core.core_cfg.use_dns_failover.get() != 0
}

/// Host and port by which a request names the socket that it leaves by. No port: the default one,
/// which nobody asked to see. A port that was set for advertising always shows.
pub(crate) fn sent_by<'a>(how: &Outgoing<'a>) -> (&'a [u8], Option<u16>) {
    let host = how
        .advertised_host
        .or(how.socket.advertised_host.as_deref())
        .unwrap_or(&how.socket.host);
    let bound = how.socket.address.port();
    let port = how
        .advertised_port
        .or(how.socket.advertised_port)
        .or((bound != DEFAULT_PORT).then_some(bound));
    (host, port)
}

/// The port that need not be written, whatever the transport: Kamailio shows 5061 even for TLS.
pub(crate) const DEFAULT_PORT: u16 = 5060;

fn own_via(received: &Received, how: &Outgoing<'_>) -> Bytes {
    let mut params = Vec::new();
    // Replies find the caller's connection by this number, whatever its address shows.
    if let Some(ConnectionId(id)) = received.connection {
        params.extend_from_slice(format!(";i={id:x}").as_bytes());
    }
    if how.rport {
        params.extend_from_slice(b";rport");
    }
    params.extend_from_slice(how.via_params);
    let (host, port) = sent_by(how);
    let mut line = Vec::with_capacity(96);
    via_line(
        &mut line,
        &ViaLine {
            transport: how.proto.via_name().as_bytes(),
            host,
            port,
            branch: how.branch,
            params: &params,
        },
    );
    line.into()
}

/// What the script asks to have in our Via: `server_id`, and the values of the XAVP that
/// `xavp_via_params` names. What would end the line is left out.
#[must_use]
pub fn via_params(cx: &crate::Context) -> Vec<u8> {
    let mut params = Vec::new();
    if cx.options.add_via_srvid && cx.core.settings.server_id != 0 {
        params.extend_from_slice(format!(";srvid={}", cx.core.settings.server_id).as_bytes());
    }
    let name = cx.core.settings.xavp_via_params.as_ref();
    let Some(name) = name.filter(|_| cx.options.add_via_params) else {
        return params;
    };
    let Some(store) = cx.avps.read() else {
        return params;
    };
    let root = store.xavps.iter().find(|xavp| xavp.name == *name);
    let Some(XavpValue::List(list)) = root.map(|xavp| &xavp.value) else {
        return params;
    };
    for xavp in list {
        let XavpValue::Plain(value) = &xavp.value else {
            continue;
        };
        let value = value.to_bytes();
        if [&xavp.name, &value]
            .iter()
            .any(|text| text.iter().any(u8::is_ascii_control))
        {
            continue;
        }
        params.push(b';');
        params.extend_from_slice(&xavp.name);
        if !value.is_empty() {
            params.push(b'=');
            params.extend_from_slice(&value);
        }
    }
    params
}

/// What the top Via of a request learns of where the request came from (RFC 3261 section 18.2.1,
/// RFC 3581).
#[derive(Clone, Copy, Debug, Default)]
pub struct Source {
    /// The source address: when sent-by is another one, or the client asked for `rport`, or wrote
    /// a `received` of its own.
    pub received: Option<AddressText>,
    /// The source port: when the client asked for it or the script forces it.
    pub rport: Option<u16>,
}

impl Source {
    /// What to note in the top Via of a request that came in like this.
    #[must_use]
    pub fn of(msg: &Message, received: &Received, options: &SendOptions) -> Self {
        let Some(Ok(via)) = msg.via1() else {
            return Self::default();
        };
        let source = received.source;
        let host = via.host.get(msg.raw());
        let text = AddressText::new(source.ip());
        // Most write their address as we do.
        let same_host = || {
            host == text.as_bytes() || {
                let written = std::str::from_utf8(host).ok().and_then(parse_address);
                written.is_some_and(|a| a == source.ip())
            }
        };
        let asked = via.rport.is_some();
        let is_known = || options.sender_is_named || same_host();
        let is_noted = asked || via.received.is_some() || !is_known();
        Self {
            received: is_noted.then_some(text),
            rport: (asked || options.force_rport).then(|| source.port()),
        }
    }
}

/// Notes the source of a request in its top Via, as it is forwarded.
pub fn note_source(edits: &mut Edits, msg: &Message, received: &Received, options: &SendOptions) {
    let source = Source::of(msg, received, options);
    sip::forward::mark_via(
        edits,
        msg,
        source.received.as_ref().map(AddressText::as_bytes),
        source.rport,
    );
}

/// Appends a reply as it is forwarded over a transport: without our Via on top, with the
/// Content-Length that body and transport need.
pub fn write_reply(out: &mut Vec<u8>, msg: &Message, edits: &Edits, proto: Proto) {
    let mut own = Edits::new();
    own.delete(top_via_span(msg));
    let length = fix_content_length(msg, &[edits], proto.is_reliable());
    let mut all: smallvec::SmallVec<[&Edits; 3]> = smallvec::SmallVec::new();
    all.push(edits);
    all.push(&own);
    all.extend(&length);
    write_message(out, msg, None, &all);
}

/// The bytes of the top Via element: the whole header line if it stands alone, else up to the
/// next element.
#[must_use]
pub fn top_via_span(msg: &Message) -> Span {
    let Some(header) = msg.first(HeaderKind::Via) else {
        return Span::of(0, 0);
    };
    match msg.via1() {
        Some(Ok(Via {
            next: Some(next),
            whole,
            ..
        })) => {
            let buf: &[u8] = msg.raw();
            let mut end = *next as usize;
            while buf.get(end).is_some_and(|b| matches!(b, b' ' | b'\t')) {
                end += 1;
            }
            Span::of(whole.start(), end)
        }
        _ => header.whole,
    }
}

/// Where a reply goes by a Via element (RFC 3261 section 18.2.2, RFC 3581): to the connection it
/// names, else to `received`:`rport`, else to sent-by; from the socket that it came in by if that fits.
///
/// Returns `Err` with the name to look up when sent-by is no address.
///
/// # Errors
/// The query to resolve.
pub fn reply_destination(
    core: &Core,
    msg: &Message,
    via: &Via,
    received: &Received,
) -> Result<Option<Destination>, LocateQuery> {
    let buf: &[u8] = msg.raw();
    let Some(proto) = Proto::from_name(via.transport.get(buf)) else {
        return Ok(None);
    };
    let connection = via
        .i
        .and_then(|s| std::str::from_utf8(s.get(buf)).ok())
        .and_then(|t| u64::from_str_radix(t, 16).ok())
        .map(ConnectionId);
    let port = via
        .rport
        .and_then(|s| sip::chars::decimal(s.get(buf)))
        .and_then(|p| u16::try_from(p).ok())
        .filter(|p| *p != 0)
        .or(via.port);
    let host = via.maddr.or(via.received).unwrap_or(via.host).get(buf);
    let Some(address) = std::str::from_utf8(host).ok().and_then(parse_address) else {
        return Err(LocateQuery {
            host: Bytes::copy_from_slice(host),
            port,
            proto: Some(proto),
            secure: false,
        });
    };
    let peer = SocketAddr::new(address, port.unwrap_or_else(|| proto.default_port()));
    let candidate = Candidate {
        proto,
        address: peer,
    };
    Ok(
        socket_for(core, &candidate, None, Some(received)).map(|socket| Destination {
            proto,
            peer,
            socket: socket.id,
            connection,
            no_connect: false,
            close: false,
        }),
    )
}

/// Where a request goes: the next hop's transport, address and our socket.
#[must_use]
pub fn locate(core: &Core, uri: &UriRef<'_>, proto: Option<Proto>) -> Located {
    let mut query = query_of(uri);
    query.proto = query.proto.or(proto);
    core.services.resolver.locate(query)
}

/// What to look up to send to a URI.
#[must_use]
pub fn query_of(uri: &UriRef<'_>) -> LocateQuery {
    let maddr = uri.param(b"maddr").filter(|m| !m.is_empty());
    let host = maddr.unwrap_or_else(|| uri.host());
    let bare = host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]"));
    LocateQuery {
        host: Bytes::copy_from_slice(bare.unwrap_or(host)),
        // Nothing can be sent to 0: as in Kamailio it counts as none.
        port: uri.port().filter(|port| *port != 0),
        proto: uri.transport().and_then(Proto::from_name),
        secure: uri.scheme() == sip::uri::Scheme::Sips,
    }
}

/// The socket with the address that the system would send to a peer from, when `mhomed` asks for
/// it.
fn socket_by_route(core: &Core, proto: Proto, peer: SocketAddr) -> Option<&ListenSocket> {
    if !core.settings.mhomed {
        return None;
    }
    let ours = core.services.network.address_towards(peer)?;
    core.sockets
        .all()
        .iter()
        .find(|s| s.proto == proto && s.address.ip() == ours)
}

/// Our socket for a candidate: the forced one if it fits, else the one on the way there if
/// `mhomed` is on, else the one the message came by if it fits, else the first of that transport
/// and address family.
#[must_use]
pub fn socket_for<'c>(
    core: &'c Core,
    to: &Candidate,
    forced: Option<crate::socket::SocketId>,
    received: Option<&Received>,
) -> Option<&'c ListenSocket> {
    let fits =
        |s: &&ListenSocket| s.proto == to.proto && s.address.is_ipv4() == to.address.is_ipv4();
    forced
        .and_then(|id| core.sockets.by_id(id))
        .and_then(|s| {
            if fits(&s) {
                Some(s)
            } else {
                core.sockets.find(&s.host, None, Some(to.proto))
            }
        })
        .or_else(|| socket_by_route(core, to.proto, to.address))
        .or_else(|| {
            received
                .and_then(|r| core.sockets.by_id(r.socket))
                .filter(fits)
        })
        .or_else(|| core.sockets.first_for(to.proto, to.address.ip()))
}

/// Sends bytes after the send hooks saw them.
///
/// # Errors
/// What the network says.
pub fn send(
    core: &std::sync::Arc<Core>,
    to: &Destination,
    message: &mut Vec<u8>,
) -> Result<(), SendError> {
    for hook in &core.hooks.send {
        hook(core, to, message);
    }
    core.services.network.send(to, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::SocketId;
    use sip::Tolerance;

    fn received(source: &str) -> Received {
        Received {
            proto: Proto::Udp,
            source: source.parse().unwrap(),
            destination: "127.0.33.1:5060".parse().unwrap(),
            socket: SocketId(0),
            connection: None,
        }
    }

    fn forwarded(via: &str, source: &str, force: bool) -> String {
        let text = format!("OPTIONS sip:a@b SIP/2.0\r\n{via}\r\nMax-Forwards: 70\r\n\r\n");
        let msg = Message::parse(Bytes::from(text), &Tolerance::KAMAILIO).unwrap();
        let mut edits = Edits::new();
        let received = received(source);
        let options = SendOptions {
            force_rport: force,
            ..SendOptions::default()
        };
        note_source(&mut edits, &msg, &received, &options);
        let socket = ListenSocket::new(SocketId(0), Proto::Udp, received.destination);
        let mut out = Vec::new();
        let how = Outgoing {
            uri: None,
            socket: &socket,
            proto: Proto::Udp,
            advertised_host: None,
            advertised_port: None,
            branch: b"z9hG4bKx.0",
            rport: false,
            via_params: b"",
            path: None,
            edits: &[&edits],
        };
        write_request(&mut out, &msg, &received, &how);
        let text = String::from_utf8(out).unwrap();
        text.lines().nth(2).unwrap().to_owned()
    }

    /// Pinned to what Kamailio 5.6.3 sends.
    #[test]
    fn received_and_rport() {
        let cases = [
            (
                "Via: SIP/2.0/UDP 127.0.33.8:5088;branch=z",
                false,
                "Via: SIP/2.0/UDP 127.0.33.8:5088;branch=z",
            ),
            (
                "Via: SIP/2.0/UDP 127.0.33.8:5088;branch=z;rport",
                false,
                "Via: SIP/2.0/UDP 127.0.33.8:5088;received=127.0.33.8;branch=z;rport=5088",
            ),
            (
                "Via: SIP/2.0/UDP 127.0.33.8:5088;branch=z",
                true,
                "Via: SIP/2.0/UDP 127.0.33.8:5088;rport=5088;branch=z",
            ),
            (
                "Via: SIP/2.0/UDP 10.1.1.1:5088;branch=z",
                true,
                "Via: SIP/2.0/UDP 10.1.1.1:5088;rport=5088;received=127.0.33.8;branch=z",
            ),
            (
                "Via: SIP/2.0/UDP 10.1.1.1;rport;branch=z,SIP/2.0/UDP 1.1.1.1;branch=z1",
                false,
                "Via: SIP/2.0/UDP 10.1.1.1;received=127.0.33.8;rport=5088;branch=z,SIP/2.0/UDP 1.1.1.1;branch=z1",
            ),
            (
                "Via: SIP/2.0/UDP 10.1.1.1;branch=z;received=3.3.3.3;rport=88",
                false,
                "Via: SIP/2.0/UDP 10.1.1.1;branch=z;received=127.0.33.8;rport=5088",
            ),
        ];
        for (via, force, expected) in cases {
            assert_eq!(forwarded(via, "127.0.33.8:5088", force), expected);
        }
    }
}
