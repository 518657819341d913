//! The usrloc module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "usrloc",
    ..Module::EMPTY
};
