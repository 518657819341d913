//! The acc module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "acc",
    ..Module::EMPTY
};
