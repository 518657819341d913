//! Suspended transactions: the script has ended, something outside of SIP is awaited, and then a route
//! goes on (`t_suspend`, `t_continue`, module async).
//!
//! A request is held by a blind branch, which times out like one that nobody answers. Everything that
//! the script goes on with, the program included, is kept with the transaction: it survives a reload.

use std::sync::Arc;

use engine::Context;
use engine::context::RunKind;
use engine::core::Core;
use engine::route::{DONE, run_detached};
use script::host::RouteId;
use transaction::{BranchNo, Handle};

use crate::tm::create::{self, Made};
use crate::tm::error::RelayError;
use crate::tm::failure;
use crate::tm::local_reply::{self, Reply};
use crate::tm::message::{TmMessage, current, current_branch, enter, is_reply_run};
use crate::tm::perform::release;
use crate::tm::reply_in;
use crate::tm::state::{Tm, now};
use crate::tm::stored::{BranchData, StoredReply, StoredRequest};

/// Something that a transaction is suspended in: its request, and replies, one of each branch.
pub(crate) enum Suspended {
    /// The handling of its request; this branch stands for it.
    Request(BranchNo),
    /// The handling of a reply, whose routes may not have ended yet.
    Reply(Box<HeldReply>),
}

/// A suspended reply.
pub(crate) struct HeldReply {
    branch: BranchNo,
    status: u16,
    reply: StoredReply,
}

/// Which suspension is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// That of the request.
    Request,
    /// The latest: a script that goes on names the transaction alone.
    Latest,
}

/// Why a transaction cannot be continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transaction is not suspended")]
pub struct NotSuspended;

/// Suspends the transaction of the message in work; a request gets one if it has none. The script is
/// expected to end.
pub(crate) fn suspend(tm: &Tm, cx: &mut Context) -> Result<Handle, RelayError> {
    if is_reply_run(cx) {
        return suspend_reply(tm, cx);
    }
    if cx.kind == RunKind::Branch {
        // What is being relayed does not wait.
        return Err(RelayError::Unspecified);
    }
    let handle = match create::create(tm, cx)? {
        Made::New(handle) | Made::Already(handle) => handle,
        Made::Retransmission => return Err(RelayError::Retransmission),
    };
    if cx.kind == RunKind::Request {
        let request = Arc::new(StoredRequest::of(cx));
        let (flags, xflags) = (cx.flags, cx.xflags);
        tm.with(handle, |t| {
            t.data.request = request;
            t.data.flags = flags;
            t.data.xflags = xflags;
        });
    }
    crate::tm::relay::send_100(tm, cx, handle);
    let at = now(&cx.core);
    tm.with(handle, |t| {
        let data = Box::new(BranchData::blind(&t.data.request, &t.data.settings));
        let branch = t.add_blind_branch(at, data)?;
        t.data.suspended.retain(Suspended::is_held_reply);
        t.data.suspended.push(Suspended::Request(branch));
        Ok(handle)
    })
    .ok_or(RelayError::Unspecified)?
    .map_err(|error: transaction::AddBranchError| error.into())
}

/// Whoever was told of the request may answer it. If nobody does in time, it times out.
pub(crate) fn await_reader(cx: &Context, handle: Handle) {
    let Some(tm) = cx.core.modules.get::<Tm>() else {
        return;
    };
    if cx.kind == RunKind::Failure {
        failure::on_new_leg(&tm, handle);
    }
    let at = now(&cx.core);
    tm.with(handle, |t| {
        let data = Box::new(BranchData {
            on_failure: None,
            on_branch_failure: None,
            ..BranchData::blind(&t.data.request, &t.data.settings)
        });
        // An error says that the answer came already.
        let _ = t.add_blind_branch(at, data);
    });
}

fn suspend_reply(tm: &Tm, cx: &mut Context) -> Result<Handle, RelayError> {
    let known = current(cx).zip(current_branch(cx)).zip(cx.msg.status());
    let ((handle, branch), status) = known.ok_or(RelayError::Unspecified)?;
    let held = hold_reply(cx, branch, status);
    let is_free = tm.with(handle, |t| {
        let is_free = t.data.suspended.iter().all(|held| !held.is_of(branch));
        if is_free {
            t.data.suspended.push(Suspended::Reply(held));
        }
        is_free
    });
    if is_free != Some(true) {
        return Err(RelayError::Unspecified);
    }
    cx.extensions.get_or_default::<TmMessage>().holds_reply = true;
    Ok(handle)
}

