//! Making the transaction of a received request (`t_newtran`), and what becomes of it when the
//! script ends without an answer.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::Extensions;
use engine::core::Core;
use engine::hooks::Verdict;
use engine::log::Level;
use engine::variable::Readable;
use script::value::Value;
use sip::Method;
use transaction::{Entry, Handle, Kind, Outputs, Transaction, Transport};

use crate::tm::error::RelayError;
use crate::tm::message::{Lookup, TmMessage, current};
use crate::tm::observers::Event;
use crate::tm::perform::perform;
use crate::tm::state::{Tm, now};
use crate::tm::stored::{RequestData, Sender, StoredRequest};
use crate::tm::{local_reply, suspend};

/// What came of asking for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// The message has one now.
    New(Handle),
    /// It had one already.
    Already(Handle),
    /// The message repeats one that was received before, and has been dealt with.
    Retransmission,
}

/// Makes the transaction of the request in work, unless it has one.
pub(crate) fn create(tm: &Tm, cx: &mut Context) -> Result<Made, RelayError> {
    if let Some(handle) = current(cx) {
        return Ok(Made::Already(handle));
    }
    let method = cx.msg.method();
    if method == Method::Ack || cx.msg.is_reply() {
        return Err(RelayError::Unspecified);
    }
    let Some(key) = tm.request_key(&cx.msg, cx.msg.method_text()) else {
        return Err(RelayError::BadRequest);
    };
    // A request URI of another scheme, or none at all, is not for a SIP proxy (RFC 3261 section
    // 16.3), whatever the next hop.
    if cx.request_uri_parts().is_none() {
        cx.log(Level::Error, "no transaction: the request URI is malformed");
        return Err(RelayError::BadRequest);
    }
    let is_invite = method == Method::Invite;
    let mut settings = cx.extensions.get_or_default::<TmMessage>().settings;
    settings.fr = settings.fr.or(seconds(cx, tm.config.fr_avp.as_ref()));
    settings.fr_inv = settings
        .fr_inv
        .or(seconds(cx, tm.config.fr_inv_avp.as_ref()));
    let mut extensions = Extensions::default();
    if let Some(spiral) = tm.spirals.enter(cx) {
        extensions.insert(spiral);
    }
    let data = RequestData {
        request: Arc::new(StoredRequest::of(cx)),
        flags: cx.flags,
        xflags: cx.xflags,
        settings,
        forked_by: None,
        reply: Bytes::new(),
        ready: Bytes::new(),
        cancel_reason: Bytes::new(),
        first_of_leg: 0,
        failed_leg: 0,
        suspended: Vec::new(),
        is_replica: false,
        lumps_saved: false,
        last_replied: None,
        replied_by: Sender::Nobody,
        has_told_tag: false,
        failed_once: false,
        extensions,
    };
    let kind = if is_invite {
        Kind::Invite
    } else {
        Kind::NonInvite
    };
    let transport = if cx.received.proto.is_reliable() {
        Transport::Reliable
    } else {
        Transport::Unreliable
    };
    let timing = tm.timing(is_invite, &settings);
    let rules = tm.rules(&settings);
    let at = now(&cx.core);
    let secret = cx.core.services.random.next();
    let entry = tm.table.find_or_insert(key, secret, || {
        Transaction::new(at, kind, transport, timing, rules, data)
    });
    match entry {
        Ok(Entry::Inserted(handle)) => {
            tm.counters.uas.increment();
            tm.counters.inuse.increment();
            tm.counters.active.increment();
            let message = cx.extensions.get_or_default::<TmMessage>();
            message.lookup = Lookup::Found(handle);
            message.is_owner = true;
            let core = cx.core.clone();
            tm.tell(&core, handle, Event::RequestIn(cx));
            Ok(Made::New(handle))
        }
        Ok(Entry::Found(handle)) => {
            retransmitted(tm, cx, handle);
            Ok(Made::Retransmission)
        }
        Err(_) => {
            cx.log(Level::Error, "the transaction table is full");
            Err(RelayError::OutOfMemory)
        }
    }
}

/// The time that an AVP sets, in milliseconds.
fn seconds(cx: &mut Context, avp: Option<&Readable>) -> Option<u32> {
    let seconds = match avp?.read(cx) {
        Value::Int(seconds) => seconds,
        Value::Str(text) => std::str::from_utf8(&text).ok()?.trim().parse().ok()?,
        Value::Null => return None,
    };
    let millis = u32::try_from(seconds).ok()?.checked_mul(1000)?;
    (millis > 0).then_some(millis)
}

/// A request came again: the last reply goes out again.
pub(crate) fn retransmitted(tm: &Tm, cx: &mut Context, handle: Handle) {
    let mut outputs = Outputs::new();
    tm.with(handle, |t| t.on_request_retransmission(&mut outputs));
    let core = cx.core.clone();
    perform(tm, &core, handle, outputs, None);
}

/// Hook after `request_route`: a transaction that the script made and left without branch and
/// answer gets the answer that `t_relay`'s failure asks for, or is given up.
pub(crate) fn after_request(tm: &Tm, cx: &mut Context) -> Verdict {
    let Some(message) = cx.extensions.get::<TmMessage>() else {
        return Verdict::Continue;
    };
    if message.is_continued {
        suspend::after_continued(tm, cx);
        return Verdict::Continue;
    }
    let (Some(handle), true) = (message.lookup.handle(), message.is_owner) else {
        return Verdict::Continue;
    };
    let failed = message.failed;
    let is_idle = tm
        .look(handle, |t| {
            t.branches().is_empty() && t.last_status() < 200 && !t.is_replied()
        })
        .unwrap_or(false);
    if !is_idle && failed.is_none() {
        return Verdict::Continue;
    }
    let is_copy = tm.look(handle, |t| t.data.is_replica) == Some(true);
    match failed {
        // Whether a copy could be sent concerns nobody.
        Some(_) if is_copy => let_go(tm, &cx.core, handle),
        Some(error) => {
            let (status, reason) = error.reply();
            // A reply by the script has settled the matter.
            let _ = local_reply::send(tm, cx, status, reason.as_bytes(), &[]);
        }
        None => {
            cx.log(
                Level::Warning,
                "the script left its transaction without reply and branch",
            );
            let_go(tm, &cx.core, handle);
        }
    }
    Verdict::Continue
}

/// Lets a transaction go: it ends soon, whether something comes for it or not.
pub(crate) fn let_go(tm: &Tm, core: &Core, handle: Handle) {
    let at = now(core);
    tm.with(handle, |t| t.let_go(at));
}

/// Gives a transaction up: it only waits for retransmissions from now on.
pub(crate) fn abandon(tm: &Tm, core: &Core, handle: Handle) {
    let at = now(core);
    let abandoned = tm.with(handle, |t| {
        let was_active = !t.is_replied();
        t.abandon(at);
        was_active
    });
    if abandoned == Some(true) {
        tm.counters.active.add(-1);
    }
}
