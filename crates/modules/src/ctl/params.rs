//! Parameters.

use engine::module::{DefaultValue, Param, Status};

const UNSIZED: &str = "Answers may have any size.";

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param {
        name: "binrpc",
        default: DefaultValue::List,
        doc: "A socket for binrpc: unix:path (or unixs), unixd:path, udp:host:port, tcp:host:port. \
              Without any: unix:/run/kamailio/kamailio_ctl, in the directory of -Y.",
        status: Status::Full,
    },
    Param {
        name: "fifo",
        default: DefaultValue::List,
        doc: "A pipe or socket for the line protocol: fifo:path, udp:host:port, tcp:host:port.",
        status: Status::Full,
    },
    Param {
        name: "mode",
        default: DefaultValue::Int(0o600),
        doc: "Permissions of socket files and pipes.",
        status: Status::Full,
    },
    Param {
        name: "user",
        default: DefaultValue::Any,
        doc: "Owner of socket files and pipes, by name or number.",
        status: Status::Full,
    },
    Param {
        name: "group",
        default: DefaultValue::Any,
        doc: "Group of socket files and pipes, by name or number.",
        status: Status::Full,
    },
    Param {
        name: "autoconversion",
        default: DefaultValue::Int(0),
        doc: "Arguments of the wrong type are converted when they can be.",
        status: Status::Full,
    },
    Param {
        name: "binrpc_buffer_size",
        default: DefaultValue::Any,
        doc: UNSIZED,
        status: Status::Noop,
    },
    Param {
        name: "binrpc_max_body_size",
        default: DefaultValue::Int(32),
        doc: UNSIZED,
        status: Status::Noop,
    },
    Param {
        name: "binrpc_struct_max_body_size",
        default: DefaultValue::Int(8),
        doc: UNSIZED,
        status: Status::Noop,
    },
];
