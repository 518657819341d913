//! The pike module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "pike",
    ..Module::EMPTY
};
