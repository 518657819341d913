//! textopsx: more operations on messages: applying changes, values of headers, iterators.
//!
//! Mirrors Kamailio's textopsx module README.

mod functions;
mod rebuild;
#[cfg(test)]
mod tests;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "textopsx",
    doc: "More text and header operations.",
    functions: functions::TABLE,
    ..Module::EMPTY
};
