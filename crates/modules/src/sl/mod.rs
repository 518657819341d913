//! The sl module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "sl",
    ..Module::EMPTY
};
