//! `counters`: counters of the script, and all statistics by RPC.
//!
//! Mirrors Kamailio's module `counters`. `cnt.get_raw` is `cnt.get`: values have one form here.

mod functions;
mod params;
mod rpc;
mod state;

use std::sync::Arc;

use engine::module::Module;

/// The module's table.
pub static MODULE: Module = Module {
    name: "counters",
    doc: "Counters that the script changes, and methods to read all statistics.",
    functions: functions::FUNCTIONS,
    params: params::PARAMS,
    rpcs: rpc::RPCS,
    init: |setup| Ok(Arc::new(state::CountersState::new(setup)?)),
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
