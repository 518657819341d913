//! The corex module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "corex",
    ..Module::EMPTY
};
