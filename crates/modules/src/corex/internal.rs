//! Internal flags of a message (`msg_iflag_set` and its kin).

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};

use super::api::InternalFlags;

/// The flag is not set.
const NOT_SET: Outcome = Outcome::Return(-2);

fn with(cx: &mut Context, args: &Args<'_>, run: fn(&mut InternalFlags, u8) -> Outcome) -> Outcome {
    let name = args.text(cx, 0);
    let Some(flag) = InternalFlags::named(&name) else {
        let shown = String::from_utf8_lossy(&name).into_owned();
        cx.log(Level::Error, &format!("`{shown}` is no internal flag"));
        return FALSE;
    };
    run(cx.extensions.get_or_default(), flag)
}

pub(super) fn set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(cx, args, |flags, flag| {
        flags.set |= flag;
        TRUE
    })
}

pub(super) fn reset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(cx, args, |flags, flag| {
        flags.set &= !flag;
        TRUE
    })
}

pub(super) fn is_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(
        cx,
        args,
        |flags, flag| {
            if flags.set & flag == 0 { NOT_SET } else { TRUE }
        },
    )
}
