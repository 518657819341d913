//! `$T_…` and `$T(…)`: what a transaction knows.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::RunKind;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName, Readable};
use script::value::Value;
use sip::Method;

use crate::tm::api::StoredRequest;
use crate::tmx::Tmx;

const NAMES: &[&str] = &[
    "id_label",
    "id_index",
    "id_label_n",
    "id_index_n",
    "reply_code",
    "reply_reason",
    "reply_type",
    "branch_index",
    "ruid",
    "uri",
    "flags",
];

/// Every variable of the module.
pub(super) static TABLE: &[Variable] = &[
    Variable::new(
        "T_branch_idx",
        branch_index,
        "Number of the branch in work.",
    ),
    Variable::new(
        "T_reply_code",
        reply_code,
        "Status of the reply, or of the reply that led to the failure route.",
    ),
    Variable::new(
        "T_reply_reason",
        reply_reason,
        "Reason phrase of that reply.",
    )
    .silent(),
    Variable::new(
        "T_reply_last",
        reply_last,
        "Status of the last reply received on the branch.",
    )
    .silent(),
    Variable::new(
        "T_reply_ruid",
        reply_ruid,
        "ruid of the branch that the reply came from.",
    ),
    Variable::new(
        "T_req",
        of_request,
        "A variable of the request, in a reply route.",
    )
    .named(Inner::Parsed(parse_variable)),
    Variable::new(
        "T_rpl",
        of_reply,
        "A variable of the winning reply, in a failure route.",
    )
    .named(Inner::Parsed(parse_variable)),
    Variable::new(
        "T_inv",
        of_invite,
        "A variable of the INVITE, when a CANCEL is handled.",
    )
    .named(Inner::Parsed(parse_variable)),
    Variable::new("T", of_transaction, "Something about the transaction.")
        .named(Inner::OneOf(NAMES))
        .in_text(shown_of_transaction),
    Variable::new("T_branch", of_branch, "Something about the branch in work.")
        .named(Inner::OneOf(NAMES)),
];

/// Whether the block is about the request on its way out: no reply is known there, nor what it came
/// from.
fn is_of_request(cx: &Context) -> bool {
    matches!(cx.kind, RunKind::Request | RunKind::Branch)
}

fn text(value: Bytes) -> Value {
    Value::Str(value)
}

/// In a failure route all branches are meant: their number, with those that were appended.
fn branch_index(cx: &mut Context, name: &PvName) -> Value {
    let Some(tmx) = name.state::<Tmx>() else {
        return Value::Null;
    };
    let index = match (cx.kind, tmx.tm.current(cx)) {
        (RunKind::Failure, Some(handle)) => {
            let appended = i64::try_from(cx.branches.len()).unwrap_or(i64::MAX);
            tmx.tm.branch_count(handle).unwrap_or(0) + appended
        }
        (RunKind::OnSend, _) if cx.msg.is_request() => -1,
        (RunKind::LocalRequest, _) => -1,
        _ => match tmx.tm.current_branch(cx) {
            Some(branch) => i64::from(branch.0),
            // How many were added so far.
            None if cx.kind == RunKind::Request => {
                i64::try_from(cx.branches.len()).unwrap_or(i64::MAX)
            }
            None if is_of_request(cx) => 0,
            None if cx.msg.is_request() && tmx.tm.current(cx).is_none() => 0,
            None => -1,
        },
    };
    Value::Int(index)
}

fn reply_code(cx: &mut Context, name: &PvName) -> Value {
    let status = name.state::<Tmx>().and_then(|tmx| tmx.tm.status(cx));
    Value::Int(i64::from(status.unwrap_or(0)))
}

fn reply_reason(cx: &mut Context, name: &PvName) -> Value {
    let tmx = name.state::<Tmx>();
    let has_transaction = tmx.and_then(|tmx| tmx.tm.current_or_of_reply(cx));
    if has_transaction.is_none() || is_of_request(cx) || cx.kind == RunKind::Event {
        return text(Bytes::new());
    }
    if cx.msg.is_reply() {
        return text(Bytes::copy_from_slice(cx.msg.reason()));
    }
    let reply = name.state::<Tmx>().and_then(|tmx| tmx.tm.winning_reply(cx));
    match reply {
        Some(reply) => text(Bytes::copy_from_slice(reply.msg.reason())),
        None if cx.kind != RunKind::Failure => Value::Null,
        None => name
            .state::<Tmx>()
            .and_then(|tmx| tmx.tm.local_reason(cx))
            .map_or(Value::Null, |reason| text(Bytes::from_static(reason))),
    }
}

/// Only in a reply route of a transaction.
fn reply_last(cx: &mut Context, name: &PvName) -> Value {
    let status = name
        .state::<Tmx>()
        .filter(|tmx| cx.kind == RunKind::TmReply && tmx.tm.current(cx).is_some())
        .map(|tmx| tmx.tm.branch_status(cx).unwrap_or(0));
    status.map_or(Value::Null, |status| Value::Int(i64::from(status)))
}

