//! The registrar module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "registrar",
    ..Module::EMPTY
};
