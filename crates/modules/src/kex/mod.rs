//! Functions that Kamailio moved out of its core (its `kex` module): branch and script flags, the
//! next hop, whether a URI is ours. Its statistics count the messages of the core.

mod counting;
mod functions;
mod rows;
mod rpc;
mod variables;

use std::sync::Arc;

use engine::module::Module;

use crate::usrloc::api::UniqueIds;

/// The module's state.
struct Kex {
    ids: UniqueIds,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "kex",
    doc: "Branch and script flags, the next hop, whether a URI is ours.",
    functions: functions::TABLE,
    variables: variables::TABLE,
    rpcs: rpc::RPCS,
    statistics: rows::STATISTICS,
    init: |setup| {
        counting::register(setup);
        let started = setup.services.clock.unix().as_secs();
        let number = (setup.services.random.next() & 0xffff) as u32;
        Ok(Arc::new(Kex {
            ids: UniqueIds::new(started, number),
        }))
    },
    start: Some(counting::start),
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
