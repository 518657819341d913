//! Replies from downstream: found by our Via's branch, run through the reply routes, handed to the
//! machine.

use std::sync::Arc;

use engine::Context;
use engine::context::RunKind;
use engine::hooks::Verdict;
use engine::log::Level;
use engine::route::run_nested;
use script::vm::How;
use sip::{HeaderKind, Message, Method};
use transaction::{BranchId, BranchNo, Handle, Output, Outputs, Request};

use crate::tm::failure;
use crate::tm::message::enter;
use crate::tm::observers::Event;
use crate::tm::perform::{Cause, Work, perform};
use crate::tm::state::{Tm, now};
use crate::tm::stored::StoredReply;

/// The transaction and branch that a reply belongs to.
pub(crate) fn find(tm: &Tm, cx: &Context) -> Option<(Handle, BranchNo)> {
    let via = cx.msg.via1()?.ok()?;
    let id = BranchId::parse(cx.msg.text(via.branch?))?;
    let handle = tm.table.find_by_branch(&id)?;
    let cseq = cx.msg.cseq()?.ok()?;
    let reply_method = cx.msg.text(cseq.method_span);
    let fits = tm.with(handle, |t| {
        let msg = &t.data.request.msg;
        let same_number = match msg.cseq() {
            Some(Ok(own)) => own.number == cseq.number,
            _ => false,
        };
        let same_method = msg.method_text() == reply_method
            || (cseq.method == Method::Cancel && t.kind().is_invite());
        t.branch(id.branch).is_some() && same_number && same_method
    })?;
    fits.then_some((handle, id.branch))
}

/// Hook after `reply_route`: takes the replies of our transactions.
pub(crate) fn on_reply(tm: &Tm, cx: &mut Context) -> Verdict {
    if !is_usable(&cx.msg) {
        cx.log(
            Level::Error,
            "reply without a usable From, To, Call-ID or CSeq dropped",
        );
        return Verdict::Consumed;
    }
    let Some((handle, branch)) = find(tm, cx) else {
        return Verdict::Continue;
    };
    let Some(status) = cx.msg.status() else {
        return Verdict::Continue;
    };
    tm.counters.received.increment();
    let core = Arc::clone(&cx.core);
    let at = now(&core);
    if cx.msg.method() == Method::Cancel {
        tm.counters.absorbed.increment();
        tm.with(handle, |t| t.on_cancel_reply(at, branch, status));
        return Verdict::Consumed;
    }
    let mut outputs = Outputs::new();
    tm.with(handle, |t| t.on_reply(at, branch, status, &mut outputs));
    if status < 200 && outputs.iter().any(is_cancel) {
        // It only lets the CANCEL out that waited for it: the caller has hung up.
        outputs.retain(|output| !matches!(output, Output::Deliver { .. }));
    }
    if !outputs.iter().any(|o| matches!(o, Output::Deliver { .. })) {
        tm.counters.absorbed.increment();
    }
    let is_late = status >= 300 && is_acked_only(&outputs);
    perform(tm, &core, handle, outputs, Some(cx));
    if is_late {
        // The branch was given up: the reply routes see the reply, and nothing else comes of it.
        enter(cx, handle, Some(branch));
        run_routes(tm, handle, cx, branch);
    }
    Verdict::Consumed
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

/// Whether a reply has what Kamailio's tm needs before it looks for a transaction; it drops others
/// whether they belong to one or not.
fn is_usable(msg: &Message) -> bool {
    matches!(msg.cseq(), Some(Ok(_)))
        && matches!(msg.to(), Some(Ok(_)))
        && msg.has(HeaderKind::From)
        && msg.has(HeaderKind::CallId)
}

/// Runs a reply through the reply routes, then lets the machine act on it.
pub(crate) fn deliver(work: &mut Work<'_>, cx: &mut Context, branch: BranchNo, status: u16) {
    enter(cx, work.handle, Some(branch));
    if run_routes(work.tm, work.handle, cx, branch) == How::Drop && status < 200 {
        return;
    }
    work.tm
        .tell(work.core, work.handle, Event::ReplyIn { branch, cx });
    let kept = (status >= 300).then(|| {
        Arc::new(StoredReply {
            msg: Arc::clone(&cx.msg),
            received: cx.received,
            edits: cx.edits.clone(),
        })
    });
    work.tm.with(work.handle, |t| {
        if let Some(data) = t.branch_data_mut(branch) {
            data.replies = data.replies.saturating_add(1);
            if kept.is_some() {
                data.reply = kept;
            }
        }
    });
    if status >= 300 {
        failure::branch_failed(work, branch, status);
    }
    if status >= 200 {
        work.cause = Cause::Reply(status);
    }
    let at = now(work.core);
    let queue = &mut work.queue;
    work.tm.with(work.handle, |t| {
        t.forward_reply(at, branch, status, queue);
    });
}

/// Runs the transaction's reply route, then the branch's; says how the last one ended, or that one
/// dropped the reply.
fn run_routes(tm: &Tm, handle: Handle, cx: &mut Context, branch: BranchNo) -> How {
    let known = tm.with(handle, |t| {
        let own = t.branch(branch);
        (
            [t.data.settings.on_reply, own.and_then(|b| b.data.on_reply)],
            t.data.flags,
            own.map_or(0, |b| b.data.target.flags),
            t.data.request.avps.clone(),
        )
    });
    let Some((routes, flags, branch_flags, avps)) = known else {
        return How::Return;
    };
    if routes == [None, None] {
        return How::Return;
    }
    cx.flags = flags;
    cx.target.flags = branch_flags;
    cx.avps = avps;
    let mut how = How::Return;
    for route in routes.into_iter().flatten() {
        if run_nested(cx, route, RunKind::TmReply).how == How::Drop {
            how = How::Drop;
        }
    }
    if (cx.flags, cx.target.flags) != (flags, branch_flags) {
        let (flags, branch_flags) = (cx.flags, cx.target.flags);
        tm.with(handle, |t| {
            t.data.flags = flags;
            if let Some(data) = t.branch_data_mut(branch) {
                data.target.flags = branch_flags;
            }
        });
    }
    how
}