/// Empty where there is none.
fn reply_ruid(cx: &mut Context, name: &PvName) -> Value {
    let target = name.state::<Tmx>().and_then(|tmx| tmx.tm.branch_target(cx));
    text(
        target
            .and_then(|target| target.registration().ruid.clone())
            .unwrap_or_default(),
    )
}

/// The inner name is a whole variable.
fn parse_variable(
    scope: &mut engine::catalog::NameScope<'_, '_>,
    name: &str,
) -> Result<ParsedName, String> {
    scope.variable(name).map(ParsedName::data)
}

/// Reads the inner variable on another message's context.
fn read_on(cx: &mut Context, name: &PvName, request: &Arc<StoredRequest>) -> Value {
    let Some(inner) = name.data::<Readable>() else {
        return Value::Null;
    };
    let core = Arc::clone(&cx.core);
    let mut other = request.context(&core, RunKind::Request, cx.flags);
    // The request as it came: what the script made of its URI belongs to the branches.
    other.target.uri = None;
    inner.read(&mut other)
}

fn of_request(cx: &mut Context, name: &PvName) -> Value {
    let request = name.state::<Tmx>().and_then(|tmx| {
        let handle = tmx.tm.current_or_of_reply(cx);
        let handle = handle.filter(|_| cx.msg.is_reply())?;
        tmx.tm.with_data(handle, |data| Arc::clone(&data.request))
    });
    match request {
        Some(request) => read_on(cx, name, &request),
        None => Value::Null,
    }
}

fn of_invite(cx: &mut Context, name: &PvName) -> Value {
    if cx.msg.method() != Method::Cancel || cx.msg.is_reply() {
        return Value::Null;
    }
    let request = name.state::<Tmx>().and_then(|tmx| tmx.tm.invite_of(cx));
    match request {
        Some(request) => read_on(cx, name, &request),
        None => Value::Null,
    }
}

fn of_reply(cx: &mut Context, name: &PvName) -> Value {
    // In a reply route the reply is the message itself.
    if cx.msg.is_reply() {
        return Value::Null;
    }
    let reply = name.state::<Tmx>().and_then(|tmx| tmx.tm.winning_reply(cx));
    let (Some(reply), Some(inner)) = (reply, name.data::<Readable>()) else {
        return Value::Null;
    };
    let mut other = Context::new(
        Arc::clone(&cx.core),
        Arc::clone(&cx.program),
        Arc::clone(&reply.msg),
        reply.received,
        RunKind::Reply,
    );
    other.avps = cx.avps.clone();
    inner.read(&mut other)
}

fn of_transaction(cx: &mut Context, name: &PvName) -> Value {
    let Some(tmx) = name.state::<Tmx>() else {
        return Value::Null;
    };
    let which = name.text(cx);
    match &which[..] {
        b"reply_code" => return reply_code(cx, name),
        b"reply_reason" => return reply_reason(cx, name),
        b"branch_index" => return branch_index(cx, name),
        _ => {}
    }
    let Some(handle) = tmx.tm.current_or_of_reply(cx) else {
        return Value::Null;
    };
    match &which[..] {
        b"id_index" | b"id_index_n" => Value::Int(i64::from(handle.index())),
        b"id_label" | b"id_label_n" => Value::Int(i64::from(handle.label())),
        b"reply_type" if cx.kind == RunKind::Reply => Value::Null,
        b"reply_type" => match tmx.tm.winning_reply(cx) {
            _ if cx.msg.is_reply() || is_of_request(cx) => Value::Int(0),
            Some(_) => Value::Int(0),
            None => Value::Int(1),
        },
        b"ruid" => reply_ruid(cx, name),
        _ => Value::Null,
    }
}

/// A reason phrase that is not there shows as nothing.
fn shown_of_transaction(cx: &mut Context, name: &PvName) -> Value {
    match of_transaction(cx, name) {
        Value::Null if &name.text(cx)[..] == b"reply_reason" => text(Bytes::new()),
        value => value,
    }
}

fn of_branch(cx: &mut Context, name: &PvName) -> Value {
    let tmx = name.state::<Tmx>();
    let has_transaction = tmx.and_then(|tmx| tmx.tm.current(cx)).is_some();
    let target = name.state::<Tmx>().and_then(|tmx| tmx.tm.branch_target(cx));
    let which = name.text(cx);
    let Some(target) = target.filter(|_| !is_of_request(cx)) else {
        return match &which[..] {
            b"ruid" if is_of_request(cx) && has_transaction => text(Bytes::new()),
            _ => Value::Null,
        };
    };
    match &which[..] {
        b"uri" if !cx.msg.is_reply() => Value::Null,
        b"uri" => target.uri.map_or(Value::Null, text),
        b"flags" => Value::Int(i64::from(target.flags)),
        b"ruid" => text(target.registration().ruid.clone().unwrap_or_default()),
        _ => Value::Null,
    }
}
