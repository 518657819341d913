//! The xhttp module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "xhttp",
    ..Module::EMPTY
};
