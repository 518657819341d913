//! path: Path headers of registrations (RFC 3327), with the source of the request in them.
//!
//! Mirrors Kamailio's path module README. Differences: flow tokens of the outbound module are not
//! made; with `received_format` a value that is no `host~port~transport` sets no next hop.

mod functions;
mod header;
mod params;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "path",
    doc: "Path headers of registrations.",
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    ..Module::EMPTY
};
