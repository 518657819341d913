//! RPC methods.

use std::sync::Arc;

use bytes::Bytes;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use sip::{HeaderKind, Message};
use transaction::Handle;

use crate::tm::local_reply::{Reply, ReplyError};
use crate::tm::state::{Tm, now};
use crate::tm::uac_rpc;

/// Every method.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "tm.stats",
        doc: "Counts transactions and replies.",
        run: stats,
    },
    Rpc {
        name: "tm.list",
        doc: "Lists the transactions in memory.",
        run: list,
    },
    Rpc {
        name: "tm.hash_stats",
        doc: "How full each shard of the table is.",
        run: hash_stats,
    },
    Rpc {
        name: "tm.clean",
        doc: "Removes overdue transactions; ours are never overdue.",
        run: |_| Ok(Vec::new()),
    },
    Rpc {
        name: "tm.cancel",
        doc: "Cancels an INVITE: Call-ID, CSeq number.",
        run: cancel,
    },
    Rpc {
        name: "tm.reply",
        doc: "Answers a request: code, reason, index:label, To tag, headers, body.",
        run: reply,
    },
    Rpc {
        name: "tm.reply_callid",
        doc: "Answers a request: code, reason, Call-ID, CSeq, To tag, headers, body.",
        run: reply_call_id,
    },
    Rpc {
        name: "tm.t_uac_start",
        doc: "Sends a request: method, URI, next hop, socket, headers, body.",
        run: uac_rpc::start,
    },
    Rpc {
        name: "tm.t_uac_wait",
        doc: "As tm.t_uac_start, and answers what the final reply says: code, reason, for a positive \
              one the request URI, next hop and Route of the dialog, then headers and body.",
        run: uac_rpc::wait,
    },
    Rpc {
        name: "tm.t_uac_wait_block",
        doc: "As tm.t_uac_start, and answers code and reason of the final reply.",
        run: uac_rpc::wait_block,
    },
];

fn stats(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let counters = &tm.counters;
    let inuse = counters.inuse.value();
    let created = counters.uas.value() + counters.uac.value();
    let [two, three, four, five, six] = &counters.classes;
    let fields = [
        ("current", inuse),
        ("waiting", inuse - counters.active.value()),
        ("total", created),
        ("total_local", counters.uac.value()),
        ("rpl_received", counters.received.value()),
        ("rpl_generated", counters.generated.value()),
        ("rpl_sent", counters.sent.value()),
        ("6xx", six.value()),
        ("5xx", five.value()),
        ("4xx", four.value()),
        ("3xx", three.value()),
        ("2xx", two.value()),
        ("created", created),
        ("freed", created - inuse),
        ("delayed_free", 0),
    ];
    Ok(vec![structure(fields.map(|(name, n)| (name, n.into())))])
}