/// Whether a reply route has suspended the reply in work.
pub(crate) fn holds_reply(cx: &Context) -> bool {
    cx.extensions
        .get::<TmMessage>()
        .is_some_and(|message| message.holds_reply)
}

fn hold_reply(cx: &Context, branch: BranchNo, status: u16) -> Box<HeldReply> {
    Box::new(HeldReply {
        branch,
        status,
        reply: StoredReply {
            msg: Arc::clone(&cx.msg),
            received: cx.received,
            edits: cx.edits.clone(),
        },
    })
}

/// The route of a suspended reply has ended: what it changed after the suspension counts, too, unless
/// the reply went on already.
pub(crate) fn keep_reply(tm: &Tm, cx: &Context, handle: Handle, branch: BranchNo, status: u16) {
    let now_held = hold_reply(cx, branch, status);
    tm.with(handle, |t| {
        let mut held = t.data.suspended.iter_mut();
        if let Some(held) = held.find(|held| held.is_reply(branch, status)) {
            *held = Suspended::Reply(now_held);
        }
    });
}

impl Suspended {
    fn is_held_reply(&self) -> bool {
        matches!(self, Self::Reply(_))
    }

    fn is_of(&self, branch: BranchNo) -> bool {
        matches!(self, Self::Reply(held) if held.branch == branch)
    }

    fn is_reply(&self, of: BranchNo, with: u16) -> bool {
        matches!(self, Self::Reply(held) if (held.branch, held.status) == (of, with))
    }
}

/// Whether a reply of the transaction is suspended.
pub(crate) fn is_reply_suspended(tm: &Tm, handle: Handle) -> bool {
    let suspended = tm.look(handle, |t| {
        t.data.suspended.iter().any(Suspended::is_held_reply)
    });
    suspended == Some(true)
}

/// Whether a reply of the branch with this status is suspended: another is a copy of it.
pub(crate) fn is_copy(tm: &Tm, handle: Handle, branch: BranchNo, status: u16) -> bool {
    let is_copy = tm.look(handle, |t| {
        let mut suspended = t.data.suspended.iter();
        suspended.any(|held| held.is_reply(branch, status))
    });
    is_copy == Some(true)
}

/// Ends a suspension. That of a request leaves the transaction held: further branches may come, and
/// `after_continued` must follow.
fn take(tm: &Tm, handle: Handle, which: Which) -> Result<Suspended, NotSuspended> {
    tm.with(handle, |t| {
        let is_over = t.is_canceled() || t.is_replied();
        let wanted = |held: &Suspended| which == Which::Latest || !held.is_held_reply();
        while let Some(latest) = t.data.suspended.iter().rposition(wanted) {
            match t.data.suspended.remove(latest) {
                // What is over cannot go on; an earlier one may.
                Suspended::Request(branch) if !t.end_blind(branch) || is_over => {}
                Suspended::Request(branch) => {
                    t.hold();
                    return Some(Suspended::Request(branch));
                }
                reply @ Suspended::Reply(_) => return Some(reply),
            }
        }
        None
    })
    .flatten()
    .ok_or(NotSuspended)
}

/// Finds the route to go on with in the program that the message started with.
pub(crate) fn route_of(tm: &Tm, handle: Handle, name: &str) -> Option<RouteId> {
    let program = tm.with(handle, |t| Arc::clone(&t.data.request.program))?;
    program.find(script::ast::BlockKind::Route, name)
}

/// Goes on with a suspended request in a route.
pub(crate) fn resume_request(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    route: RouteId,
) -> Result<(), NotSuspended> {
    go_on(tm, core, handle, route, take(tm, handle, Which::Request)?)
}

/// Goes on with what a transaction was suspended in last.
pub(crate) fn resume(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    route: RouteId,
) -> Result<(), NotSuspended> {
    go_on(tm, core, handle, route, take(tm, handle, Which::Latest)?)
}

