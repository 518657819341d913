//! siputils: checks of SIP messages and URIs.
//!
//! Mirrors Kamailio's siputils module README. Left out: Remote-Party-ID, P-Charging-Vector,
//! `is_user`, `hdr_date_check`, `set_uri_user`, `set_uri_host`.

mod contacts;
mod functions;
mod hop;
mod on_contacts;
mod on_uris;
mod params;
#[cfg(test)]
mod tests;
mod uris;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "siputils",
    doc: "Checks of SIP messages and URIs.",
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    ..Module::EMPTY
};
