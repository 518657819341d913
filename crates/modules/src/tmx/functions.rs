//! The script functions.

use engine::Context;
use engine::arguments::Args;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use crate::tm::api::TransactionHandle;
use crate::tmx::Tmx;

/// Every function of the module.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "t_precheck_trans",
        &[],
        0,
        Routes::REQUEST,
        precheck_trans,
        "Tells whether another copy of the request is being handled right now.",
    ),
    Function::new(
        "t_is_request_route",
        &[],
        0,
        Routes::ANY,
        |cx, _| truth(cx.kind == RunKind::Request),
        "Tells whether this is a request route.",
    ),
    Function::new(
        "t_is_reply_route",
        &[],
        0,
        Routes::ANY,
        |cx, _| truth(matches!(cx.kind, RunKind::Reply | RunKind::TmReply)),
        "Tells whether this is a reply route.",
    ),
    Function::new(
        "t_is_failure_route",
        &[],
        0,
        Routes::ANY,
        |cx, _| truth(cx.kind == RunKind::Failure),
        "Tells whether this is a failure route.",
    ),
    Function::new(
        "t_is_branch_route",
        &[],
        0,
        Routes::ANY,
        |cx, _| truth(cx.kind == RunKind::Branch),
        "Tells whether this is a branch route.",
    ),
    Function::new(
        "t_cancel_branches",
        &[Arg::text("which")],
        1,
        Routes::ONREPLY,
        cancel_branches,
        "Cancels the other branches, this one, or all.",
    )
    .constant(),
    Function::new(
        "t_cancel_callid",
        &[
            Arg::text("callid"),
            Arg::text("cseq"),
            Arg::text("flag"),
            Arg::int("rcode"),
        ],
        3,
        Routes::ANY,
        cancel_call_id,
        "Cancels the INVITE with this Call-ID and CSeq.",
    )
    .constant(),
    Function::new(
        "t_reply_callid",
        &[
            Arg::text("callid"),
            Arg::text("cseq"),
            Arg::int("code"),
            Arg::text("reason"),
        ],
        4,
        Routes::ANY,
        reply_call_id,
        "Answers the request with this Call-ID and CSeq.",
    )
    .constant(),
    Function::new(
        "t_flush_flags",
        &[],
        0,
        Routes::ANY,
        flush_flags,
        "Copies the message flags to the transaction.",
    ),
    Function::new(
        "t_flush_xflags",
        &[],
        0,
        Routes::ANY,
        flush_xflags,
        "Copies the extended message flags to the transaction.",
    ),
    Function::new(
        "t_suspend",
        &[],
        0,
        Routes::ANY,
        suspend,
        "Suspends the request, or the reply; `t_continue` goes on with it.",
    ),
    Function::new(
        "t_continue",
        &[Arg::text("index"), Arg::text("label"), Arg::text("route")],
        3,
        Routes::ANY,
        resume,
        "Goes on with a suspended transaction in a route.",
    )
    .constant(),
    Function::new(
        "t_reuse_branch",
        &[],
        0,
        Routes::EVENT,
        reuse_branch,
        "Makes the failed branch's destination the destination once more.",
    ),
    Function::new(
        "t_drop",
        &[Arg::int("rcode")],
        0,
        Routes::ANY,
        drop_transaction,
        "Gives the transaction up without a reply.",
    ),
];

fn truth(yes: bool) -> Outcome {
    if yes { TRUE } else { FALSE }
}

fn precheck_trans(cx: &mut Context, args: &Args<'_>) -> Outcome {
    truth(args.state::<Tmx>().in_work.is_repeated(cx))
}

fn cancel_branches(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let (Some(handle), this) = (tm.current(cx), tm.current_branch(cx)) else {
        return FALSE;
    };
    let which = args.text(cx, 0);
    let core = std::sync::Arc::clone(&cx.core);
    truth(match &which[..] {
        b"all" => tm.cancel_branches(&core, handle, |_| true),
        b"others" => tm.cancel_branches(&core, handle, |branch| Some(branch) != this),
        b"this" => tm.cancel_branches(&core, handle, |branch| Some(branch) == this),
        _ => false,
    })
}

fn cancel_call_id(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let call_id = args.text(cx, 0);
    let Some(cseq) = args.int(cx, 1).and_then(|n| u32::try_from(n).ok()) else {
        return FALSE;
    };
    let Some(handle) = tm.find_by_call_id(&call_id, cseq) else {
        return FALSE;
    };
    let flag = args.int(cx, 2).and_then(|n| u32::try_from(n).ok());
    if let Some(mask) = flag.and_then(|bit| 1u32.checked_shl(bit)) {
        tm.with_data(handle, |data| data.flags |= mask);
    }
    let core = std::sync::Arc::clone(&cx.core);
    let cause = args.int(cx, 3).and_then(|n| u16::try_from(n).ok());
    tm.cancel(&core, handle, cause.filter(|n| *n != 0));
    TRUE
}

fn reply_call_id(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let call_id = args.text(cx, 0);
    let cseq = args.int(cx, 1).and_then(|n| u32::try_from(n).ok());
    let status = args
        .int(cx, 2)
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| (100..700).contains(n));
    let (Some(cseq), Some(status)) = (cseq, status) else {
        return FALSE;
    };
    let reason = args.text(cx, 3);
    let Some(handle) = tm.find_by_call_id(&call_id, cseq) else {
        return FALSE;
    };
    let reply = crate::tm::api::Reply {
        status,
        reason: &reason,
        ..Default::default()
    };
    let core = std::sync::Arc::clone(&cx.core);
    truth(tm.reply_to(&core, handle, &reply).is_ok())
}

fn reuse_branch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let target = args.state::<Tmx>().tm.branch_target(cx);
    match target.filter(|_| cx.kind == RunKind::Event) {
        Some(target) => {
            cx.target = target;
            cx.target_set = true;
            TRUE
        }
        None => FALSE,
    }
}

fn suspend(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    match tm.suspend(cx) {
        Ok(_) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("t_suspend: {error}"));
            FALSE
        }
    }
}

fn resume(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let number = |n: i64| u32::try_from(n).ok();
    let index = args.int(cx, 0).and_then(number);
    let label = args.int(cx, 1).and_then(number);
    let (Some(index), Some(label)) = (index, label) else {
        cx.log(Level::Error, "t_continue: the transaction is no number");
        return FALSE;
    };
    let handle = TransactionHandle::from_index_and_label(index, label);
    let name = args.text(cx, 2);
    let route = std::str::from_utf8(&name)
        .ok()
        .and_then(|name| tm.route_of(handle, name));
    let Some(route) = route else {
        cx.log(Level::Error, "t_continue: no such transaction or route");
        return FALSE;
    };
    let core = std::sync::Arc::clone(&cx.core);
    truth(tm.resume(&core, handle, route).is_ok())
}

fn flush_flags(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let flags = cx.flags;
    let done = tm
        .current(cx)
        .and_then(|handle| tm.with_data(handle, |data| data.flags = flags));
    truth(done.is_some())
}

fn flush_xflags(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    let xflags = cx.xflags;
    let done = tm
        .current(cx)
        .and_then(|handle| tm.with_data(handle, |data| data.set_xflags(xflags)));
    truth(done.is_some())
}

fn drop_transaction(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = &args.state::<Tmx>().tm;
    match tm.current(cx) {
        Some(handle) => {
            tm.abandon(&cx.core, handle);
            Outcome::Return(0)
        }
        None => FALSE,
    }
}
