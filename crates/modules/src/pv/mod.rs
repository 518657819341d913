//! Pseudo-variables: nearly all that a script can read from and write to a message (Kamailio's
//! `pv` module and its pseudo-variables cookbook 5.6).
//!
//! Differences: `$var(x)` starts at 0 for each message, where a Kamailio process would show what
//! an earlier message left behind. `$conid` of a datagram is null, where Kamailio 5.6.3 crashes.

pub mod api;
mod shared;
mod static_branch;
mod value;
pub(crate) mod variables;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::core::Setup;
use engine::module::{InitError, Module, State};

use shared::SharedVars;

/// What the module keeps.
pub(crate) struct PvState {
    /// `$shv(name)`.
    pub(crate) shared: SharedVars,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "pv",
    doc: "Pseudo-variables of messages, time, network, script and shared variables.",
    variables: &variables::TABLE,
    init,
    ..Module::EMPTY
};

fn init(_: &mut Setup<'_>) -> Result<State, InitError> {
    Ok(Arc::new(PvState {
        shared: SharedVars::default(),
    }))
}
