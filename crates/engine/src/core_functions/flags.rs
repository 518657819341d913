//! Message flags.

use crate::arguments::Args;
use crate::context::Context;
use crate::module::{FALSE, Outcome, TRUE};

fn mask(cx: &mut Context, args: &Args<'_>) -> Option<u32> {
    let bit = u32::try_from(args.int(cx, 0)?).ok()?;
    1u32.checked_shl(bit)
}

pub(super) fn set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(mask) = mask(cx, args) else {
        return FALSE;
    };
    cx.flags |= mask;
    TRUE
}

pub(super) fn reset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(mask) = mask(cx, args) else {
        return FALSE;
    };
    cx.flags &= !mask;
    TRUE
}

pub(super) fn is_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match mask(cx, args) {
        Some(mask) if cx.flags & mask != 0 => TRUE,
        _ => FALSE,
    }
}

/// `cfg_reset("group")`: the values of a group as the configuration gave them.
pub(super) fn reset_group(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let group = args.text(cx, 0);
    let group = String::from_utf8_lossy(&group).into_owned();
    let mut found = false;
    for var in cx.core.cfg.all().iter().filter(|v| v.group == group) {
        found = true;
        // What is fixed at start has its first value anyway.
        let _ = cx.core.cfg.set(&var.group, &var.name, &var.initial());
    }
    if found { TRUE } else { FALSE }
}
