//! Parameters.

use engine::module::{DefaultValue, Param, Status};

const UNSIZED: &str = "Answers may have any size.";

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param::new(
        "binrpc",
        DefaultValue::List,
        "A socket for binrpc: unix:path (or unixs), unixd:path, udp:host:port, tcp:host:port. \
              Without any: unix:/run/kamailio/kamailio_ctl, in the directory of -Y.",
    ),
    Param::new(
        "fifo",
        DefaultValue::List,
        "A pipe or socket for the line protocol: fifo:path, udp:host:port, tcp:host:port.",
    ),
    Param::int("mode", 0o600, "Permissions of socket files and pipes."),
    Param::text(
        "user",
        None,
        "Owner of socket files and pipes, by name or number.",
    ),
    Param::text(
        "group",
        None,
        "Group of socket files and pipes, by name or number.",
    ),
    Param::int(
        "autoconversion",
        0,
        "Arguments of the wrong type are converted when they can be.",
    ),
    Param::int("binrpc_buffer_size", 0, UNSIZED).with(Status::Noop),
    Param::int("binrpc_max_body_size", 32, UNSIZED).with(Status::Noop),
    Param::int("binrpc_struct_max_body_size", 8, UNSIZED).with(Status::Noop),
];
