//! The xlog module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "xlog",
    ..Module::EMPTY
};
