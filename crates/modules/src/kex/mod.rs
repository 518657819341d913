//! Functions that Kamailio moved out of its core (its `kex` module): branch and script flags, the
//! next hop, whether a URI is ours.

mod functions;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "kex",
    doc: "Branch and script flags, the next hop, whether a URI is ours.",
    functions: functions::TABLE,
    ..Module::EMPTY
};
