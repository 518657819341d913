//! The rr module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "rr",
    ..Module::EMPTY
};
