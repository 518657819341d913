//! The ctl module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "ctl",
    ..Module::EMPTY
};
