//! Extensions of the core (Kamailio's `corex` module): branches, sockets, flags, sending of bare
//! messages, small files.
//!
//! Differences: `set_recv_socket` and `set_source_address` change what the script and replies see
//! of this message, as in Kamailio; `file_read` and `file_write` take at most 1 MiB.

pub mod api;
mod flags;
mod functions;
mod internal;
mod rpc;
mod sending;
mod subdomains;
#[cfg(test)]
mod tests;
mod transformations;
mod variables;

use engine::core::Setup;
use engine::module::{DefaultValue, InitError, Module, Param, ParamText, State, Status};

use subdomains::Domain;
pub use transformations::TABLE as TRANSFORMATIONS;

/// Its table.
pub static MODULE: Module = Module {
    name: "corex",
    doc: "Extensions of the core: branches, sockets, flags, sending of bare messages, small files.",
    functions: functions::TABLE,
    params: PARAMS,
    variables: variables::TABLE,
    rpcs: rpc::RPCS,
    init,
    ..Module::EMPTY
};

const NETWORK_MSG: &str = "No effect: messages are not shown to event_route[network:msg].";

const PARAMS: &[Param] = &[
    Param::new(
        "alias_subdomains",
        DefaultValue::List,
        "A domain, `[proto:]domain[:port]`, that names the server with all its subdomains.",
    ),
    Param::new(
        "dns_cache",
        DefaultValue::List,
        "No effect: records that the name server lacks belong into the system's hosts file.",
    )
    .with(Status::Noop),
    Param::text(
        "evcb_reply_out",
        None,
        "No effect: there are no KEMI scripts.",
    )
    .with(Status::Noop),
    Param::int("nio_intercept", 0, NETWORK_MSG).with(Status::Noop),
    Param::int("nio_min_msg_len", 0, NETWORK_MSG).with(Status::Noop),
    Param::text("nio_msg_avp", None, NETWORK_MSG).with(Status::Noop),
];

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let mut domains = Vec::new();
    for value in setup.params.list("alias_subdomains") {
        let domain = match value {
            ParamText::Text(text) => Domain::parse(text),
            ParamText::Int(_) => None,
        };
        domains.push(domain.ok_or_else(|| {
            InitError::of_param("alias_subdomains", "a domain is [proto:]domain[:port]")
        })?);
    }
    if !domains.is_empty() {
        setup.sockets.add_check(Box::new(move |host, port, proto| {
            domains.iter().any(|d| d.covers(host, port, proto))
        }));
    }
    Ok(std::sync::Arc::new(()))
}
