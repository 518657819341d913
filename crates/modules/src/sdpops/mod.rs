//! sdpops: questions about session descriptions, and codecs, lines and streams taken out of them.
//!
//! Mirrors Kamailio's sdpops module README. A body counts as SDP when Kamailio's parser takes it:
//! it has an origin, at least one stream, and an address for each stream. Differences: results go
//! to any writable variable, not only to AVPs, and `$sdp(sess_version)` can be written before the
//! body was looked at.

mod codecs;
mod description;
mod edit;
mod functions;
#[cfg(test)]
mod tests;
mod variables;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "sdpops",
    doc: "Questions about SDP; removal of codecs, lines and streams.",
    functions: functions::TABLE,
    variables: variables::TABLE,
    ..Module::EMPTY
};
