//! Extended message flags.

use engine::arguments::Args;
use engine::context::Context;
use engine::module::{FALSE, Outcome, TRUE};

/// Word and mask of a flag from 0 to 63.
fn place(cx: &mut Context, args: &Args<'_>) -> Option<(usize, u32)> {
    let flag = usize::try_from(args.int(cx, 0)?).ok()?;
    (flag < 64).then_some((flag / 32, 1 << (flag % 32)))
}

fn with(cx: &mut Context, args: &Args<'_>, run: fn(&mut u32, u32) -> bool) -> Outcome {
    let Some((word, mask)) = place(cx, args) else {
        return FALSE;
    };
    let done = cx
        .xflags
        .get_mut(word)
        .is_some_and(|flags| run(flags, mask));
    if done { TRUE } else { FALSE }
}

pub(super) fn set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(cx, args, |flags, mask| {
        *flags |= mask;
        true
    })
}

pub(super) fn reset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(cx, args, |flags, mask| {
        *flags &= !mask;
        true
    })
}

pub(super) fn is_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with(cx, args, |flags, mask| *flags & mask != 0)
}
