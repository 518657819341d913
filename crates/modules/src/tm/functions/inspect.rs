//! Functions that look at a transaction and its branches.

use engine::Context;
use engine::arguments::{Args, Fixed};
use engine::context::RunKind;
use engine::module::{FALSE, Outcome, TRUE};
use script::regex::{Case, Pattern};
use transaction::BranchNo;

use crate::tm::message::{TmMessage, current, current_branch};
use crate::tm::state::{Cell, Tm};
use crate::tm::{reply_in, suspend};

fn truth(yes: bool) -> Outcome {
    if yes { TRUE } else { FALSE }
}

/// Asks the message's transaction.
fn ask(cx: &mut Context, args: &Args<'_>, question: impl FnOnce(&Cell) -> bool) -> Outcome {
    let tm = args.state::<Tm>();
    let handle = reply_in::current_or_of_reply(tm, cx);
    let answer = handle.and_then(|handle| tm.with(handle, |t| question(t)));
    truth(answer == Some(true))
}

/// The status that the run is about: the reply's, the failure's, else the last one sent.
pub(crate) fn status(tm: &Tm, cx: &Context) -> Option<u16> {
    if let Some(status) = cx.msg.status() {
        return Some(status);
    }
    let message = cx.extensions.get::<TmMessage>()?;
    if message.status != 0 {
        return Some(message.status);
    }
    let handle = message.lookup.handle()?;
    tm.with(handle, |t| t.last_status())
}

pub(super) fn check_status(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let Some(status) = status(tm, cx) else {
        return FALSE;
    };
    let status = status.to_string();
    match args.fixed(0) {
        Some(Fixed::Regex(pattern, _)) => truth(pattern.is_match(status.as_bytes())),
        _ => {
            let source = args.text(cx, 0);
            let pattern = Pattern::new(&source, Case::Insensitive);
            truth(pattern.is_ok_and(|p| p.is_match(status.as_bytes())))
        }
    }
}

pub(super) fn grep_status(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(code) = args.int(cx, 0) else {
        return FALSE;
    };
    let kind = cx.kind;
    let is_of_branch = matches!(kind, RunKind::TmReply | RunKind::Event);
    if is_of_branch && status(args.state::<Tm>(), cx).map(i64::from) == Some(code) {
        return TRUE;
    }
    ask(cx, args, |t| {
        // Kamailio does not see the first reply of the branch that the run came from.
        let run = (kind, t.data.last_replied);
        let numbered = (0..).map(BranchNo).zip(t.branches());
        let mut fitting = numbered.filter(|(_, b)| b.is_final() && i64::from(b.status()) == code);
        fitting.any(|(number, _)| replied_before(t, number, run))
    })
}

pub(super) fn status_code(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    match status(tm, cx).filter(|_| cx.kind != RunKind::Branch) {
        Some(status) if status != 0 => Outcome::Return(i64::from(status)),
        _ => FALSE,
    }
}

pub(super) fn is_canceled(cx: &mut Context, args: &Args<'_>) -> Outcome {
    ask(cx, args, Cell::is_canceled)
}

pub(super) fn is_expired(cx: &mut Context, args: &Args<'_>) -> Outcome {
    ask(cx, args, Cell::is_expired)
}

pub(super) fn any_timeout(cx: &mut Context, args: &Args<'_>) -> Outcome {
    ask(cx, args, |t| t.branches().iter().any(|b| b.has_timed_out()))
}

/// Whether a branch got a reply besides the one that the run is about.
fn replied_before(t: &Cell, number: BranchNo, run: (RunKind, Option<BranchNo>)) -> bool {
    let Some(branch) = t.branch(number) else {
        return false;
    };
    // In a reply route the reply at hand is not counted yet.
    let is_counted = run.1 == Some(number) && run.0 != RunKind::TmReply && !branch.is_local();
    branch.data.replies > u8::from(is_counted)
}

pub(super) fn any_replied(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let run = (cx.kind, current_branch(cx));
    ask(cx, args, |t| {
        let count = u8::try_from(t.branches().len()).unwrap_or(u8::MAX);
        (0..count).any(|number| replied_before(t, BranchNo(number), run))
    })
}

pub(super) fn branch_timeout(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(branch) = current_branch(cx) else {
        return FALSE;
    };
    ask(cx, args, |t| {
        t.branch(branch).is_some_and(|b| b.has_timed_out())
    })
}

pub(super) fn branch_replied(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.kind == RunKind::TmReply {
        return FALSE;
    }
    let run = (cx.kind, current_branch(cx));
    ask(cx, args, |t| {
        run.1.is_some_and(|branch| replied_before(t, branch, run))
    })
}

/// `t_is_retr_async_reply`: whether another reply of the transaction is suspended.
pub(super) fn is_retr_async_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    truth(current(cx).is_some_and(|handle| suspend::is_reply_suspended(tm, handle)))
}
