//! Extensions of the core (Kamailio's `corex` module): branches, sockets, flags, sending of bare
//! messages, small files.
//!
//! Differences: `set_recv_socket` and `set_source_address` change what the script and replies see
//! of this message, as in Kamailio; `file_read` and `file_write` take at most 1 MiB; in
//! `event_route[network:msg]` a function that waits fails, because the message waits with its thread.

pub mod api;
mod flags;
mod functions;
mod internal;
mod network_io;
mod rpc;
mod sending;
mod subdomains;
#[cfg(test)]
mod tests;
mod transformations;
mod variables;

use std::sync::Arc;

use engine::core::{Core, Setup};
use engine::module::{
    DefaultValue, EventRoute, InitError, Module, Param, ParamText, State, Status,
};

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
    event_routes: EVENT_ROUTES,
    init,
    start: Some(start),
    ..Module::EMPTY
};

const PARAMS: &[Param] = &[
    Param::new(
        "alias_subdomains",
        DefaultValue::List,
        "A domain, `[proto:]domain[:port]`, that names the server with all its subdomains.",
    )
    .at_once(),
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
    Param::int(
        "nio_intercept",
        0,
        "Whether messages are shown to event_route[network:msg] as they come in and go out.",
    ),
    Param::int(
        "nio_min_msg_len",
        0,
        "Shorter messages are not shown to event_route[network:msg].",
    ),
    Param::text(
        "nio_msg_avp",
        None,
        "The variable with which event_route[network:msg] puts other bytes in a message's place.",
    ),
];

/// Its state.
struct Corex {
    /// Messages are shown to `event_route[network:msg]`.
    intercepts: bool,
}

const EVENT_ROUTES: &[EventRoute] = &[
    EventRoute {
        name: network_io::EVENT,
        doc: "For each message as it comes in and as it goes out, with nio_intercept=1.",
    },
    EventRoute {
        name: "corex:reply-out",
        doc: "Accepted and never run: nothing starts it in Kamailio 5.6.3 either.",
    },
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
    let intercepts = network_io::init(setup)?;
    Ok(Arc::new(Corex { intercepts }))
}

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    match state.downcast_ref::<Corex>() {
        Some(Corex { intercepts: true }) => network_io::check(core),
        _ => Ok(()),
    }
}
