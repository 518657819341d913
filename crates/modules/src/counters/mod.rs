//! The counters module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "counters",
    ..Module::EMPTY
};
