//! The script functions.

use engine::Context;
use engine::arguments::Args;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use crate::sl::Sl;
use crate::sl::forward;
use crate::tm::api::reply_to_error;
use script::value::Value;

const CODE_REASON: &[Arg] = &[Arg::int("code"), Arg::text("reason")];

const CODE_REASON_MODE: &[Arg] = &[Arg::int("code"), Arg::text("reason"), Arg::int("mode")];

const REPLYING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::ONREPLY);

/// Every function of the module.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "sl_send_reply",
        CODE_REASON,
        2,
        Routes::REQUEST,
        stateless,
        "Answers the request without a transaction.",
    ).constant(),
    Function::new(
        "sl_reply",
        CODE_REASON,
        2,
        Routes::REQUEST,
        stateless,
        "Same as sl_send_reply.",
    ).constant(),
    Function::new(
        "send_reply",
        CODE_REASON,
        2,
        REPLYING,
        either,
        "Answers within the transaction if there is one, else without.",
    ).constant(),
    Function::new(
        "send_reply_mode",
        CODE_REASON_MODE,
        3,
        REPLYING,
        with_mode,
        "As send_reply; mode bit 1 opens no connection for it, bit 2 closes the connection after it.",
    ).constant(),
    Function::new(
        "sl_reply_error",
        &[],
        0,
        Routes::REQUEST,
        error,
        "Answers with the error that handling the request led to.",
    ),
    Function::new(
        "sl_forward_reply",
        CODE_REASON,
        0,
        Routes::ONREPLY,
        forward_reply,
        "Forwards a reply without its transaction, with another status if given.",
    ).constant(),
];

/// Status and reason of a call; what cannot be used is replaced by the defaults.
fn code_and_reason(sl: &Sl, cx: &mut Context, args: &Args<'_>) -> (u16, bytes::Bytes) {
    let code = args
        .int(cx, 0)
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| (100..700).contains(n))
        .unwrap_or(sl.default_code);
    let reason = match args.value(cx, 1) {
        Value::Null => sl.default_reason.clone(),
        _ => args.text(cx, 1),
    };
    (code, reason)
}

fn stateless(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let sl = args.state::<Sl>();
    let (code, reason) = code_and_reason(sl, cx, args);
    if sl.reply_stateless(cx, code, &reason, &[]) {
        TRUE
    } else {
        FALSE
    }
}

fn either(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let sl = args.state::<Sl>();
    let (code, reason) = code_and_reason(sl, cx, args);
    if sl.reply(cx, code, &reason, &[]) {
        TRUE
    } else {
        FALSE
    }
}

/// Mode bits: 1 opens no connection for the reply, 2 closes the connection after it.
fn with_mode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let mode = args.int(cx, 2).unwrap_or(0);
    let outer = cx.options;
    cx.options.reply_no_connect |= mode & 1 != 0;
    cx.options.reply_close |= mode & 2 != 0;
    let outcome = either(cx, args);
    cx.options = outer;
    outcome
}

fn error(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let sl = args.state::<Sl>();
    let error = match cx.previous_error {
        0 => -1,
        error => error,
    };
    let (status, reason) = reply_to_error(error, "SL");
    cx.log(
        Level::Error,
        &format!("stateless error reply used: {reason}"),
    );
    if sl.reply_stateless(cx, status, reason.as_bytes(), &[]) {
        TRUE
    } else {
        FALSE
    }
}

fn forward_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if !matches!(cx.kind, RunKind::Reply | RunKind::TmReply) || !cx.msg.is_reply() {
        return FALSE;
    }
    let code = args.int(cx, 0).and_then(|n| u16::try_from(n).ok());
    let reason = args.text(cx, 1);
    if forward::forward(cx, code, &reason) {
        TRUE
    } else {
        FALSE
    }
}
