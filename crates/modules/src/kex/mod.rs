//! Functions that Kamailio moved out of its core (its `kex` module): branch and script flags, the
//! next hop, whether a URI is ours. Its statistics count the messages of the core.

mod counting;
mod functions;
mod rpc;

use std::sync::Arc;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "kex",
    doc: "Branch and script flags, the next hop, whether a URI is ours.",
    functions: functions::TABLE,
    rpcs: rpc::RPCS,
    statistics: counting::STATISTICS,
    init: |setup| {
        counting::register(setup);
        Ok(Arc::new(()))
    },
    start: Some(counting::start),
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
