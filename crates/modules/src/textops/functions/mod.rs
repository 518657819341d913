//! Script functions of textops.

mod body;
mod headers;
mod search;
mod strings;
mod subst;
mod table;

pub(super) use table::TABLE;

use engine::module::{FALSE, Function, Outcome, Routes, TRUE};

/// The same row, allowed only in some routes.
const fn within(routes: Routes, mut row: Function) -> Function {
    row.routes = routes;
    row
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}
