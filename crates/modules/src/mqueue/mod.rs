//! `mqueue`: queues of keys with values that routes fill and empty (Kamailio's mqueue module).
//!
//! Differences: what `mq_fetch` took belongs to the message, not to a process. A queue without a
//! size takes 256 MiB of keys and values; then `mq_add` fails. Queues are not stored in databases
//! yet.

mod functions;
mod params;
mod queue;
mod rpc;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use engine::module::Module;

use queue::Queue;

/// What the module keeps.
pub(super) struct Mqueue {
    /// The last defined first, as Kamailio lists them.
    queues: Vec<Queue>,
}

impl Mqueue {
    /// The queue of a name.
    fn queue(&self, name: &[u8]) -> Option<&Queue> {
        self.queues.iter().find(|q| q.name == name)
    }
}

/// Its table.
pub static MODULE: Module = Module {
    name: "mqueue",
    doc: "Queues of keys with values that routes fill and empty.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    rpcs: rpc::TABLE,
    init: |setup| Ok(Arc::new(params::init(setup)?)),
    ..Module::EMPTY
};
