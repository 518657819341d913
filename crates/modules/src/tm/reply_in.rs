//! Replies from downstream: found by our Via's branch, run through the reply routes, handed to the
//! machine.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::{Avps, RunKind};
use engine::core::Core;
use engine::log::Level;
use engine::module::Outcome;
use engine::route::{DONE, run_nested_then};
use script::ast::BlockKind;
use script::vm::How;
use sip::{HeaderKind, Message, Method};
use transaction::{BranchId, BranchNo, Handle, Kind, Output, Outputs, Request};

use crate::tm::failover::{self, Failure};
use crate::tm::message::{Lookup, TmMessage, current, enter};
use crate::tm::observers::Event;
use crate::tm::perform::{Cause, perform_with};
use crate::tm::state::{Tm, now};
use crate::tm::stored::StoredReply;
use crate::tm::{failure, local_ack, suspend};

/// The transaction and branch that a reply belongs to.
pub(crate) fn find(tm: &Tm, cx: &Context) -> Option<(Handle, BranchNo)> {
    let via = cx.msg.via1()?.ok()?;
    let id = BranchId::parse(cx.msg.text(via.branch?))?;
    let handle = tm.table.find_by_branch(&id)?;
    let cseq = cx.msg.cseq()?.ok()?;
    let reply_method = cx.msg.text(cseq.method_span);
    let fits = tm.look(handle, |t| {
        let request = &t.data.request;
        let same_number = request.cseq_number() == Some(cseq.number);
        let same_method = request.method_text() == reply_method
            || (cseq.method == Method::Cancel && t.kind().is_invite());
        // Nobody guesses our branches: the Call-ID is looked at for who wants that.
        let same_call =
            tm.config.callid_cseq_matching.get() == 0 || request.call_id() == cx.msg.call_id();
        t.branch(id.branch).is_some() && same_number && same_method && same_call
    })?;
    fits.then_some((handle, id.branch))
}

/// The transaction of the message in work; `reply_route` runs before a reply's is looked for.
pub(crate) fn current_or_of_reply(tm: &Tm, cx: &mut Context) -> Option<Handle> {
    if cx.kind == RunKind::Reply && is_unknown(cx) {
        let lookup = find(tm, cx).map_or(Lookup::None, |(handle, _)| Lookup::Found(handle));
        cx.extensions.get_or_default::<TmMessage>().lookup = lookup;
    }
    current(cx)
}

fn is_unknown(cx: &Context) -> bool {
    let message = cx.extensions.get::<TmMessage>();
    message.is_none_or(|message| message.lookup == Lookup::Unknown)
}

/// Hook after `reply_route`: takes the replies of our transactions.
pub(crate) fn on_reply(tm: &Tm, cx: &mut Context) -> Option<Outcome> {
    if !is_usable(&cx.msg) {
        cx.log(
            Level::Error,
            "reply without a usable From, To, Call-ID or CSeq dropped",
        );
        return Some(DONE);
    }
    let Some((handle, branch)) = find(tm, cx) else {
        return stray(tm, cx);
    };
    let status = cx.msg.status()?;
    tm.counters.received.increment();
    let core = cx.core.clone();
    let at = now(&core);
    if cx.msg.method() == Method::Cancel && cancels(tm, handle) {
        tm.counters.absorbed.increment();
        tm.with(handle, |t| t.on_cancel_reply(at, branch, status));
        return Some(DONE);
    }
    let mut outputs = Outputs::new();
    tm.with(handle, |t| t.on_reply(at, branch, status, &mut outputs));
    let is_late = status >= 300 && is_acked_only(&outputs);
    // A provisional reply that lets the CANCEL out that waited for it does nothing else: the caller
    // has hung up.
    let is_spent = status < 200 && outputs.iter().any(is_cancel);
    let is_delivery = |output: &Output| matches!(output, Output::Deliver { .. });
    let is_delivered = outputs.iter().any(is_delivery) && !is_spent;
    outputs.retain(|output| !is_delivery(output));
    if !is_delivered {
        tm.counters.absorbed.increment();
    }
    if !outputs.is_empty() {
        let cause = cause_of_late_cancel(tm, handle, branch);
        perform_with(tm, &core, handle, outputs, Some(cx), cause);
    }
    Some(if is_delivered {
        deliver(tm, cx, handle, branch, status)
    } else if is_late {
        // The branch was given up: the reply routes see the reply, and nothing else comes of it.
        enter(cx, handle, Some(branch));
        run_route(tm, handle, cx, branch, |_, _, _| DONE)
    } else {
        DONE
    })
}

