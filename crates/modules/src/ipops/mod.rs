//! `ipops`: what kind of address a text is, and what DNS knows of a name (Kamailio's ipops module).
//!
//! Differences: DNS queries park the route, never a thread, and `dns_int_match_ip` looks at the
//! hosts file and at IPv6 addresses as relaying does. What a query found belongs to the message.
//! A mask that is no number matches nothing, where Kamailio takes it for 0 and so for every
//! address; nor does `192.168.1.300` count as private. `$HN(f)` is the machine's name as the
//! system has it.

mod address;
mod functions;
mod host;
mod kind;
mod queries;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use engine::module::Module;

use host::HostName;

/// Its table.
pub static MODULE: Module = Module {
    name: "ipops",
    doc: "What kind of address a text is, and what DNS knows of a name.",
    functions: functions::TABLE,
    variables: variables::TABLE,
    init: |_| Ok(Arc::new(HostName::default())),
    start: Some(|core, state| {
        host::start(core, state);
        Ok(())
    }),
    ..Module::EMPTY
};
