//! Parameters.

use engine::module::{DefaultValue, Param, Status};

const fn param(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Full,
    }
}

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    param(
        "pretty_format",
        DefaultValue::Int(1),
        "Answers have a line for each member (1), or are one line (0).",
    ),
    param(
        "transport",
        DefaultValue::Int(6),
        "What is opened, as a sum: 1 HTTP, 2 pipe, 4 datagrams; 0 is all.",
    ),
    param(
        "fifo_name",
        DefaultValue::Text(Some("kamailio_rpc.fifo")),
        "The pipe; without a directory it lies in that of -Y. Empty: none.",
    ),
    param(
        "fifo_mode",
        DefaultValue::Int(0o660),
        "Permissions of the pipe.",
    ),
    param(
        "fifo_user",
        DefaultValue::Any,
        "Owner of the pipe, by name or number.",
    ),
    param(
        "fifo_group",
        DefaultValue::Any,
        "Group of the pipe, by name or number.",
    ),
    param(
        "fifo_reply_dir",
        DefaultValue::Text(Some("/tmp/")),
        "Where clients make the pipes for their answers.",
    ),
    param(
        "dgram_socket",
        DefaultValue::Text(Some("kamailio_rpc.sock")),
        "The datagram socket: a path as for fifo_name, or udp:host:port. Empty: none.",
    ),
    param(
        "dgram_mode",
        DefaultValue::Int(0o660),
        "Permissions of the socket.",
    ),
    param(
        "dgram_user",
        DefaultValue::Any,
        "Owner of the socket, by name or number.",
    ),
    param(
        "dgram_group",
        DefaultValue::Any,
        "Group of the socket, by name or number.",
    ),
    Param {
        name: "dgram_workers",
        default: DefaultValue::Int(1),
        doc: "The runtime serves all sockets.",
        status: Status::Noop,
    },
    Param {
        name: "dgram_timeout",
        default: DefaultValue::Int(2000),
        doc: "An answer waits two seconds for a client with a full queue.",
        status: Status::Noop,
    },
];
