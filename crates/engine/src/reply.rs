//! Replies made here without a transaction, and replies forwarded without one.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use sip::Message;
use smallvec::SmallVec;

use crate::context::Context;
use crate::core::Core;
use crate::forward::{self, Source};
use crate::log::Level;
use crate::net::AddressText;
use crate::services::SendError;
use crate::socket::{Destination, Proto, Received};

/// How a reply of our own is addressed and marked.
#[derive(Clone, Debug, Default)]
pub struct LocalReply<'a> {
    /// Status code, 100 to 699.
    pub code: u16,
    /// Reason phrase.
    pub reason: &'a [u8],
    /// Tag for the To header when the request has none; `None` adds no tag.
    pub to_tag: Option<&'a [u8]>,
    /// Header lines to add, each with CRLF.
    pub headers: &'a [Bytes],
    /// Body.
    pub body: &'a [u8],
}

/// Appends a reply to the request of a context (RFC 3261 section 8.2.6), with `received` and
/// `rport` as the request's source and script ask for.
pub fn write(out: &mut Vec<u8>, cx: &Context, reply: &LocalReply<'_>) {
    let source = Source::of(&cx.msg, &cx.received, &cx.options);
    let headers = reply.headers.concat();
    let settings = &cx.core.settings;
    let warned = settings.sip_warning.then(|| cx.request_uri());
    let warning = warned.and_then(|uri| warning(&cx.core, &cx.msg, &cx.received, &uri));
    sip::reply::write(
        out,
        &cx.msg,
        reply.code,
        reply.reason,
        &sip::reply::ReplyParts {
            to_tag: reply.to_tag,
            received: source.received.as_ref().map(AddressText::as_bytes),
            rport: source.rport,
            headers: &headers,
            server: settings
                .server_signature
                .then_some(&settings.server_header[..]),
            warning: warning.as_deref(),
            body: reply.body,
            ..Default::default()
        },
    );
}

/// The Warning line that replies of ours get with `sip_warning`, without its CRLF: where the
/// request came from, and the request URI as received and as it is now.
#[must_use]
pub fn warning(core: &Core, msg: &Message, from: &Received, uri: &[u8]) -> Option<Vec<u8>> {
    if !core.settings.sip_warning {
        return None;
    }
    let socket = core.sockets.by_id(from.socket)?;
    let mut line = b"Warning: 392 ".to_vec();
    line.extend_from_slice(&socket.host);
    line.push(b':');
    line.extend_from_slice(&socket.port);
    let id = core.services.process.id();
    let (host, port) = (from.source.ip(), from.source.port());
    line.extend_from_slice(
        format!(" \"Noisy feedback tells:  pid={id} req_src_ip={host} req_src_port={port} in_uri=")
            .as_bytes(),
    );
    line.extend_from_slice(msg.request_uri());
    line.extend_from_slice(b" out_uri=");
    line.extend_from_slice(uri);
    line.extend_from_slice(format!(" via_cnt=={}\"", msg.vias().count()).as_bytes());
    Some(line)
}

/// The Contact line that a redirection (3xx) gets from the destination set, with its CRLF; `None`
/// while the script has named no destination.
#[must_use]
pub fn redirect_contact(cx: &Context) -> Option<Bytes> {
    redirect_contact_with(cx, RedirectDetails::default())
}

/// What the Contacts of a redirection say besides URI and q.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RedirectDetails {
    /// The branch flags, as a parameter.
    pub flags: bool,
    /// The path, as a Route header in the URI.
    pub path: bool,
    /// The request URI is no target; the appended branches are.
    pub only_appended: bool,
}

/// As [`redirect_contact`], with more details.
#[must_use]
pub fn redirect_contact_with(cx: &Context, details: RedirectDetails) -> Option<Bytes> {
    let main = (!details.only_appended).then_some(&cx.target);
    let all = main.into_iter().chain(cx.branches.as_slice());
    let mut line = Vec::new();
    for branch in all {
        let Some(uri) = &branch.uri else { continue };
        line.extend_from_slice(if line.is_empty() {
            b"Contact: <"
        } else {
            b", <"
        });
        line.extend_from_slice(uri);
        if let Some(path) = branch.path.as_ref().filter(|_| details.path) {
            line.extend_from_slice(b"?Route=");
            escape_header(&mut line, path);
        }
        line.push(b'>');
        if let Some(q) = branch.q {
            line.extend_from_slice(b";q=");
            line.extend_from_slice(q_text(q).as_bytes());
        }
        if details.flags {
            line.extend_from_slice(format!(";flags={}", branch.flags).as_bytes());
        }
    }
    if line.is_empty() {
        return None;
    }
    line.extend_from_slice(b"\r\n");
    Some(line.into())
}

/// Escapes a header value for a URI, as Kamailio does.
fn escape_header(out: &mut Vec<u8>, value: &[u8]) {
    for byte in value {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()[]/?:+$".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02x}").as_bytes());
        }
    }
}

/// A q value in thousandths as text, without needless zeros.
pub(crate) fn q_text(q: u16) -> String {
    match q {
        1000.. => "1".into(),
        0 => "0".into(),
        _ => format!("0.{q:03}").trim_end_matches('0').to_owned(),
    }
}

