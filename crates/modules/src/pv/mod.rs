//! The pv module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "pv",
    ..Module::EMPTY
};
