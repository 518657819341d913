//! uac_redirect: follows redirections (RFC 3261 section 8.1.3.4) from a failure route.
//!
//! Mirrors Kamailio's uac_redirect module README. Differences: records go to the log whatever
//! `acc_function` names, as no database can be configured; without the acc module the contacts are
//! taken all the same, and the log says that there is no record, where Kamailio does not start.

mod contacts;
mod filters;
mod functions;
mod params;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "uac_redirect",
    doc: "Follows redirections.",
    needs: &["tm"],
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    ..Module::EMPTY
};
