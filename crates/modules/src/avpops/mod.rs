//! avpops: operations on AVPs as stacks of values.
//!
//! Mirrors Kamailio's avpops module README. Differences: the database functions (`avp_db_load`,
//! `avp_db_store`, `avp_db_delete`, `avp_db_query`) are not there; script flags in AVP names
//! (`$avp(i3:7)`) are not kept; `avp_copy` makes `-5` of the number -5, where Kamailio writes it
//! without its sign;
//! `avp_check` with the flag `g` looks at the type of each value, where Kamailio takes that of the
//! newest for all; dividing the smallest integer by -1 wraps, where Kamailio ends.

mod check;
mod copy;
mod functions;
mod names;
mod operation;
mod params;
mod push;
#[cfg(test)]
mod tests;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "avpops",
    doc: "Operations on AVPs.",
    functions: functions::TABLE,
    params: params::TABLE,
    ..Module::EMPTY
};
