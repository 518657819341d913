//! siputils: checks of SIP messages and URIs.
//!
//! Mirrors Kamailio's siputils module README.

mod functions;
mod hop;
#[cfg(test)]
mod tests;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "siputils",
    doc: "Checks of SIP messages and URIs.",
    functions: functions::TABLE,
    ..Module::EMPTY
};