/// A reply that belongs to no transaction: `on_sl_reply` looks at it, and may drop it.
fn stray(tm: &Tm, cx: &mut Context) -> Option<Outcome> {
    let name = tm.config.on_sl_reply.as_deref()?;
    let route = cx.program.find(BlockKind::OnReply, name)?;
    Some(run_nested_then(cx, route, RunKind::Reply, |cx, ended| {
        // `drop` has the code 0, unless it has one of its own.
        if ended.code != 0 {
            engine::reply::forward_stateless(cx);
        }
        DONE
    }))
}

/// Whether a final reply is acknowledged for the first time without being passed on.
fn is_acked_only(outputs: &Outputs) -> bool {
    let mut acked = false;
    for output in outputs {
        match output {
            Output::Deliver { .. } => return false,
            Output::Send { what, .. } => acked |= *what == Request::Ack,
            _ => {}
        }
    }
    acked
}

fn is_cancel(output: &Output) -> bool {
    let Output::Send { what, .. } = output else {
        return false;
    };
    *what == Request::Cancel
}

/// Why a branch is cancelled that gives its first sign of life: it was given up for a CANCEL.
fn cause_of_late_cancel(tm: &Tm, handle: Handle, branch: BranchNo) -> Cause {
    let status = tm.look(handle, |t| t.branch(branch).map_or(0, |b| b.status()));
    match status {
        Some(487) => Cause::Reply(487),
        _ => Cause::None,
    }
}

/// Whether the CANCEL that a reply answers is one that we made for a branch, not a relayed one.
fn cancels(tm: &Tm, handle: Handle) -> bool {
    tm.look(handle, |t| t.kind().is_invite()) == Some(true)
}

/// Whether a reply has what Kamailio's tm needs before it looks for a transaction; it drops others
/// whether they belong to one or not.
fn is_usable(msg: &Message) -> bool {
    matches!(msg.cseq(), Some(Ok(_)))
        && matches!(msg.to(), Some(Ok(_)))
        && msg.has(HeaderKind::From)
        && msg.has(HeaderKind::CallId)
}

/// Runs a reply through the reply routes, then lets the machine act on it.
fn deliver(tm: &Tm, cx: &mut Context, handle: Handle, branch: BranchNo, status: u16) -> Outcome {
    enter(cx, handle, Some(branch));
    run_route(tm, handle, cx, branch, move |tm, cx, how| {
        // The route may have changed it (`change_reply_status`).
        let status = cx.msg.status().unwrap_or(status);
        if suspend::holds_reply(cx) {
            suspend::keep_reply(tm, cx, handle, branch, status);
        } else if suspend::is_copy(tm, handle, branch, status) {
            // What it repeats goes on when it is continued.
        } else if how != How::Drop || status >= 200 {
            pass_on(tm, cx, handle, branch, status);
        }
        DONE
    })
}

