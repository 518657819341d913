//! What happens to transactions, and which of it is accounted.

use std::sync::Arc;

use bytes::Bytes;
use engine::context::{Context, RunKind};
use sip::{HeaderKind, Message, Method};
use smallvec::SmallVec;

use super::reason;
use super::record::Record;
use super::settings::Settings;
use crate::rr::api::{Direction, direction};
use crate::tm::api::{BranchNo, Event, Note};

/// Kept with a transaction that may be accounted.
#[derive(Default)]
struct Accounted {
    /// From and To change places: a request from the callee (`detect_direction`).
    is_upstream: bool,
    /// The last reply of each branch, to know whose reply goes out.
    replies: SmallVec<[(BranchNo, Arc<Message>); 2]>,
    /// Status and reason of the final reply, once it is accounted.
    answer: Option<(u16, Bytes)>,
    /// The failure that was logged as a missed call last, and its branch.
    missed: Option<(u16, BranchNo)>,
}

/// Sees an event of a transaction.
pub(super) fn observe(settings: &Settings, note: &mut Note<'_>) {
    match &mut note.event {
        Event::RequestIn(cx) => {
            if may_be_accounted(settings, cx) {
                let kept = Accounted {
                    is_upstream: settings.detect_direction
                        && cx.msg.to_tag().is_some()
                        && direction(cx) == Direction::Upstream,
                    ..Accounted::default()
                };
                note.tm
                    .with_data(note.handle, |data| data.extensions.insert(kept));
            }
        }
        Event::ReplyIn { branch, cx } => {
            let (branch, reply) = (*branch, Arc::clone(&cx.msg));
            with_accounted(note, |kept| {
                kept.replies.retain(|(b, _)| *b != branch);
                kept.replies.push((branch, reply));
            });
        }
        Event::Failure {
            status,
            reply,
            branch,
        } => {
            let (status, reply, branch) = (*status, reply.map(Arc::clone), *branch);
            missed(settings, note, status, reply.as_deref(), branch);
        }
        Event::ReplyOut { status, .. } => {
            let status = *status;
            replied(settings, note);
            if status >= 200 {
                forget(settings, note, status);
            }
        }
        Event::AckIn(_) => acknowledged(settings, note),
        // A CANCEL that is accounted has a transaction of its own.
        Event::CancelIn(_) => {}
    }
}

/// Whether the script has marked a request for accounting before its transaction was made, or may
/// do so later.
fn may_be_accounted(settings: &Settings, cx: &Context) -> bool {
    let marks = settings.log_flag | settings.log_missed_flag | settings.prepare_flag;
    let is_marked = settings.prepare_always || cx.flags & marks != 0;
    let is_of_interest = match cx.msg.method() {
        Method::Ack => false,
        Method::Cancel => settings.report_cancels,
        _ => true,
    };
    is_marked && is_of_interest
}

fn with_accounted<R>(note: &Note<'_>, run: impl FnOnce(&mut Accounted) -> R) -> Option<R> {
    note.tm
        .with_data(note.handle, |data| {
            data.extensions.get_mut::<Accounted>().map(run)
        })
        .flatten()
}

/// A call that nobody took, before the failure route may try again.
fn missed(
    settings: &Settings,
    note: &Note<'_>,
    status: u16,
    reply: Option<&Message>,
    branch: BranchNo,
) {
    let is_missed_call =
        note.request.msg().method() == Method::Invite && note.flags & settings.log_missed_flag != 0;
    if !is_missed_call || with_accounted(note, |_| ()).is_none() {
        return;
    }
    let mut cx = context(note, None);
    if let Some(target) = note.tm.target_of(note.handle, branch) {
        cx.target = target;
    }
    let own_tag;
    let (to_tag, reason) = match reply {
        Some(reply) => (
            reply.to_tag().unwrap_or_default(),
            reason_of(settings, reply),
        ),
        None => {
            own_tag = note.tm.to_tag(&note.request.msg());
            (&own_tag[..], reason::usual(status))
        }
    };
    log(
        settings,
        note,
        &mut cx,
        "call missed: ",
        status,
        to_tag,
        reason,
    );
    with_accounted(note, |kept| kept.missed = Some((status, branch)));
    // Each round of forking is marked anew.
    note.tm.with_data(note.handle, |data| {
        data.flags &= !settings.log_missed_flag;
    });
}

/// A reply went upstream.
fn replied(settings: &Settings, note: &Note<'_>) {
    let Event::ReplyOut {
        status,
        reply,
        bytes,
        ..
    } = &note.event
    else {
        return;
    };
    if *status < 200 && !settings.early_media {
        return;
    }
    let turn = with_accounted(note, |kept| {
        if kept.answer.is_some() {
            // Another branch's 2xx, or the same one again.
            return None;
        }
        let found = reply.and_then(|r| kept.replies.iter().find(|(_, m)| Arc::ptr_eq(m, r)));
        Some(found.map(|(branch, _)| *branch))
    });
    let Some(Some(branch)) = turn else { return };
    let own;
    let (to_tag, reason): (&[u8], &[u8]) = match reply {
        Some(reply) => (
            reply.to_tag().unwrap_or_default(),
            reason_of(settings, reply),
        ),
        None if note.request.msg().method() == Method::Cancel => (b"", reason::usual(*status)),
        None => {
            own = Message::parse(Bytes::copy_from_slice(bytes), &note.core.tolerance).ok();
            let tag = own.as_ref().and_then(|m| m.to_tag()).unwrap_or_default();
            (tag, reason::usual(*status))
        }
    };
    // For the record of the ACK.
    if *status >= 200 && settings.report_ack {
        with_accounted(note, |kept| {
            kept.answer = Some((*status, Bytes::copy_from_slice(reason)));
        });
    }
    if reply.is_none() && *status >= 300 {
        // The script answered by itself: no failure was told.
        missed_locally(settings, note, *status, to_tag, reason);
    }
    if !is_answer_accounted(settings, note.flags, *status, reply.map(|r| &**r)) {
        return;
    }
    let mut cx = context(note, branch);
    log(
        settings,
        note,
        &mut cx,
        "transaction answered: ",
        *status,
        to_tag,
        reason,
    );
}

