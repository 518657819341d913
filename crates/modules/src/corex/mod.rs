//! Extensions of the core (Kamailio's `corex` module): branches, sockets, flags, sending of bare
//! messages, small files.
//!
//! Differences: `set_recv_socket` and `set_source_address` change what the script and replies see
//! of this message, as in Kamailio; `file_read` and `file_write` take at most 1 MiB.

mod flags;
mod functions;
mod rpc;
mod sending;
#[cfg(test)]
mod tests;
mod transformations;
mod variables;

use engine::core::Setup;
use engine::module::{DefaultValue, InitError, Module, Param, State, Status};

pub use transformations::TABLE as TRANSFORMATIONS;

/// Its table.
pub static MODULE: Module = Module {
    name: "corex",
    doc: "Extensions of the core: branches, sockets, flags, sending of bare messages, small files.",
    functions: functions::TABLE,
    params: PARAMS,
    variables: variables::TABLE,
    rpcs: rpc::RPCS,
    init,
    ..Module::EMPTY
};

const PARAMS: &[Param] = &[Param {
    name: "nio_intercept",
    default: DefaultValue::Int(0),
    doc: "No effect: messages are not shown to event_route[network:msg].",
    status: Status::Noop,
}];

fn init(_: &mut Setup<'_>) -> Result<State, InitError> {
    Ok(std::sync::Arc::new(()))
}
