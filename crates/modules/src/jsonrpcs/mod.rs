//! `jsonrpcs`: JSON-RPC over a named pipe, datagrams, and HTTP through xhttp.
//!
//! Mirrors Kamailio's module `jsonrpcs`. Differences: an argument that is missing or of the wrong
//! type answers an error (Kamailio: an empty result); a method name that is no text is no method
//! (Kamailio ends).

mod arrays;
mod dispatch;
mod functions;
mod json;
mod params;
mod rpc;
mod service;
mod state;
mod variables;

use std::sync::Arc;

use engine::module::{InitError, Module};

use crate::jsonrpcs::state::JsonState;

/// The module's table.
pub static MODULE: Module = Module {
    name: "jsonrpcs",
    doc: "JSON-RPC server over pipe, datagrams and HTTP.",
    functions: functions::FUNCTIONS,
    params: params::PARAMS,
    variables: variables::VARIABLES,
    rpcs: rpc::RPCS,
    init: |setup| Ok(Arc::new(JsonState::new(setup)?)),
    start: Some(|core, state| {
        let Ok(state) = Arc::clone(state).downcast::<JsonState>() else {
            return Err(InitError::new("internal error"));
        };
        state.start(core)
    }),
    stop: Some(|_, state| {
        if let Some(state) = state.downcast_ref::<JsonState>() {
            state.stop();
        }
    }),
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
