//! The textops module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "textops",
    ..Module::EMPTY
};
