//! Log lines written by the script (Kamailio's `xlog` module).
//!
//! Differences: lines always end with a line end, and a line longer than `buf_size` is cut, where
//! Kamailio fails the call.

mod colors;
mod functions;
mod params;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "xlog",
    doc: "Log lines written by the script.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: colors::VARIABLES,
    init: params::init,
    reconfigure: |change| change.values_of("xlog"),
    ..Module::EMPTY
};
