//! When every branch has failed: the failure route, which may fork again or answer by itself.

use std::sync::Arc;

use engine::Context;
use engine::context::{BranchSet, RunKind};
use engine::core::Core;
use engine::module::Outcome;
use engine::route::{DONE, run_detached};
use script::host::RouteId;
use transaction::{BranchNo, DropReplies, Handle, Output, Outputs, Timer, Winner};

use crate::tm::error::RelayError;
use crate::tm::failover::{self, Failure};
use crate::tm::local_reply::{self, Reply};
use crate::tm::message::{TmMessage, enter, use_target};
use crate::tm::observers::Event;
use crate::tm::perform::{Cause, Work, perform_with, release};
use crate::tm::state::{Tm, now};
use crate::tm::suspend;

/// Runs the failure route if there is one, then lets the winner's reply out.
pub(crate) fn all_failed(work: &mut Work<'_>, winner: Winner) {
    tell(work, winner);
    let route = work
        .tm
        .with(work.handle, |t| {
            // Each round of forking names its own failure and branch routes.
            t.data.settings.on_failure = None;
            t.data.settings.on_branch = None;
            t.branch(winner.branch).and_then(|b| b.data.on_failure)
        })
        .flatten();
    match route {
        Some(route) => run(work, winner, route),
        None => {
            let at = now(work.core);
            let queue = &mut work.queue;
            work.tm.with(work.handle, |t| t.conclude(at, queue));
        }
    }
}

fn tell(work: &Work<'_>, winner: Winner) {
    let reply = work.winning_reply(winner);
    work.tm.tell(
        work.core,
        work.handle,
        Event::Failure {
            status: winner.status,
            reply: reply.as_ref().map(|r| &r.msg),
            branch: told_branch(work, winner),
        },
    );
}

/// The branch that observers of a failure are told: the winner, but the last one after a 6xx, which
/// Kamailio does not count as picked.
fn told_branch(work: &Work<'_>, winner: Winner) -> BranchNo {
    if winner.status < 600 {
        return winner.branch;
    }
    let count = work.tm.with(work.handle, |t| t.branches().len());
    let last = count.and_then(|n| u8::try_from(n).ok()).unwrap_or(1);
    BranchNo(last.saturating_sub(1))
}

fn run(work: &Work<'_>, winner: Winner, route: RouteId) {
    let mode = work.tm.config.failure_reply_mode;
    let known = work.tm.with(work.handle, |t| {
        t.data.failed_leg = t.data.first_of_leg;
        t.data.first_of_leg = u8::try_from(t.branches().len()).unwrap_or(u8::MAX);
        t.data.failed_once = true;
        match mode {
            1 => t.drop_replies(DropReplies::All),
            2 => t.drop_replies(DropReplies::LastLeg),
            _ => {}
        }
        let branch = t.branch(winner.branch);
        (
            Arc::clone(&t.data.request),
            t.data.flags,
            t.data.xflags,
            branch.map_or(0, |b| b.data.target.flags),
            t.data.extensions.remove::<Appended>(),
        )
    });
    let Some((request, flags, xflags, branch_flags, appended)) = known else {
        return;
    };
    let mut cx = Box::new(request.context(work.core, RunKind::Failure, flags));
    cx.xflags = xflags;
    cx.target.flags = branch_flags;
    cx.branches = appended.map(|left| left.0).unwrap_or_default();
    enter(&mut cx, work.handle, Some(winner.branch));
    use_target(&mut cx);
    cx.extensions.get_or_default::<TmMessage>().status = winner.status;
    cx.fix_log_prefix();
    let handle = work.handle;
    run_detached(
        cx,
        route,
        Box::new(move |cx, _| after_route(cx, handle, winner)),
    );
}

