//! Script functions of siputils: the table.

use engine::Context;
use engine::arguments::Args;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, Status, TRUE};

use super::hop::{self, Mode};

const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes: Routes::ANY,
        run,
        doc,
        status: Status::Full,
    }
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// All functions.
pub(super) static TABLE: &[Function] = &[
    row(
        "has_totag",
        &[],
        0,
        |cx, _| truth(cx.msg.to_tag().is_some()),
        "Whether the To header has a tag.",
    ),
    row(
        "is_request",
        &[],
        0,
        |cx, _| truth(cx.msg.is_request()),
        "Whether the message is a request.",
    ),
    row(
        "is_reply",
        &[],
        0,
        |cx, _| truth(cx.msg.is_reply()),
        "Whether the message is a reply.",
    ),
    row(
        "is_first_hop",
        &[Arg {
            name: "mode",
            kind: ArgKind::Int,
        }],
        0,
        |cx, args| {
            let mode = match args.int(cx, 0) {
                Some(1) => Mode::RouteOnly,
                _ => Mode::NoLoop,
            };
            truth(hop::is_first(cx, mode))
        },
        "Whether we are the first server that the message passes; mode 1 takes a reply's Record-Route for it alone.",
    ),
];
