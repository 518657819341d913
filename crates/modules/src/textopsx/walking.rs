//! Script functions of iterators.

use engine::Context;
use engine::arguments::Args;
use engine::module::Outcome;

use super::iterators::{self, Kind, Side};

pub(super) fn start(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let name = args.text(cx, 0);
    iterators::start(cx, kind, name)
}

pub(super) fn named(
    cx: &mut Context,
    args: &Args<'_>,
    kind: Kind,
    run: fn(&mut Context, Kind, &[u8]) -> Outcome,
) -> Outcome {
    let name = args.text(cx, 0);
    run(cx, kind, &name)
}

pub(super) fn add(cx: &mut Context, args: &Args<'_>, kind: Kind, side: Side) -> Outcome {
    let (name, text) = (args.text(cx, 0), args.text(cx, 1));
    iterators::add(cx, kind, &name, side, text)
}
