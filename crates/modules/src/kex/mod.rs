//! The kex module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "kex",
    ..Module::EMPTY
};
