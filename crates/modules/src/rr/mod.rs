//! rr: Record-Route and loose routing (RFC 3261 sections 16.4, 16.6 step 4, 16.12).
//!
//! Mirrors Kamailio's rr module README. Differences: `remove_record_route()` removes the whole
//! header (Kamailio 5.6 leaves its tail behind), `add_rr_param()` after a single
//! `record_route_preset()` reports success, flow tokens of the outbound module are not handled.

pub mod api;
mod functions;
mod hops;
mod loose;
mod params;
mod record;
mod state;
#[cfg(test)]
mod tests;
mod variables;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "rr",
    doc: "Record-Route and loose routing.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    init: params::init,
    ..Module::EMPTY
};
