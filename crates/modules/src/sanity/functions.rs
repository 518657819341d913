//! Script functions of sanity.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use sip::Method;

use super::checks::{self, Failure, Refusal, Wanted};
use super::params::Sanity;
use crate::sl::api::Sl;

/// Largest sum of checks, and one more.
const CHECKS_END: i64 = 32768;
/// Largest sum of URIs, and one more.
const URIS_END: i64 = 16;

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "sanity_check",
        &[Arg::int("msg_checks"), Arg::int("uri_checks")],
        0,
        Routes::REQUEST.and(Routes::ONREPLY),
        sanity_check,
        "Checks the request's format; a failed check is answered and, with autodrop, ends the script.",
    ),
    Function::new(
        "sanity_reply",
        &[],
        0,
        Routes::REQUEST.and(Routes::ONREPLY),
        sanity_reply,
        "Sends the reply of the check that failed, when noreply is set.",
    ),
];

/// The reply that `sanity_reply()` will send.
struct Held(Refusal);

fn sum(cx: &mut Context, args: &Args<'_>, index: usize, default: u32, end: i64) -> Option<u32> {
    if args.len() <= index {
        return Some(default);
    }
    let sum = args.int(cx, index).unwrap_or(0);
    if !(1..end).contains(&sum) {
        cx.log(
            Level::Error,
            &format!(
                "sanity_check: {sum} is outside the valid range 1 to {}",
                end - 1
            ),
        );
        return None;
    }
    u32::try_from(sum).ok()
}

fn sanity_check(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let sanity = args.state::<Sanity>();
    let Some(checks) = sum(cx, args, 0, sanity.checks, CHECKS_END) else {
        return FALSE;
    };
    let Some(uris) = sum(cx, args, 1, sanity.uris, URIS_END) else {
        return FALSE;
    };
    let wanted = Wanted {
        checks,
        uris,
        extensions: &sanity.extensions,
    };
    let failure = match checks::run(cx, &wanted) {
        Ok(()) => return TRUE,
        Err(failure) => failure,
    };
    if let Failure::Reply(refusal) = failure
        // A reply that fails is not answered.
        && cx.msg.is_request()
    {
        cx.log(
            Level::Warning,
            &format!("sanity check failed: {}", refusal.reason),
        );
        // They stay with the request and are in every later reply to it, as in Kamailio.
        cx.reply_headers.extend(refusal.headers.iter().cloned());
        if sanity.noreply {
            cx.extensions.insert(Held(refusal));
        } else {
            send(cx, &refusal);
        }
    }
    if sanity.autodrop {
        Outcome::Return(0)
    } else {
        FALSE
    }
}

fn send(cx: &mut Context, refusal: &Refusal) -> bool {
    if cx.msg.method() == Method::Ack {
        return false;
    }
    let reason = refusal.reason.as_bytes();
    if let Some(sl) = cx.core.modules.get::<Sl>() {
        return sl.reply(cx, refusal.code, reason, &[]);
    }
    let sent = engine::reply::send_stateless(cx, refusal.code, reason, &[]);
    if let Err(error) = sent {
        cx.log(Level::Error, &format!("reply not sent: {error}"));
    }
    sent.is_ok()
}

fn sanity_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if !args.state::<Sanity>().noreply {
        return TRUE;
    }
    match cx.extensions.remove::<Held>() {
        Some(Held(refusal)) if send(cx, &refusal) => TRUE,
        _ => FALSE,
    }
}
