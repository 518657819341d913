//! The tm module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "tm",
    ..Module::EMPTY
};
