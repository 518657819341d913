//! Pseudo-variables: nearly all that a script can read from and write to a message (Kamailio's
//! `pv` module and its pseudo-variables cookbook 5.6).
//!
//! Differences: `$var(x)` starts at 0 for each message, where a Kamailio process would show what
//! an earlier message left behind. `$conid` of a datagram is null, where Kamailio 5.6.3 crashes.

pub mod api;
mod functions;
mod params;
mod rpc;
mod shared;
mod static_branch;
mod value;
pub(crate) mod variables;
mod xavp_functions;

#[cfg(test)]
mod tests;

use engine::module::Module;

use shared::SharedVars;

/// What the module keeps.
pub(crate) struct PvState {
    /// `$shv(name)`.
    pub(crate) shared: SharedVars,
    /// `avp_aliases`.
    pub(crate) aliases: Vec<(String, engine::context::AvpName)>,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "pv",
    doc: "Pseudo-variables of messages, time, network, script and shared variables.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: &variables::TABLE,
    rpcs: rpc::TABLE,
    init: params::init,
    ..Module::EMPTY
};
