//! Replies on their way upstream: forwarded ones, the winner of a fork, our own.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::RunKind;
use engine::forward::{self, write_reply};
use engine::route::{self, DONE};
use engine::socket::Received;
use sip::{Edits, HeaderKind, Message};
use transaction::{BranchNo, Winner};

use crate::tm::local_reply::{self, Reply};
use crate::tm::message::enter;
use crate::tm::observers::Event;
use crate::tm::perform::{Work, send_bytes};
use crate::tm::stored::{Sender, StoredReply};
use crate::tm::uac;

/// Forwards the reply in work.
pub(crate) fn forward(work: &mut Work<'_>, cx: &mut Context, branch: BranchNo, status: u16) {
    let bytes = print(work, &cx.msg, &cx.edits);
    let to = work.tm.look(work.handle, |t| t.data.request.reply_to);
    let bytes = match to.flatten() {
        Some(to) => {
            // The AVPs of the transaction are not there any more.
            let avps = std::mem::take(&mut cx.avps);
            let bytes = forward::reply_leaving(cx, &to, bytes);
            cx.avps = avps;
            match bytes {
                Some(bytes) => bytes,
                None => return,
            }
        }
        None => bytes,
    };
    if status / 100 == 2
        && cx.msg.method() == sip::Method::Invite
        && begins_dialog(work)
        && let Some(key) = work.tm.ack_key(&cx.msg)
    {
        work.tm.table.expect_ack(work.handle, key);
    }
    let msg = Arc::clone(&cx.msg);
    let reply = Incoming {
        branch,
        msg: &msg,
        received: cx.received,
    };
    send(work, status, bytes, Some(reply));
}

/// A reply that was received, and how.
#[derive(Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) branch: BranchNo,
    pub(crate) msg: &'a Arc<Message>,
    pub(crate) received: Received,
}

/// Whether the request has no To tag: Kamailio finds the ACK of no other 2xx.
fn begins_dialog(work: &Work<'_>) -> bool {
    work.tm
        .look(work.handle, |t| t.data.request.msg().to_tag().is_none())
        .unwrap_or(false)
}

fn print(work: &Work<'_>, msg: &Message, edits: &Edits) -> Bytes {
    let proto = work
        .tm
        .look(work.handle, |t| t.data.request.received.proto)
        .unwrap_or_default();
    forward::printed(|out| write_reply(out, msg, edits, proto))
}

/// Sends the reply that won the fork.
pub(crate) fn send_winner(work: &mut Work<'_>, winner: Winner) {
    let Some(reply) = work.winning_reply(winner) else {
        return send_local(
            work,
            winner.status,
            local_reply::default_reason(winner.status),
        );
    };
    let received = reply.msg.status().unwrap_or(winner.status);
    if received != winner.status {
        return send_local(
            work,
            winner.status,
            local_reply::default_reason(winner.status),
        );
    }
    // The owner of a request made here hears what came.
    let is_local = work
        .tm
        .look(work.handle, |t| t.data.request.reply_to.is_none())
        .unwrap_or(false);
    if matches!(winner.status, 401 | 407)
        && !is_local
        && work.tm.config.aggregate_challenges.get() != 0
        && let Some(challenges) = joined_challenges(work, winner)
    {
        let reason: &[u8] = match winner.status {
            401 => b"Unauthorized",
            _ => b"Proxy Authentication Required",
        };
        return send_local_with(work, winner.status, reason, &challenges);
    }
    if received == 503 && !is_local && work.tm.config.remap_503_500 {
        // RFC 3261 section 16.7 item 6: a 503 concerns the proxy's next hop, not the caller's.
        return send_local(work, 500, local_reply::default_reason(503));
    }
    let bytes = print(work, &reply.msg, &reply.edits);
    if let Some(bytes) = leaving(work, winner.branch, &reply, bytes) {
        let incoming = Incoming {
            branch: winner.branch,
            msg: &reply.msg,
            received: reply.received,
        };
        send(work, winner.status, bytes, Some(incoming));
    }
}

/// Runs `onsend_route` on the winning reply, if it runs for replies; `None`: it is dropped.
fn leaving(work: &Work<'_>, branch: BranchNo, reply: &StoredReply, bytes: Bytes) -> Option<Bytes> {
    if !work.core.settings.onsend_for_replies {
        return Some(bytes);
    }
    let request = work.tm.look(work.handle, |t| Arc::clone(&t.data.request))?;
    let Some(to) = request.reply_to else {
        return Some(bytes);
    };
    let mut cx = Context::new(
        Arc::clone(work.core),
        Arc::clone(&request.program),
        Arc::clone(&reply.msg),
        reply.received,
        RunKind::OnSend,
    );
    enter(&mut cx, work.handle, Some(branch));
    forward::reply_leaving(&mut cx, &to, bytes)
}

