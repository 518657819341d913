//! Script functions of textopsx.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, Status, TRUE};

use super::rebuild::{self, RebuildError};

const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    routes: Routes,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes,
        run,
        doc,
        status: Status::Full,
    }
}

const RECEIVED: Routes = Routes::REQUEST.and(Routes::ONREPLY);

/// All functions.
pub(super) static TABLE: &[Function] = &[row(
    "msg_apply_changes",
    &[],
    0,
    RECEIVED,
    msg_apply_changes,
    "Applies the changes made so far, so that reads see them.",
)];

fn rebuilt(cx: &mut Context, result: Result<(), RebuildError>) -> Outcome {
    match result {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("message not rebuilt: {error}"));
            FALSE
        }
    }
}

fn msg_apply_changes(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let result = rebuild::apply(cx);
    rebuilt(cx, result)
}
