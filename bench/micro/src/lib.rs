//! Operations to be measured one at a time: instructions by callgrind, allocations by a test.

mod messages;
mod script;
mod site;
mod table;
mod wire;

pub use messages::{INVITE, OK, REGISTER};
pub use script::Rig;

/// An operation: its name, and how it is repeated.
pub struct Operation {
    /// As the tables call it.
    pub name: &'static str,
    /// Does it so many times. What it needs is made before, at a cost that does not depend on how
    /// often it is done.
    pub run: fn(u32),
}

/// All operations.
pub const ALL: &[Operation] = &[
    Operation {
        name: "parse INVITE with SDP, as a relay needs it",
        run: wire::parse_invite,
    },
    Operation {
        name: "parse REGISTER, as a relay needs it",
        run: wire::parse_register,
    },
    Operation {
        name: "parse 200, as a relay needs it",
        run: wire::parse_ok,
    },
    Operation {
        name: "print the forwarded INVITE",
        run: wire::print_invite,
    },
    Operation {
        name: "script: one turn of a while loop with an assignment",
        run: script::turn,
    },
    Operation {
        name: "script: a string of four variables",
        run: script::format,
    },
    Operation {
        name: "OPTIONS through an empty script, answered",
        run: script::options,
    },
    Operation {
        name: "MESSAGE through t_relay, sent",
        run: script::relay,
    },
    Operation {
        name: "OPTIONS through 200 statements, answered",
        run: script::statements,
    },
    Operation {
        name: "REGISTER, refresh of one of 1,000",
        run: script::refresh,
    },
    Operation {
        name: "record-routed call, simulated callee included",
        run: script::call,
    },
    Operation {
        name: "REGISTER with digest, refresh of one of 1,000",
        run: site::digest,
    },
    Operation {
        name: "registered call, every message checked and calls accounted, callee included",
        run: site::registered_call,
    },
    Operation {
        name: "transaction: create, match, free",
        run: table::transaction,
    },
    Operation {
        name: "usrloc: insert a contact into a new record",
        run: table::insert,
    },
    Operation {
        name: "usrloc: look up one of 10,000 records",
        run: table::look_up,
    },
    Operation {
        name: "usrloc: let a record expire",
        run: table::expire,
    },
];
