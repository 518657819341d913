//! CANCEL from upstream: answered here, and passed on to every branch of the INVITE.

use bytes::Bytes;
use engine::Context;
use engine::module::Outcome;
use sip::HeaderKind;
use transaction::{Handle, Output, Outputs};

use crate::tm::ack;
use crate::tm::create::{self, Made};
use crate::tm::local_reply::{self, Reply};
use crate::tm::observers::Event;
use crate::tm::perform::{Cause, perform_with};
use crate::tm::state::{Tm, now};
use crate::tm::suspend;
use crate::tm::targets::NextHop;

/// `t_relay` of a CANCEL. `None`: no INVITE is known, and it is to be relayed as any request.
pub(crate) fn relay(tm: &Tm, cx: &mut Context) -> Option<Outcome> {
    relay_matched(tm, cx).or_else(|| match tm.config.unmatched_cancel.get() {
        1 => Some(ack::forward(cx, &NextHop::default())),
        2 => Some(Outcome::Return(1)),
        _ => None,
    })
}

/// Handles a CANCEL whose INVITE is known; `None` when it is not.
pub(crate) fn relay_matched(tm: &Tm, cx: &mut Context) -> Option<Outcome> {
    let invite = tm.find_cancelled(&cx.msg)?;
    let code = match create::create(tm, cx) {
        Ok(Made::New(_) | Made::Already(_)) => {
            cancel_invite(tm, cx, invite);
            1
        }
        Ok(Made::Retransmission) => 0,
        Err(error) => error.code(),
    };
    Some(Outcome::Return(code))
}

/// Answers the CANCEL in work and cancels the INVITE.
fn cancel_invite(tm: &Tm, cx: &mut Context, invite: Handle) {
    let core = cx.core.clone();
    tm.tell(&core, invite, Event::CancelIn(cx));
    let reasons = reasons(tm, cx, invite);
    if suspend::waits_for_script(tm, invite) {
        let reply = Reply {
            status: 487,
            reason: b"Request canceled",
            ..Reply::default()
        };
        // It has no final reply while it waits.
        let _ = local_reply::send_to(tm, &core, invite, &reply);
    }
    let at = now(&core);
    let mut outputs = Outputs::new();
    let pending = tm
        .with(invite, |t| {
            let mut branches = t.branches().iter();
            let pending = branches.any(|branch| !branch.is_final() && !branch.is_blind());
            t.data.cancel_reason = reasons;
            t.on_cancel(at, &mut outputs);
            pending
        })
        .unwrap_or(false);
    let reason: &[u8] = if pending {
        b"canceling"
    } else {
        b"ok -- no more pending branches"
    };
    // Branches that are given up at once end the INVITE before the CANCEL is answered.
    let is_over = outputs
        .iter()
        .any(|o| matches!(o, Output::AllBranchesFinal { .. }));
    let rest = if is_over {
        std::mem::take(&mut outputs)
    } else {
        Outputs::new()
    };
    perform_with(tm, &core, invite, rest, None, Cause::Cancel);
    // The CANCEL's own transaction is new: it has no reply yet.
    let _ = local_reply::send(tm, cx, 200, reason, &[]);
    perform_with(tm, &core, invite, outputs, None, Cause::Cancel);
}

/// The Reason headers that our CANCELs repeat.
fn reasons(tm: &Tm, cx: &Context, invite: Handle) -> Bytes {
    let unwanted = tm
        .with(invite, |t| t.data.settings.no_cancel_reason)
        .unwrap_or(true);
    if unwanted || tm.config.e2e_cancel_reason.get() == 0 {
        return Bytes::new();
    }
    let lines: Vec<&[u8]> = cx
        .msg
        .all(HeaderKind::Reason)
        .map(|header| cx.msg.text(header.whole))
        .collect();
    lines.concat().into()
}