/// The challenges of all branches (RFC 3261 section 16.7 item 7); `None` when only the winner has
/// any.
fn joined_challenges(work: &Work<'_>, winner: Winner) -> Option<Vec<u8>> {
    let replies: Vec<(BranchNo, Arc<StoredReply>)> = work.tm.look(work.handle, |t| {
        (0..)
            .map(BranchNo)
            .zip(t.branches())
            .filter(|(_, branch)| !branch.is_dropped() && matches!(branch.status(), 401 | 407))
            .filter_map(|(number, branch)| Some((number, branch.data.reply.clone()?)))
            .collect()
    })?;
    if replies.iter().all(|(number, _)| *number == winner.branch) {
        return None;
    }
    let mut lines = Vec::new();
    for (_, reply) in &replies {
        for header in reply.msg.headers() {
            if matches!(
                header.kind,
                HeaderKind::WwwAuthenticate | HeaderKind::ProxyAuthenticate
            ) {
                lines.extend_from_slice(reply.msg.text(header.whole));
            }
        }
    }
    Some(lines)
}

/// Makes and sends a reply of our own.
pub(crate) fn send_local(work: &mut Work<'_>, status: u16, reason: &[u8]) {
    send_local_with(work, status, reason, b"");
}

fn send_local_with(work: &mut Work<'_>, status: u16, reason: &[u8], lines: &[u8]) {
    let Some(request) = work.tm.look(work.handle, |t| Arc::clone(&t.data.request)) else {
        return;
    };
    let mut headers = request.reply_headers().concat();
    headers.extend_from_slice(lines);
    let reply = Reply {
        status,
        reason,
        headers: &headers,
        body: request.reply_body(),
        ..Reply::default()
    };
    let bytes = local_reply::build(work.tm, work.core, &request, &reply);
    work.tm.counters.generated.increment();
    send(work, status, bytes, None);
}

/// Sends a reply and keeps it for retransmissions.
pub(crate) fn send(work: &mut Work<'_>, status: u16, bytes: Bytes, reply: Option<Incoming<'_>>) {
    let kept = work.tm.with(work.handle, |t| {
        let first_final = status >= 200 && sip_status(&t.data.reply) < 200;
        t.data.reply = bytes.clone();
        t.data.replied_by = reply.map_or(Sender::Ourselves, |reply| Sender::Branch(reply.branch));
        t.data.has_told_tag |= reply.is_none() && status > 100;
        (t.data.request.reply_to, first_final)
    });
    let Some((to, first_final)) = kept else {
        return;
    };
    work.tm.counters.sent.increment();
    if first_final {
        work.tm.counters.finished(status);
    }
    match to {
        Some(to) => {
            send_bytes(work.core, &to, &bytes);
            if reply.is_none() {
                tell_script(work, &bytes);
            }
        }
        // A request made here: its owner waits instead of a caller.
        None => uac::answer(
            work.tm,
            work.core,
            work.handle,
            status,
            reason_of(&bytes),
            reply,
        ),
    }
    work.tm.tell(
        work.core,
        work.handle,
        Event::ReplyOut {
            status,
            reason: reason_of(&bytes),
            reply: reply.map(|r| r.msg),
            bytes: &bytes,
        },
    );
}

/// Runs `event_route[tm:local-response]` on a reply of our own that is out.
fn tell_script(work: &Work<'_>, reply: &Bytes) {
    let known = work.tm.look(work.handle, |t| {
        let route = t.data.request.program.event_route("tm:local-response")?;
        Some((route, Arc::clone(&t.data.request), t.data.flags))
    });
    let Some(Some((route, request, flags))) = known else {
        return;
    };
    let Ok(msg) = Message::parse(reply.clone(), &work.core.tolerance) else {
        return;
    };
    let mut cx = Box::new(Context::new(
        Arc::clone(work.core),
        Arc::clone(&request.program),
        Arc::new(msg),
        request.received,
        RunKind::Event,
    ));
    cx.flags = flags;
    cx.avps = request.avps.clone();
    enter(&mut cx, work.handle, None);
    route::run_detached(cx, route, Box::new(|_, _| DONE));
}

/// The status in a printed reply; 0 in an empty one.
fn sip_status(reply: &[u8]) -> u16 {
    reply
        .get(8..11)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn reason_of(reply: &[u8]) -> &[u8] {
    let line = reply.split(|c| *c == b'\r').next().unwrap_or_default();
    line.get(12..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_printed() {
        let reply = b"SIP/2.0 404 Not Here\r\nVia: x\r\n\r\n";
        assert_eq!(sip_status(reply), 404);
        assert_eq!(reason_of(reply), b"Not Here");
        assert_eq!(sip_status(b""), 0);
        assert_eq!(reason_of(b"SIP/2.0 404"), b"");
    }
}
