//! Parameters.

use engine::module::{DefaultValue, Param, Status};

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param::int(
        "pretty_format",
        1,
        "Answers have a line for each member (1), or are one line (0).",
    ),
    Param::int(
        "transport",
        6,
        "What is opened, as a sum: 1 HTTP, 2 pipe, 4 datagrams; 0 is all.",
    ),
    Param::text(
        "fifo_name",
        Some("kamailio_rpc.fifo"),
        "The pipe; without a directory it lies in that of -Y. Empty: none.",
    ),
    Param::int("fifo_mode", 0o660, "Permissions of the pipe."),
    Param::new(
        "fifo_user",
        DefaultValue::Any,
        "Owner of the pipe, by name or number.",
    ),
    Param::new(
        "fifo_group",
        DefaultValue::Any,
        "Group of the pipe, by name or number.",
    ),
    Param::text(
        "fifo_reply_dir",
        Some("/tmp/"),
        "Where clients make the pipes for their answers.",
    ),
    Param::text(
        "dgram_socket",
        Some("kamailio_rpc.sock"),
        "The datagram socket: a path as for fifo_name, or udp:host:port. Empty: none.",
    ),
    Param::int("dgram_mode", 0o660, "Permissions of the socket."),
    Param::new(
        "dgram_user",
        DefaultValue::Any,
        "Owner of the socket, by name or number.",
    ),
    Param::new(
        "dgram_group",
        DefaultValue::Any,
        "Group of the socket, by name or number.",
    ),
    Param::int("dgram_workers", 1, "The runtime serves all sockets.").with(Status::Noop),
    Param::int(
        "dgram_timeout",
        2000,
        "An answer waits two seconds for a client with a full queue.",
    )
    .with(Status::Noop),
];