fn missed_locally(settings: &Settings, note: &Note<'_>, status: u16, to_tag: &[u8], reason: &[u8]) {
    let is_missed_call =
        note.request.msg().method() == Method::Invite && note.flags & settings.log_missed_flag != 0;
    // A failure route that answers otherwise than the branches is logged as well.
    let told = with_accounted(note, |kept| kept.missed).flatten();
    if is_missed_call || told.is_some_and(|(told, _)| is_scripts_own(told, status)) {
        let mut cx = context(note, None);
        if let Some(target) = told.and_then(|(_, branch)| note.tm.target_of(note.handle, branch)) {
            cx.target = target;
        }
        log(
            settings,
            note,
            &mut cx,
            "call missed: ",
            status,
            to_tag,
            reason,
        );
    }
}

/// Whether a local reply after a failure is the script's and not what tm makes of the failure: the
/// status itself, 500 for a 503, 408 and 487 for silence and a CANCEL.
fn is_scripts_own(failure: u16, status: u16) -> bool {
    status != failure && !matches!((failure, status), (503, 500) | (_, 408 | 487))
}

fn is_answer_accounted(
    settings: &Settings,
    flags: u32,
    status: u16,
    reply: Option<&Message>,
) -> bool {
    if flags & settings.log_flag == 0 {
        return false;
    }
    match status {
        0..200 => settings.early_media && reply.is_some_and(|r| !r.body().is_empty()),
        200..300 => true,
        _ => {
            flags & settings.failed_transaction_flag != 0
                && !settings.failed_filter.contains(&status)
        }
    }
}

/// Gives back what is not needed once the final reply is out: the transaction rests for seconds.
/// Only the ACK of a call that was taken may still be accounted.
fn forget(settings: &Settings, note: &Note<'_>, status: u16) {
    let is_acknowledged_later =
        settings.report_ack && status < 300 && note.request.msg().method() == Method::Invite;
    note.tm.with_data(note.handle, |data| {
        if !is_acknowledged_later {
            data.extensions.remove::<Accounted>();
        } else if let Some(kept) = data.extensions.get_mut::<Accounted>() {
            kept.replies = SmallVec::new();
        }
    });
}

/// The ACK of a call that was taken.
fn acknowledged(settings: &Settings, note: &mut Note<'_>) {
    if !settings.report_ack {
        return;
    }
    // Accounted once, however often it is sent again.
    let kept = note
        .tm
        .with_data(note.handle, |data| data.extensions.remove::<Accounted>());
    let Some((status, reason)) = kept.flatten().and_then(|kept| kept.answer) else {
        return;
    };
    let request = Arc::clone(note.request);
    let Event::AckIn(cx) = &mut note.event else {
        return;
    };
    if status >= 300 || cx.flags & settings.log_flag == 0 {
        return;
    }
    // The values are those that the INVITE left.
    let own_avps = std::mem::replace(&mut cx.avps, request.avps.clone());
    let msg = Arc::clone(&cx.msg);
    Record {
        comment: "request acknowledged: ",
        method: msg.method_text(),
        from_tag: msg.from_tag().unwrap_or_default(),
        to_tag: msg.to_tag().unwrap_or_default(),
        call_id: msg.call_id().unwrap_or_default(),
        code: status.to_string().as_bytes(),
        reason: &reason,
    }
    .log(settings, cx);
    cx.avps = own_avps;
}

/// The context in which a record's variables are read: the request, with the destination of the
/// branch that answered.
fn context(note: &Note<'_>, branch: Option<BranchNo>) -> Context {
    let mut cx = note
        .request
        .context(note.core, RunKind::Request, note.flags);
    note.tm.enter(&mut cx, note.handle, branch);
    if let Some(target) = note.tm.branch_target(&cx) {
        cx.target = target;
    }
    cx
}

fn log(
    settings: &Settings,
    note: &Note<'_>,
    cx: &mut Context,
    comment: &str,
    status: u16,
    to_tag: &[u8],
    reason: &[u8],
) {
    let msg = note.request.msg();
    let from_tag = msg.from_tag().unwrap_or_default();
    // A request inside a dialog has the tag itself.
    let to_tag = msg.to_tag().unwrap_or(to_tag);
    let is_upstream = with_accounted(note, |kept| kept.is_upstream) == Some(true);
    let (from_tag, to_tag) = if is_upstream {
        (to_tag, from_tag)
    } else {
        (from_tag, to_tag)
    };
    Record {
        comment,
        method: msg.method_text(),
        from_tag,
        to_tag,
        call_id: msg.call_id().unwrap_or_default(),
        code: status.to_string().as_bytes(),
        reason,
    }
    .log(settings, cx);
}

/// A reply's reason: its phrase, or with `reason_from_hf` its Reason header.
fn reason_of<'m>(settings: &Settings, reply: &'m Message) -> &'m [u8] {
    if settings.reason_from_hf
        && let Some(reason) = reply.value(HeaderKind::Reason)
    {
        return reason;
    }
    reply.reason()
}