fn structure<const N: usize>(fields: [(&str, RpcValue); N]) -> RpcValue {
    RpcValue::Struct(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn list(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let at = now(call.core);
    let mut rows = Vec::new();
    for shard in 0..tm.table.shard_count() {
        tm.table.for_each(shard, |handle, t| {
            let msg = t.data.request.msg();
            let left = t.next_deadline().since(at);
            rows.push(structure([
                ("cell", format!("{:#x}", handle_number(handle)).into()),
                ("tindex", i64::from(handle.index()).into()),
                ("tlabel", i64::from(handle.label()).into()),
                ("method", text(msg.method_text())),
                ("from", header(&msg, HeaderKind::From)),
                ("to", header(&msg, HeaderKind::To)),
                ("callid", header(&msg, HeaderKind::CallId)),
                ("cseq", cseq(&msg)),
                (
                    "uas_request",
                    if t.kind().is_local() { "no" } else { "yes" }.into(),
                ),
                ("tflags", i64::from(t.data.flags).into()),
                ("outgoings", (t.branches().len() as i64).into()),
                ("ref_count", 1.into()),
                ("lifetime", i64::try_from(left).unwrap_or(i64::MAX).into()),
            ]));
        });
    }
    Ok(rows)
}

fn handle_number(handle: Handle) -> u64 {
    u64::from(handle.label()) << 32 | u64::from(handle.index())
}

fn text(bytes: &[u8]) -> RpcValue {
    RpcValue::Text(Bytes::copy_from_slice(bytes))
}

/// The whole header, as Kamailio shows it.
fn header(msg: &Message, kind: HeaderKind) -> RpcValue {
    text(
        msg.first(kind)
            .map(|h| msg.text(h.whole))
            .unwrap_or_default(),
    )
}

fn cseq(msg: &Message) -> RpcValue {
    let number = match msg.cseq() {
        Some(Ok(cseq)) => msg.text(cseq.number_span),
        _ => b"",
    };
    text(&[b"CSeq: ", number].concat())
}

fn hash_stats(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let shards = tm.table.shard_count();
    Ok((0..shards)
        .map(|shard| {
            structure([
                ("shard", (shard as i64).into()),
                ("current", (tm.table.shard_len(shard) as i64).into()),
            ])
        })
        .collect())
}

fn cancel(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let (Some(call_id), Some(cseq)) = (call.text(0), call.int(1)) else {
        return Err(RpcFault::new(400, "Callid and CSeq expected as parameters"));
    };
    let handle = u32::try_from(cseq)
        .ok()
        .and_then(|cseq| tm.find_by_call_id(&call_id, cseq))
        .ok_or_else(|| RpcFault::new(400, "Transaction not found"))?;
    tm.cancel(call.core, handle, None);
    let pending = tm
        .with(handle, |t| {
            t.branches().iter().filter(|b| !b.is_final()).count()
        })
        .unwrap_or(0);
    Ok(if pending > 0 {
        vec![
            RpcValue::Int(pending as i64),
            "branches remaining (waiting for timeout)".into(),
        ]
    } else {
        Vec::new()
    })
}

/// `tm.reply`: the transaction is named by `index:label`.
fn reply(call: &RpcCall<'_>) -> RpcResult {
    let id = call
        .text(2)
        .ok_or_else(|| RpcFault::new(400, "Transaction ID expected"))?;
    let handle = std::str::from_utf8(&id)
        .ok()
        .and_then(|id| {
            let (index, label) = id.split_once(':')?;
            Some(Handle::from_index_and_label(
                index.parse().ok()?,
                label.parse().ok()?,
            ))
        })
        .ok_or_else(|| RpcFault::new(400, "Invalid transaction ID"))?;
    answer(call, handle, 3)
}

fn reply_call_id(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let call_id = call
        .text(2)
        .ok_or_else(|| RpcFault::new(400, "Callid expected"))?;
    let cseq = call
        .int(3)
        .and_then(|n| u32::try_from(n).ok())
        .ok_or_else(|| RpcFault::new(400, "CSeq expected"))?;
    let handle = tm
        .find_by_call_id(&call_id, cseq)
        .ok_or_else(|| RpcFault::new(404, "Transaction not found"))?;
    answer(call, handle, 4)
}

/// Sends the reply whose To tag, headers and body start at an argument.
fn answer(call: &RpcCall<'_>, handle: Handle, first: usize) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let status = call
        .int(0)
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| (100..700).contains(n))
        .ok_or_else(|| RpcFault::new(400, "Reply code expected"))?;
    let reason = call
        .text(1)
        .ok_or_else(|| RpcFault::new(400, "Reason phrase expected"))?;
    let to_tag = call
        .text(first)
        .ok_or_else(|| RpcFault::new(400, "To-tag expected"))?;
    let headers = whole_lines(call.text(first + 1));
    let body = call.text(first + 2).unwrap_or_default();
    let reply = Reply {
        status,
        reason: &reason,
        to_tag: (!to_tag.is_empty()).then_some(&to_tag),
        headers: &headers,
        body: &body,
        uri: None,
    };
    let core = Arc::clone(call.core);
    match tm.reply_to(&core, handle, &reply) {
        Ok(()) => Ok(Vec::new()),
        Err(ReplyError::NoTransaction) => Err(RpcFault::new(481, "No such transaction")),
        Err(ReplyError::AlreadyReplied | ReplyError::WrongBlock) => {
            Err(RpcFault::new(500, "Reply failed"))
        }
    }
}

/// Header lines of an argument, each with its CRLF; `.` stands for none.
pub(super) fn whole_lines(text: Option<Bytes>) -> Vec<u8> {
    let text = text.unwrap_or_default();
    let mut lines = Vec::with_capacity(text.len() + 2);
    for line in text.split(|c| *c == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() && line != b"." {
            lines.extend_from_slice(line);
            lines.extend_from_slice(b"\r\n");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_get_their_ends() {
        let lines = |text: &'static str| whole_lines(Some(Bytes::from_static(text.as_bytes())));
        assert_eq!(lines("A: b"), b"A: b\r\n");
        assert_eq!(lines("A: b\r\nC: d\n"), b"A: b\r\nC: d\r\n");
        assert_eq!(lines("."), b"");
        assert_eq!(whole_lines(None), b"");
    }
}
