//! Script functions of textops.

mod body;
mod headers;
mod search;
mod strings;
mod subst;
mod table;

pub(super) use table::TABLE;

use engine::module::{FALSE, Outcome, TRUE};

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}
