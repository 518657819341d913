//! sanity: refuses requests that are malformed in ways the core forgives.
//!
//! Mirrors Kamailio's sanity module README: the checks, their numbers, reply codes and texts (one
//! of them misspelt) are Kamailio 5.6.3's. The checks numbered 8 and 16 do nothing there either.

mod checks;
mod credentials;
mod functions;
mod params;
#[cfg(test)]
mod tests;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "sanity",
    doc: "Checks of the format of requests.",
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    ..Module::EMPTY
};
