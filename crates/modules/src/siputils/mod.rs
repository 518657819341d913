//! The siputils module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "siputils",
    ..Module::EMPTY
};
