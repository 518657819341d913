//! textops: text and header operations on messages.
//!
//! Mirrors Kamailio's textops module README. Changes are deferred edits of the received bytes:
//! invisible to later reads until the message is sent or `msg_apply_changes()` runs. Places are
//! Kamailio's: `append_hf` writes behind the last header (or the last of a name), `insert_hf`
//! before the first. Differences: a body that becomes multipart is closed at once; every Privacy
//! header counts; names and patterns that Kamailio takes only as constants may hold
//! variables here.

pub(crate) mod api;
mod body;
mod edit;
mod functions;
mod headers;
mod method;
mod multipart;
mod regex;
mod strings;
mod subst;
#[cfg(test)]
mod tests;
mod transformations;

use engine::module::Module;

pub use transformations::TABLE as TRANSFORMATIONS;

/// Its table.
pub static MODULE: Module = Module {
    name: "textops",
    doc: "Text and header operations.",
    functions: functions::TABLE,
    ..Module::EMPTY
};
