//! The debugger module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "debugger",
    ..Module::EMPTY
};