/// A reply has passed the reply routes: the machine acts on it.
pub(crate) fn pass_on(tm: &Tm, cx: &mut Context, handle: Handle, branch: BranchNo, status: u16) {
    let core = cx.core.clone();
    tm.tell(&core, handle, Event::ReplyIn { branch, cx });
    let kept = (status >= 300).then(|| {
        Arc::new(StoredReply {
            msg: Arc::clone(&cx.msg),
            received: cx.received,
            edits: cx.edits.clone(),
        })
    });
    tm.with(handle, |t| {
        t.data.last_replied = Some(branch);
        if let Some(data) = t.branch_data_mut(branch) {
            data.replies = data.replies.saturating_add(1);
            if kept.is_some() {
                data.reply = kept;
            }
        }
    });
    if status == failover::UNAVAILABLE {
        let how = Failure::Unavailable(cx.received);
        failover::try_next(tm, &core, handle, branch, how);
    }
    let was_told = status >= 300 && failure::branch_failed(tm, &core, handle, branch, status);
    // Nobody else acknowledges what answers a copy.
    let is_ours = || {
        tm.look(handle, |t| {
            t.kind() == Kind::LocalInvite || t.kind().is_invite() && t.data.is_replica
        })
    };
    if status / 100 == 2 && is_ours() == Some(true) {
        local_ack::send(tm, cx, handle, branch);
    }
    let at = now(&core);
    let mut outputs = Outputs::new();
    tm.with(handle, |t| {
        t.forward_reply(at, branch, status, &mut outputs);
    });
    let cause = if status >= 200 {
        Cause::Reply(status)
    } else {
        Cause::None
    };
    perform_with(tm, &core, handle, outputs, Some(cx), cause);
    if was_told {
        failure::forget_appended(tm, handle);
    }
    if status >= 200 {
        // The transaction alone holds them from now on.
        cx.avps = Avps::default();
        settle(tm, &core, handle, branch, status);
    }
}

/// Gives back what a branch that is over needs no more, and the request if all are.
fn settle(tm: &Tm, core: &Core, handle: Handle, branch: BranchNo, status: u16) {
    let is_over = tm.with(handle, |t| {
        // Nothing is sent on this branch any more but the ACK, which is printed by now; after a
        // 2xx a negative reply may still come, and is acknowledged.
        let is_over = status >= 300 || !t.kind().is_invite();
        if let Some(data) = t.branch_data_mut(branch).filter(|_| is_over) {
            data.request = Bytes::new();
        }
        // The wait state is long, and what is in it leaves the processor's caches.
        let waits = t.is_replied() && t.branches().iter().all(transaction::Branch::is_final);
        if waits
            && !t.kind().is_local()
            && let Some(request) = Arc::get_mut(&mut t.data.request)
        {
            request.put_away(&core.tolerance);
        }
        waits && !t.kind().is_invite()
    });
    // The ACK of a 2xx is still to come.
    if is_over == Some(true) {
        tm.table.pack(handle);
    }
}

/// What a reply route may change of the transaction.
struct Running {
    handle: Handle,
    branch: BranchNo,
    flags: u32,
    branch_flags: u32,
}

/// Runs the reply route of a branch, then `then`, which is told how it ended.
fn run_route(
    tm: &Tm,
    handle: Handle,
    cx: &mut Context,
    branch: BranchNo,
    then: impl FnOnce(&Tm, &mut Context, How) -> Outcome + Send + 'static,
) -> Outcome {
    let known = tm.look(handle, |t| {
        let own = t.branch(branch);
        (
            own.and_then(|b| b.data.on_reply),
            t.data.flags,
            own.map_or(0, |b| b.data.target.flags),
            t.data.request.avps.clone(),
            Arc::clone(&t.data.request.program),
        )
    });
    let Some((Some(route), flags, branch_flags, avps, program)) = known else {
        return then(tm, cx, How::Return);
    };
    // The transaction goes on with the program that it began with, whatever the reply came to.
    cx.program = program.into();
    cx.flags = flags;
    cx.target.flags = branch_flags;
    cx.avps = avps;
    let running = Running {
        handle,
        branch,
        flags,
        branch_flags,
    };
    run_nested_then(cx, route, RunKind::TmReply, move |cx, ended| {
        match cx.core.modules.get::<Tm>() {
            Some(tm) => {
                running.note_flags(&tm, cx);
                then(&tm, cx, ended.how)
            }
            None => DONE,
        }
    })
}

impl Running {
    fn note_flags(&self, tm: &Tm, cx: &Context) {
        let (flags, branch_flags) = (cx.flags, cx.target.flags);
        if (flags, branch_flags) == (self.flags, self.branch_flags) {
            return;
        }
        tm.with(self.handle, |t| {
            t.data.flags = flags;
            if let Some(data) = t.branch_data_mut(self.branch) {
                data.target.flags = branch_flags;
            }
        });
    }
}
