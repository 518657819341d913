//! RPC methods.

use std::sync::Arc;

use bytes::Bytes;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use sip::{HeaderKind, Message};
use transaction::Handle;

use crate::tm::local_reply::{Reply, ReplyError};
use crate::tm::state::{Cell, Tm, now};
use crate::tm::stored::StoredRequest;
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

/// What is told of a transaction beside its request.
struct Told {
    handle: Handle,
    request: Arc<StoredRequest>,
    is_local: bool,
    flags: i64,
    branches: usize,
    left: u64,
}

fn list(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let at = now(call.core);
    let mut rows = Vec::new();
    let mut found = Vec::new();
    for shard in 0..tm.table.shard_count() {
        tm.table.for_each(shard, |handle, t| {
            found.push(Told {
                handle,
                request: Arc::clone(&t.data.request),
                is_local: t.kind().is_local(),
                flags: told_flags(tm, t),
                branches: t.branches().len(),
                left: t.next_deadline().since(at),
            });
        });
        // Requests may have to be parsed: not while others wait for the shard.
        rows.extend(found.drain(..).map(|told| row(&told)));
    }
    Ok(rows)
}

fn row(told: &Told) -> RpcValue {
    let msg = told.request.msg();
    structure([
        ("cell", format!("{:#x}", handle_number(told.handle)).into()),
        ("tindex", i64::from(told.handle.index()).into()),
        ("tlabel", i64::from(told.handle.label()).into()),
        ("method", text(msg.method_text())),
        ("from", header(&msg, HeaderKind::From)),
        ("to", header(&msg, HeaderKind::To)),
        ("callid", header(&msg, HeaderKind::CallId)),
        ("cseq", cseq(&msg)),
        (
            "uas_request",
            if told.is_local { "no" } else { "yes" }.into(),
        ),
        ("tflags", told.flags.into()),
        ("outgoings", (told.branches as i64).into()),
        ("ref_count", 1.into()),
        (
            "lifetime",
            i64::try_from(told.left).unwrap_or(i64::MAX).into(),
        ),
    ])
}

/// What a transaction is, as Kamailio's bits say it: an INVITE, the server's own, cancelled, sends a
/// 100 by itself.
fn told_flags(tm: &Tm, t: &Cell) -> i64 {
    let sends_100 = match t.data.settings.auto_inv_100 {
        Some(set) => set,
        None => tm.config.auto_inv_100.get() != 0,
    };
    let kind = t.kind();
    [
        (0, kind.is_invite()),
        (1, kind.is_local()),
        (3, t.is_canceled()),
        (6, kind.is_invite() && sends_100),
    ]
    .into_iter()
    .map(|(bit, is_set)| i64::from(is_set) << bit)
    .sum()
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
    let (Some(call_id), Some(cseq)) = (plain_text(call, 0), plain_text(call, 1)) else {
        return Err(RpcFault::new(400, "Callid and CSeq expected as parameters"));
    };
    let handle =
        named(tm, &call_id, &cseq).ok_or_else(|| RpcFault::new(400, "Transaction not found"))?;
    let waiting = |t: &Cell| {
        let branches = t.branches().iter();
        branches
            .filter(|b| !b.is_final() && !b.cancel_sent())
            .count()
    };
    let asked = tm.look(handle, waiting).unwrap_or(0);
    tm.cancel(call.core, handle, None);
    Ok(vec![
        RpcValue::Int(asked as i64),
        "branches remaining (waiting for timeout)".into(),
    ])
}

/// The transaction of a Call-ID and the number of a CSeq; a text that is none names nothing.
fn named(tm: &Tm, call_id: &[u8], cseq: &[u8]) -> Option<Handle> {
    let cseq = std::str::from_utf8(cseq).ok()?.trim().parse().ok()?;
    tm.find_by_call_id(call_id, cseq)
}

/// The transaction that `index:label` would name.
fn identified(id: &[u8]) -> Option<Handle> {
    let (index, label) = std::str::from_utf8(id).ok()?.split_once(':')?;
    Some(Handle::from_index_and_label(
        index.parse().ok()?,
        label.parse().ok()?,
    ))
}

/// `tm.reply`: the transaction is named by `index:label`.
fn reply(call: &RpcCall<'_>) -> RpcResult {
    let start = status_and_reason(call)?;
    let id = expected(call, 2, "Transaction ID")?;
    let rest = read_rest(call, 3)?;
    let handle = identified(&id).ok_or_else(|| RpcFault::new(400, "Invalid transaction ID"))?;
    answer(call, handle, &start, &rest)
}

fn reply_call_id(call: &RpcCall<'_>) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let start = status_and_reason(call)?;
    let call_id = expected(call, 2, "Call-ID")?;
    let cseq = expected(call, 3, "CSeq")?;
    let rest = read_rest(call, 4)?;
    let handle =
        named(tm, &call_id, &cseq).ok_or_else(|| RpcFault::new(404, "Transaction not found"))?;
    answer(call, handle, &start, &rest)
}

fn status_and_reason(call: &RpcCall<'_>) -> Result<(i64, Bytes), RpcFault> {
    let status = call
        .want_int(0)
        .map_err(|_| RpcFault::new(400, "Reply code expected"))?;
    Ok((status, expected(call, 1, "Reason phrase")?))
}

fn expected(call: &RpcCall<'_>, index: usize, what: &str) -> Result<Bytes, RpcFault> {
    plain_text(call, index).ok_or_else(|| RpcFault::new(400, format!("{what} expected")))
}

/// An argument that is a text; a number is none, whatever would be converted elsewhere.
pub(super) fn plain_text(call: &RpcCall<'_>, index: usize) -> Option<Bytes> {
    match call.args.get(index)? {
        RpcValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// To tag, headers and body, which start at an argument. The latter two may be left out, and what is
/// no text is none: kamcmd makes a number of an empty argument.
fn read_rest(call: &RpcCall<'_>, first: usize) -> Result<[Bytes; 3], RpcFault> {
    Ok([
        expected(call, first, "To tag")?,
        plain_text(call, first + 1).unwrap_or_default(),
        plain_text(call, first + 2).unwrap_or_default(),
    ])
}

fn answer(
    call: &RpcCall<'_>,
    handle: Handle,
    (status, reason): &(i64, Bytes),
    [to_tag, headers, body]: &[Bytes; 3],
) -> RpcResult {
    let tm = call.state::<Tm>()?;
    let no_such = || RpcFault::new(481, "No such transaction");
    tm.look(handle, |_| ()).ok_or_else(no_such)?;
    let status = u16::try_from(*status)
        .ok()
        .filter(|n| (100..700).contains(n))
        .ok_or_else(|| RpcFault::new(400, "Reply code expected"))?;
    let headers = whole_lines(Some(headers.clone()));
    let reply = Reply {
        status,
        reason,
        to_tag: (!to_tag.is_empty()).then_some(to_tag),
        headers: &headers,
        body,
        uri: None,
    };
    let core = Arc::clone(call.core);
    match tm.reply_to(&core, handle, &reply) {
        Ok(()) => Ok(Vec::new()),
        Err(ReplyError::NoTransaction) => Err(no_such()),
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
