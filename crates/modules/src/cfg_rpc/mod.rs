//! The cfg_rpc module.

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "cfg_rpc",
    ..Module::EMPTY
};
