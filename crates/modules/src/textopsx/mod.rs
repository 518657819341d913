//! The textopsx module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "textopsx",
    ..Module::EMPTY
};