/// Where replies to a request go: back over its connection or to its source, as `rport` and the
/// Via say (RFC 3261 section 18.2.2, RFC 3581).
#[must_use]
pub fn destination(cx: &Context) -> Option<Destination> {
    let Some(Ok(via)) = cx.msg.via1() else {
        return None;
    };
    let mut to = Destination::back_to(&cx.received);
    to.no_connect = cx.options.reply_no_connect;
    to.close = cx.options.reply_close;
    if !cx.received.proto.is_reliable() && !cx.options.force_rport && via.rport.is_none() {
        to.peer
            .set_port(via.port.unwrap_or_else(|| cx.received.proto.default_port()));
    }
    if cx.core.settings.reply_to_via
        && !cx.received.proto.is_reliable()
        && let Some(host) = std::str::from_utf8(cx.msg.text(via.host)).ok()
        && let Some(address) = crate::net::parse_address(host)
    {
        to.peer.set_ip(address);
    }
    Some(to)
}

/// Answers a request without a transaction. Extra header lines come after those of
/// `append_to_reply`.
///
/// # Errors
/// What the network says.
pub fn send_stateless(
    cx: &mut Context,
    code: u16,
    reason: &[u8],
    headers: &[Bytes],
) -> Result<(), SendError> {
    let Some(to) = destination(cx) else {
        return Err(SendError::NoSocket);
    };
    let tag = stateless_tag(&cx.core, cx);
    let mut lines = std::mem::take(&mut cx.reply_headers);
    let own = lines.len();
    lines.extend_from_slice(headers);
    let reply = LocalReply {
        code,
        reason,
        to_tag: (code != 100).then_some(tag.as_slice()),
        headers: &lines,
        body: &cx.reply_body,
    };
    let sent = forward::with_buffer(|out| {
        write(out, cx, &reply);
        forward::send(&cx.core, &to, out)
    });
    lines.truncate(own);
    cx.reply_headers = lines;
    sent
}

/// The To tag of stateless replies: the same for retransmissions of a request, so that its ACK is
/// recognised, and not to be guessed.
#[must_use]
pub fn stateless_tag(core: &Core, cx: &Context) -> SmallVec<[u8; 64]> {
    let mut hash = core.tag_seed.build_hasher();
    hash.write(cx.msg.call_id().unwrap_or_default());
    if let Some(Ok(via)) = cx.msg.via1()
        && let Some(branch) = via.branch
    {
        hash.write(cx.msg.text(branch));
    }
    hash.write(cx.msg.from_tag().unwrap_or_default());
    let mut tag = SmallVec::from_slice(core.tag_prefix.as_bytes());
    tag.push(b'.');
    let hash = hash.finish();
    for digit in (0..16).rev() {
        tag.push(b"0123456789abcdef"[(hash >> (4 * digit) & 15) as usize]);
    }
    tag
}

/// Whether a To tag is one of our stateless replies'.
#[must_use]
pub fn is_stateless_tag(core: &Core, tag: &[u8]) -> bool {
    tag.strip_prefix(core.tag_prefix.as_bytes())
        .is_some_and(|rest| rest.first() == Some(&b'.'))
}

/// Forwards a reply by its second Via. A reply whose top Via is not ours, or that has no second
/// one, is dropped.
pub fn forward_stateless(cx: &mut Context) {
    let core = cx.core.clone();
    let Some(Ok(second)) = cx.msg.via2() else {
        cx.log(Level::Debug, "reply for us without a transaction dropped");
        return;
    };
    let mut out = Vec::with_capacity(cx.msg.raw().len());
    let proto = Proto::from_name(second.transport.get(cx.msg.raw())).unwrap_or_default();
    forward::write_reply(&mut out, &cx.msg, &cx.edits, proto);
    match forward::reply_destination(&core, &cx.msg, second, &cx.received) {
        Ok(Some(to)) => {
            if let Some(out) = forward::reply_leaving(cx, &to, out.into()) {
                finish_forward(&core, &to, out.into());
            }
        }
        Ok(None) => cx.log(Level::Error, "no socket to forward a reply by"),
        Err(query) => match core.services.resolver.locate(query) {
            crate::services::Located::Ready(found) => {
                send_to_first(&core, &cx.received, &found, out)
            }
            crate::services::Located::Later(wait) => {
                let received = cx.received;
                let later = Arc::clone(&core);
                core.services.spawner.spawn(Box::pin(async move {
                    let found = wait.await;
                    send_to_first(&later, &received, &found, out);
                }));
            }
        },
    }
}

fn send_to_first(
    core: &Arc<Core>,
    received: &Received,
    found: &[crate::services::Candidate],
    out: Vec<u8>,
) {
    let Some(candidate) = found.first() else {
        core.log(Level::Error, "a reply's Via host cannot be resolved");
        return;
    };
    let Some(socket) = forward::socket_for(core, candidate, None, Some(received)) else {
        return;
    };
    let to = Destination {
        proto: candidate.proto,
        peer: candidate.address,
        socket: socket.id,
        connection: None,
        no_connect: false,
        close: false,
    };
    finish_forward(core, &to, out);
}

fn finish_forward(core: &Arc<Core>, to: &Destination, mut out: Vec<u8>) {
    match forward::send(core, to, &mut out) {
        Ok(()) => core.counters.fwd_replies.increment(),
        Err(error) => {
            core.counters.err_replies.increment();
            core.log(
                Level::Error,
                &format!("reply to {} not sent: {error}", to.peer),
            );
        }
    }
}
