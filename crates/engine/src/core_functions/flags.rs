//! Flags of messages and of AVPs.

use crate::arguments::Args;
use crate::catalog::NameScope;
use crate::cfg_vars::Selected;
use crate::context::{AvpKey, Context};
use crate::module::{FALSE, Outcome, TRUE};
use crate::variable::ParsedName;

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

/// A flag that `avpflags` declares.
pub(super) fn parse_avp_flag(
    scope: &mut NameScope<'_, '_>,
    name: &[u8],
) -> Result<ParsedName, String> {
    let bit = scope.avp_flag(name);
    bit.map(|bit| ParsedName::data(1u32 << (bit & 31)))
        .ok_or_else(|| "the flag is not declared".to_owned())
}

/// Does something with the flags of an AVP's newest value and the mask of the named one.
fn on_avp(cx: &mut Context, args: &Args<'_>, act: fn(&mut u32, u32) -> bool) -> Outcome {
    let (Some(key), Some(mask)) = (args.parsed::<AvpKey>(0), args.parsed::<u32>(1)) else {
        return FALSE;
    };
    let mut store = cx.avps.write();
    let done = store.flags(key).is_some_and(|flags| act(flags, *mask));
    if done { TRUE } else { FALSE }
}

pub(super) fn set_of_avp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    on_avp(cx, args, |flags, mask| {
        *flags |= mask;
        true
    })
}

/// Whether the flag is set afterwards is the answer: it never is.
pub(super) fn reset_of_avp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    on_avp(cx, args, |flags, mask| {
        *flags &= !mask;
        *flags & mask != 0
    })
}

pub(super) fn is_set_of_avp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    on_avp(cx, args, |flags, mask| *flags & mask != 0)
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
