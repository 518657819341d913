//! The tmx module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "tmx",
    ..Module::EMPTY
};