fn go_on(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    route: RouteId,
    suspended: Suspended,
) -> Result<(), NotSuspended> {
    match suspended {
        Suspended::Request(_) => {
            let known = tm.with(handle, |t| {
                (Arc::clone(&t.data.request), t.data.flags, t.data.xflags)
            });
            let (request, flags, xflags) = known.ok_or(NotSuspended)?;
            let mut cx = Box::new(request.context(core, RunKind::Failure, flags));
            cx.xflags = xflags;
            enter(&mut cx, handle, None);
            cx.extensions.get_or_default::<TmMessage>().is_continued = true;
            let after = |cx: &mut Context, _| {
                if let Some(tm) = cx.core.modules.get::<Tm>() {
                    after_continued(&tm, cx);
                }
                DONE
            };
            run_detached(cx, route, Box::new(after));
        }
        Suspended::Reply(held) => resume_reply(tm, core, handle, route, *held),
    }
    Ok(())
}

fn resume_reply(tm: &Tm, core: &Arc<Core>, handle: Handle, route: RouteId, held: HeldReply) {
    let HeldReply {
        branch,
        status,
        reply,
    } = held;
    let known = tm.with(handle, |t| {
        let branch_flags = t.branch(branch).map_or(0, |b| b.data.target.flags);
        (Arc::clone(&t.data.request), t.data.flags, branch_flags)
    });
    let Some((request, flags, branch_flags)) = known else {
        return;
    };
    let mut cx = Box::new(Context::new(
        Arc::clone(core),
        Arc::clone(&request.program),
        reply.msg,
        reply.received,
        RunKind::TmReply,
    ));
    cx.edits = reply.edits;
    cx.flags = flags;
    cx.target.flags = branch_flags;
    cx.avps = request.avps.clone();
    enter(&mut cx, handle, Some(branch));
    let after = move |cx: &mut Context, _| {
        if let Some(tm) = cx.core.modules.get::<Tm>() {
            after_reply(&tm, cx, handle, branch, status);
        }
        DONE
    };
    run_detached(cx, route, Box::new(after));
}

fn after_reply(tm: &Tm, cx: &mut Context, handle: Handle, branch: BranchNo, status: u16) {
    if holds_reply(cx) {
        keep_reply(tm, cx, handle, branch, status);
    } else {
        reply_in::pass_on(tm, cx, handle, branch, status);
    }
}

/// Goes on with the message in work itself, whose route has waited; false: it is over meanwhile.
pub(crate) fn resume_here(tm: &Tm, cx: &mut Context) -> bool {
    let Some(handle) = current(cx) else {
        return false;
    };
    if take(tm, handle, Which::Request).is_err() {
        return false;
    }
    // The script has lost what Kamailio's would have lost: the kind of its run.
    cx.kind = RunKind::Failure;
    cx.values = cx.core.cfg.version();
    cx.extensions.get_or_default::<TmMessage>().is_continued = true;
    true
}

/// Whether the run goes on with a suspended request.
pub(crate) fn is_continued(cx: &Context) -> bool {
    cx.extensions
        .get::<TmMessage>()
        .is_some_and(|message| message.is_continued)
}

/// A continued run has ended. If it left the request without branch and answer, it is answered 500.
pub(crate) fn after_continued(tm: &Tm, cx: &mut Context) {
    let Some(handle) = current(cx) else { return };
    let core = cx.core.clone();
    let (flags, xflags) = (cx.flags, cx.xflags);
    let is_left = tm.with(handle, |t| {
        t.data.flags = flags;
        t.data.xflags = xflags;
        !t.is_replied() && t.branches().iter().all(|branch| branch.is_final())
    });
    if is_left == Some(true) {
        let failed = cx.extensions.get::<TmMessage>().and_then(|m| m.failed);
        let (status, reason) = failed.unwrap_or(RelayError::Unspecified).reply();
        let reply = Reply {
            status,
            reason: reason.as_bytes(),
            ..Reply::default()
        };
        // A reply by the script has settled the matter.
        let _ = local_reply::send_to(tm, &core, handle, &reply);
    }
    release(tm, &core, handle);
}

/// Whether the request waits for its script and for nothing else.
pub(crate) fn waits_for_script(tm: &Tm, handle: Handle) -> bool {
    let waits = tm.with(handle, |t| {
        let mut pending = t.branches().iter().filter(|b| !b.is_final()).peekable();
        pending.peek().is_some() && pending.all(|branch| branch.is_blind())
    });
    waits == Some(true)
}
