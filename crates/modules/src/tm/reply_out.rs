//! Replies on their way upstream: forwarded ones, the winner of a fork, our own.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::forward::write_reply;
use sip::{Edits, HeaderKind, Message};
use transaction::{BranchNo, Winner};

use crate::tm::local_reply::{self, Reply};
use crate::tm::observers::Event;
use crate::tm::perform::{Work, send_bytes};

/// Forwards the reply in work.
pub(crate) fn forward(work: &mut Work<'_>, cx: &mut Context, _branch: BranchNo, status: u16) {
    let bytes = print(work, &cx.msg, &cx.edits);
    if status / 100 == 2
        && cx.msg.method() == sip::Method::Invite
        && let Some(key) = work.tm.ack_key(&cx.msg)
    {
        work.tm.table.expect_ack(work.handle, key);
    }
    let msg = Arc::clone(&cx.msg);
    send(work, status, bytes, Some(&msg));
}

fn print(work: &Work<'_>, msg: &Message, edits: &Edits) -> Bytes {
    let proto = work
        .tm
        .with(work.handle, |t| t.data.request.received.proto)
        .unwrap_or_default();
    let mut out = Vec::with_capacity(msg.raw().len());
    write_reply(&mut out, msg, edits, proto);
    out.into()
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
    if received == 503 && work.tm.config.remap_503_500 {
        // RFC 3261 section 16.7 item 6: a 503 concerns the proxy's next hop, not the caller's.
        return send_local(work, 500, b"Server Internal Error");
    }
    if received != winner.status {
        return send_local(
            work,
            winner.status,
            local_reply::default_reason(winner.status),
        );
    }
    let mut edits = reply.edits.clone();
    if matches!(winner.status, 401 | 407) && work.tm.config.aggregate_challenges.get() != 0 {
        add_challenges(work, winner, &reply.msg, &mut edits);
    }
    let bytes = print(work, &reply.msg, &edits);
    send(work, winner.status, bytes, Some(&reply.msg));
}

/// Adds the challenges of the other branches to the winner (RFC 3261 section 16.7 item 7).
fn add_challenges(work: &Work<'_>, winner: Winner, msg: &Message, edits: &mut Edits) {
    let others: Vec<Arc<crate::tm::stored::StoredReply>> = work
        .tm
        .with(work.handle, |t| {
            (0..)
                .zip(t.branches())
                .filter(|(number, branch)| {
                    BranchNo(*number) != winner.branch
                        && !branch.is_dropped()
                        && matches!(branch.status(), 401 | 407)
                })
                .filter_map(|(_, branch)| branch.data.reply.clone())
                .collect()
        })
        .unwrap_or_default();
    for other in others {
        for kind in [HeaderKind::WwwAuthenticate, HeaderKind::ProxyAuthenticate] {
            for header in other.msg.all(kind) {
                edits.insert_after(msg.headers_end(), other.msg.slice(header.whole));
            }
        }
    }
}

/// Makes and sends a reply of our own.
pub(crate) fn send_local(work: &mut Work<'_>, status: u16, reason: &[u8]) {
    let Some(request) = work.tm.with(work.handle, |t| Arc::clone(&t.data.request)) else {
        return;
    };
    let reply = Reply {
        status,
        reason,
        headers: &request.reply_headers.concat(),
        ..Reply::default()
    };
    let bytes = local_reply::build(work.tm, work.core, &request, &reply);
    work.tm.counters.generated.increment();
    send(work, status, bytes, None);
}

/// Sends a reply and keeps it for retransmissions.
pub(crate) fn send(work: &mut Work<'_>, status: u16, bytes: Bytes, reply: Option<&Arc<Message>>) {
    let kept = work.tm.with(work.handle, |t| {
        let first_final = status >= 200 && sip_status(&t.data.reply) < 200;
        t.data.reply = bytes.clone();
        (t.data.request.reply_to, first_final)
    });
    let Some((to, first_final)) = kept else {
        return;
    };
    work.tm.counters.sent.increment();
    if first_final {
        work.tm.counters.finished(status);
    }
    if let Some(to) = to {
        send_bytes(work.core, &to, &bytes);
    }
    work.tm.tell(
        work.core,
        work.handle,
        Event::ReplyOut {
            status,
            reason: reason_of(&bytes),
            reply,
            bytes: &bytes,
        },
    );
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
