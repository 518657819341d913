//! siputils: checks of SIP messages and URIs.
//!
//! Mirrors Kamailio's siputils module README. Differences: `sip_p_charging_vector()` with `r` and
//! `f` removes the header, which Kamailio 5.6 does not or crashes over; `set_uri_host()` replaces
//! an IPv6 address as a whole.

mod charging;
mod contacts;
mod functions;
mod hop;
mod on_contacts;
mod on_uris;
mod params;
mod rpid;
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
    variables: charging::VARIABLES,
    init: params::init,
    ..Module::EMPTY
};
