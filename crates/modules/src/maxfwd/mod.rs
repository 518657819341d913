//! maxfwd: Max-Forwards (RFC 3261 sections 16.3 step 3 and 16.6 step 3).
//!
//! Mirrors Kamailio's maxfwd module README. The number is replaced in the place and width of the
//! old one, right-aligned, as Kamailio does. Difference: the lowered number is a deferred edit, so
//! `$hdr(Max-Forwards)` still shows the received one.

mod functions;
mod hops;
mod params;
#[cfg(test)]
mod tests;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "maxfwd",
    doc: "Checks and lowers Max-Forwards.",
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    reconfigure: |change| change.values_of("maxfwd"),
    ..Module::EMPTY
};