/// The failure route has ended: unless it added branches or replied, the winner goes upstream.
fn after_route(cx: &mut Context, handle: Handle, winner: Winner) -> Outcome {
    let core = cx.core.clone();
    let Some(tm) = core.modules.get::<Tm>() else {
        return DONE;
    };
    if suspend::is_continued(cx) {
        suspend::after_continued(&tm, cx);
        return DONE;
    }
    let at = now(&core);
    let (flags, xflags) = (cx.flags, cx.xflags);
    let is_empty = tm.with(handle, |t| {
        t.data.flags = flags;
        t.data.xflags = xflags;
        t.is_deciding() && t.is_all_dropped()
    });
    if is_empty == Some(true) {
        // All replies are dropped, and the route has neither replied nor tried elsewhere.
        let (status, reason) = RelayError::Unspecified.reply();
        let reply = Reply {
            status,
            reason: reason.as_bytes(),
            ..Reply::default()
        };
        // It was just seen to have no final reply.
        let _ = local_reply::send_to(&tm, &core, handle, &reply);
        return DONE;
    }
    let mut outputs = Outputs::new();
    tm.with(handle, |t| t.conclude(at, &mut outputs));
    perform_with(
        &tm,
        &core,
        handle,
        outputs,
        None,
        Cause::Reply(winner.status),
    );
    DONE
}

/// In mode 3, a new round of forking takes the earlier replies out of the choice.
pub(crate) fn on_new_leg(tm: &Tm, handle: Handle) {
    if tm.config.failure_reply_mode == 3 {
        tm.with(handle, |t| t.drop_replies(DropReplies::All));
    }
}

/// A branch ran into a timer: `event_route[tm:branch-failure:…]` may want to know.
pub(crate) fn branch_timed_out(work: &mut Work<'_>, branch: BranchNo, timer: Timer) {
    work.cause = Cause::Silence;
    work.tm.with(work.handle, |t| t.data.last_replied = None);
    let gave_no_sign = work.tm.with(work.handle, |t| {
        timer != Timer::Lifetime && t.branch(branch).is_some_and(|b| !b.was_replied())
    });
    let goes_on = gave_no_sign == Some(true)
        && failover::try_next(work.tm, work.core, work.handle, branch, Failure::Silent);
    let was_told = branch_failed(work.tm, work.core, work.handle, branch, 408);
    if was_told || goes_on {
        // The choice was made anew when the route had ended, or waits for the next address.
        let is_choice = |output: &mut Output| matches!(output, Output::AllBranchesFinal { .. });
        work.queue.retain(|output| !is_choice(output));
    }
    if was_told {
        forget_appended(work.tm, work.handle);
    }
}

/// Destinations that the route of a failed branch has appended and not relayed to. The failure route
/// finds them if it runs for the same reason.
struct Appended(BranchSet);

/// Drops what `branch_failed` has left for a failure route that did not run.
pub(crate) fn forget_appended(tm: &Tm, handle: Handle) {
    tm.with(handle, |t| t.data.extensions.remove::<Appended>());
}

/// Runs the branch failure route of a branch that failed, if the script asked for one. The choice of
/// the final reply waits for its end. False: there is no such route.
pub(crate) fn branch_failed(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    branch: BranchNo,
    status: u16,
) -> bool {
    let known = tm.with(handle, |t| {
        let route = t.branch(branch)?.data.on_branch_failure?;
        // What the route adds has no branch routes but those that it names.
        t.data.settings.on_branch_failure = None;
        t.data.settings.on_branch = None;
        t.reopen();
        Some((route, Arc::clone(&t.data.request), t.data.flags))
    });
    let Some(Some((route, request, flags))) = known else {
        return false;
    };
    let mut cx = Box::new(request.context(core, RunKind::Event, flags));
    enter(&mut cx, handle, Some(branch));
    use_target(&mut cx);
    cx.extensions.get_or_default::<TmMessage>().status = status;
    let after = move |cx: &mut Context, _| {
        if let Some(tm) = cx.core.modules.get::<Tm>() {
            if !cx.branches.as_slice().is_empty() {
                let left = Appended(std::mem::take(&mut cx.branches));
                tm.with(handle, |t| t.data.extensions.insert(left));
            }
            release(&tm, &cx.core, handle);
        }
        DONE
    };
    run_detached(cx, route, Box::new(after));
    true
}
