//! Message flags.

use crate::arguments::Args;
use crate::cfg_vars::Selected;
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

/// `cfg_select("group", id)`: the values of an instance of a group, for this message.
pub(super) fn select_group(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let group = args.text(cx, 0);
    let group = String::from_utf8_lossy(&group).into_owned();
    let id = args.int(cx, 1).and_then(|id| u32::try_from(id).ok());
    let Some(id) = id.filter(|id| cx.core.cfg.has_instance(&group, *id)) else {
        return FALSE;
    };
    cx.extensions
        .get_or_default::<Selected>()
        .choose(&group, id);
    TRUE
}

/// `cfg_reset("group")`: back to the group's own values.
pub(super) fn reset_group(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let group = args.text(cx, 0);
    let group = String::from_utf8_lossy(&group).into_owned();
    if !cx.core.cfg.all().iter().any(|v| v.group == group) {
        return FALSE;
    }
    if let Some(chosen) = cx.extensions.get_mut::<Selected>() {
        chosen.forget(&group);
    }
    TRUE
}
