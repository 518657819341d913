//! What every configuration has without `loadmodule`: the core's own RPC methods.

use crate::module::Module;

/// The core as a module.
pub static MODULE: Module = Module {
    name: "core",
    doc: "The core's own RPC methods and statistics.",
    variables: crate::variables::TABLE,
    rpcs: crate::core_rpc::TABLE,
    event_routes: crate::core_events::TABLE,
    ..Module::EMPTY
};
