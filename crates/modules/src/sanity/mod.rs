//! The sanity module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "sanity",
    ..Module::EMPTY
};
