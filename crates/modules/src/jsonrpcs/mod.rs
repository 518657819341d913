//! The jsonrpcs module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "jsonrpcs",
    ..Module::EMPTY
};
