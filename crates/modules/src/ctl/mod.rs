//! `ctl`: binrpc sockets for kamcmd, and the line protocol over pipes.
//!
//! Mirrors Kamailio's module `ctl`. Differences: an answer may be of any size, so the parameters
//! that size its buffers have no effect.

mod address;
mod binrpc;
mod lines;
mod params;
mod rpc;
mod state;

use std::sync::Arc;

use crate::ctl::state::CtlState;
use engine::module::{InitError, Module};

/// The module's table.
pub static MODULE: Module = Module {
    name: "ctl",
    doc: "Control sockets: binrpc for kamcmd, and lines over a named pipe.",
    params: params::PARAMS,
    rpcs: rpc::RPCS,
    init: |setup| Ok(Arc::new(CtlState::new(setup)?)),
    start: Some(|core, state| {
        let Ok(state) = Arc::clone(state).downcast::<CtlState>() else {
            return Err(InitError::new("internal error"));
        };
        state.start(core)
    }),
    stop: Some(|_, state| {
        if let Some(state) = state.downcast_ref::<CtlState>() {
            state.stop();
        }
    }),
    ..Module::EMPTY
};
