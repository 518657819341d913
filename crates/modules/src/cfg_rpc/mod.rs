//! `cfg_rpc`: reads and changes run-time configuration values.
//!
//! Mirrors Kamailio's module `cfg_rpc`. Differences: `cfg.reset` goes on past values that are fixed
//! at start; instances of groups keep their values, which only these methods read.

mod rpc;

use engine::module::Module;

/// The module's table.
pub static MODULE: Module = Module {
    name: "cfg_rpc",
    doc: "Run-time configuration values by RPC.",
    rpcs: rpc::RPCS,
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
