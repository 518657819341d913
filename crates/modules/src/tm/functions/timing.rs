//! Functions that set timers and rules of one transaction.

use engine::Context;
use engine::arguments::Args;
use engine::module::{FALSE, Outcome, TRUE};

use crate::tm::settings::{self, Settings};
use crate::tm::state::Tm;

fn change(cx: &mut Context, args: &Args<'_>, put: impl FnOnce(&mut Settings)) -> Outcome {
    settings::change(args.state::<Tm>(), cx, put);
    TRUE
}

/// Milliseconds in an argument; zero or less leaves the value in force.
fn millis(cx: &mut Context, args: &Args<'_>, index: usize) -> Option<u32> {
    let value = args.int(cx, index)?;
    u32::try_from(value).ok().filter(|n| *n != 0)
}

pub(super) fn set_fr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let fr_inv = millis(cx, args, 0);
    let fr = millis(cx, args, 1);
    change(cx, args, |s| {
        s.fr_inv = fr_inv.or(s.fr_inv);
        s.fr = fr.or(s.fr);
    })
}

pub(super) fn reset_fr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    change(cx, args, |s| {
        s.fr_inv = None;
        s.fr = None;
    })
}

pub(super) fn set_retr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let t1 = millis(cx, args, 0);
    let t2 = millis(cx, args, 1);
    change(cx, args, |s| {
        s.retr_t1 = t1.or(s.retr_t1);
        s.retr_t2 = t2.or(s.retr_t2);
    })
}

pub(super) fn reset_retr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    change(cx, args, |s| {
        s.retr_t1 = None;
        s.retr_t2 = None;
    })
}

pub(super) fn set_max_lifetime(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let invite = millis(cx, args, 0);
    let other = millis(cx, args, 1);
    change(cx, args, |s| {
        s.inv_lifetime = invite.or(s.inv_lifetime);
        s.noninv_lifetime = other.or(s.noninv_lifetime);
    })
}

pub(super) fn reset_max_lifetime(cx: &mut Context, args: &Args<'_>) -> Outcome {
    change(cx, args, |s| {
        s.inv_lifetime = None;
        s.noninv_lifetime = None;
    })
}

/// Applies a function that takes 0 or 1.
fn switch(cx: &mut Context, args: &Args<'_>, put: fn(&mut Settings, bool)) -> Outcome {
    match args.int(cx, 0) {
        Some(value) => change(cx, args, |s| put(s, value != 0)),
        None => FALSE,
    }
}

pub(super) fn set_auto_inv_100(cx: &mut Context, args: &Args<'_>) -> Outcome {
    switch(cx, args, |s, on| s.auto_inv_100 = Some(on))
}

pub(super) fn set_disable_6xx(cx: &mut Context, args: &Args<'_>) -> Outcome {
    switch(cx, args, |s, on| s.disable_6xx = Some(on))
}

pub(super) fn set_disable_failover(cx: &mut Context, args: &Args<'_>) -> Outcome {
    switch(cx, args, |s, on| s.disable_failover = on)
}

pub(super) fn set_disable_internal_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    switch(cx, args, |s, on| s.disable_internal_reply = on)
}

pub(super) fn set_no_cancel_reason(cx: &mut Context, args: &Args<'_>) -> Outcome {
    switch(cx, args, |s, on| s.no_cancel_reason = on)
}
