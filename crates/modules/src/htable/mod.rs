//! The htable module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "htable",
    ..Module::EMPTY
};
