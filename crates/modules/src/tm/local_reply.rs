//! Replies made here within a transaction (`t_reply`).

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::RunKind;
use engine::core::Core;
use engine::forward;
use engine::net::AddressText;
use engine::reply::{RedirectDetails, redirect_contact_with};
use sip::reply::ReplyParts;
use transaction::{AlreadyReplied, Handle, Outputs};

use crate::tm::message::is_reply_run;
use crate::tm::perform::{Cause, perform_with};
use crate::tm::state::{Tm, now};
use crate::tm::stored::StoredRequest;
use crate::tm::{relay, reply_in};

/// Why a reply cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The message has no transaction.
    #[error("the message has no transaction")]
    NoTransaction,
    /// A final reply is out.
    #[error("a final reply has been sent")]
    AlreadyReplied,
    /// The block is about something else than the request or a reply to it.
    #[error("nothing can be answered in this block")]
    WrongBlock,
}

impl From<AlreadyReplied> for ReplyError {
    fn from(_: AlreadyReplied) -> Self {
        Self::AlreadyReplied
    }
}

/// A reply to be made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reply<'a> {
    /// Status.
    pub status: u16,
    /// Reason phrase.
    pub reason: &'a [u8],
    /// To tag; `None` takes the transaction's own.
    pub to_tag: Option<&'a [u8]>,
    /// Header lines, each with CRLF.
    pub headers: &'a [u8],
    /// Body.
    pub body: &'a [u8],
    /// The request URI as the script has changed it; `None`: as it was when the transaction began.
    pub uri: Option<&'a [u8]>,
}

/// Prints a reply to the request of a transaction.
pub(crate) fn build(tm: &Tm, core: &Core, request: &StoredRequest, reply: &Reply<'_>) -> Bytes {
    let source = request.source();
    let msg = request.msg();
    let target = request.target();
    let own_tag = tm.to_tag(&msg);
    let uri = reply.uri.or(target.uri.as_deref());
    let uri = uri.unwrap_or_else(|| msg.request_uri());
    let warning = engine::reply::warning(core, &msg, &request.received, uri);
    let parts = ReplyParts {
        to_tag: Some(reply.to_tag.unwrap_or(&own_tag)),
        received: source.received.as_ref().map(AddressText::as_bytes),
        rport: source.rport,
        headers: reply.headers,
        server: core
            .settings
            .server_signature
            .then_some(&core.settings.server_header[..]),
        warning: warning.as_deref(),
        body: reply.body,
        ..Default::default()
    };
    forward::printed(|out| {
        sip::reply::write(out, &msg, reply.status, reply.reason, &parts);
    })
}

/// Answers the request of the message's transaction, with the header lines that the script
/// appended and further ones.
pub(crate) fn send(
    tm: &Tm,
    cx: &mut Context,
    status: u16,
    reason: &[u8],
    headers: &[Bytes],
) -> Result<(), ReplyError> {
    let handle = reply_in::current_or_of_reply(tm, cx).ok_or(ReplyError::NoTransaction)?;
    use RunKind::{Branch, Event, LocalRequest, OnSend};
    if matches!(cx.kind, Branch | Event | LocalRequest | OnSend) {
        return Err(ReplyError::WrongBlock);
    }
    let (mut lines, body) = if is_reply_run(cx) {
        (Vec::new(), Bytes::new())
    } else {
        (cx.reply_headers.concat(), cx.reply_body.clone())
    };
    lines.extend_from_slice(&headers.concat());
    if (300..400).contains(&status) {
        let rich = tm.config.rich_redirect;
        let details = RedirectDetails {
            flags: rich & 1 != 0,
            path: rich & 2 != 0,
            only_appended: is_reply_run(cx) || !relay::is_target_new(cx),
        };
        lines.extend_from_slice(&redirect_contact_with(cx, details).unwrap_or_default());
    }
    let uri = (!is_reply_run(cx)).then(|| cx.request_uri());
    let reply = Reply {
        status,
        reason,
        headers: &lines,
        body: &body,
        uri: uri.as_deref(),
        ..Reply::default()
    };
    let core = cx.core.clone();
    send_to(tm, &core, handle, &reply)
}

/// Answers the request of a transaction.
pub(crate) fn send_to(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    reply: &Reply<'_>,
) -> Result<(), ReplyError> {
    let request = tm
        .look(handle, |t| {
            let is_open = !t.is_replied() || t.is_given_up();
            is_open.then(|| Arc::clone(&t.data.request))
        })
        .ok_or(ReplyError::NoTransaction)?
        .ok_or(ReplyError::AlreadyReplied)?;
    let bytes = build(tm, core, &request, reply);
    let at = now(core);
    let mut outputs = Outputs::new();
    let was_given_up = tm
        .with(handle, |t| {
            let was_given_up = t.is_given_up();
            t.on_local_reply(at, reply.status, &mut outputs)?;
            t.data.ready = bytes;
            Ok::<bool, AlreadyReplied>(was_given_up)
        })
        .ok_or(ReplyError::NoTransaction)??;
    if was_given_up && reply.status >= 200 {
        // It ended before; its reply will be counted as its end.
        tm.counters.active.increment();
    }
    if reply.status / 100 == 2 && request.msg().method() == sip::Method::Invite {
        expect_local_ack(tm, handle, &request, reply);
    }
    perform_with(tm, core, handle, outputs, None, Cause::Reply(reply.status));
    Ok(())
}

/// Lets the ACK of a 2xx made here find its transaction.
fn expect_local_ack(tm: &Tm, handle: Handle, request: &StoredRequest, reply: &Reply<'_>) {
    let msg = request.msg();
    let (Some(call_id), Some(Ok(cseq))) = (msg.call_id(), msg.cseq()) else {
        return;
    };
    let own_tag = tm.to_tag(&msg);
    let to_tag = msg
        .to_tag()
        .unwrap_or_else(|| reply.to_tag.unwrap_or(&own_tag));
    let from_tag = msg.from_tag().unwrap_or_default();
    let key = tm.table.ack_key(call_id, from_tag, to_tag, cseq.number);
    tm.table.expect_ack(handle, key);
}

/// The reason phrase of a reply that nobody worded.
pub(crate) fn default_reason(status: u16) -> &'static [u8] {
    match status {
        408 => b"Request Timeout",
        477 => b"Unfortunately error on sending to next hop occurred (477/TM)",
        478 => b"Unresolvable destination (478/TM)",
        487 => b"Request Terminated",
        503 => b"Service Unavailable",
        _ => b"Server Internal Error",
    }
}
