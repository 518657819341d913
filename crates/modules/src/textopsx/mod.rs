//! textopsx: more operations on messages: applying changes, values of headers, iterators.
//!
//! Mirrors Kamailio's textopsx module README.

pub mod api;
mod fnmatch;
mod functions;
mod place;
mod rebuild;
mod status;
#[cfg(test)]
mod tests;
mod values;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "textopsx",
    doc: "More text and header operations.",
    functions: functions::TABLE,
    ..Module::EMPTY
};
