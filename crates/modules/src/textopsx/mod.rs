//! textopsx: more operations on messages: applying changes, values of headers, iterators.
//!
//! Mirrors Kamailio's textopsx module README. Difference: iterators end with their message; in
//! Kamailio one that is not ended occupies its place for good.

pub mod api;
mod fnmatch;
mod functions;
mod iterators;
mod place;
mod rebuild;
mod selects;
mod status;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod variables;
mod walking;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "textopsx",
    doc: "More text and header operations.",
    functions: table::TABLE,
    variables: variables::TABLE,
    selects: selects::TABLE,
    ..Module::EMPTY
};
