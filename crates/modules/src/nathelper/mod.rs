//! The nathelper module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "nathelper",
    ..Module::EMPTY
};
