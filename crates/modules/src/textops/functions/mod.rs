//! Script functions of textops.

mod body;
mod headers;
mod search;
mod strings;
mod subst;
mod table;

pub(super) use table::TABLE;

use engine::Context;
use engine::arguments::Args;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, Status, TRUE};

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

/// The same row, allowed only in some routes.
const fn within(routes: Routes, mut row: Function) -> Function {
    row.routes = routes;
    row
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}
