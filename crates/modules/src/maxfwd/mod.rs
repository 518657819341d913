//! The maxfwd module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "maxfwd",
    ..Module::EMPTY
};
