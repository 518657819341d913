//! Core script functions: the table, and the ones that act on flags and sending options.

pub mod branches;
mod flags;
pub mod relay;
pub mod send;
mod uri;

use crate::arguments::Args;
use crate::context::Context;
use crate::module::{Arg, ArgKind, Function, Outcome, Routes, Status, TRUE};
use crate::socket::Proto;

/// A row with the usual values.
const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes: Routes::ANY,
        run,
        doc,
        status: Status::Full,
    }
}

const FLAG: &[Arg] = &[Arg {
    name: "flag",
    kind: ArgKind::Int,
}];
const COUNT: &[Arg] = &[Arg {
    name: "count",
    kind: ArgKind::Int,
}];
const INDEX: &[Arg] = &[Arg {
    name: "index",
    kind: ArgKind::Int,
}];
const PORT: &[Arg] = &[Arg {
    name: "port",
    kind: ArgKind::Int,
}];
const SOCKET: &[Arg] = &[Arg {
    name: "socket",
    kind: ArgKind::Text,
}];
const HOST: &[Arg] = &[Arg {
    name: "host",
    kind: ArgKind::Text,
}];
const PLACE: &[Arg] = &[
    Arg {
        name: "host",
        kind: ArgKind::Text,
    },
    Arg {
        name: "port",
        kind: ArgKind::Text,
    },
];
const TEXT: &[Arg] = &[Arg {
    name: "text",
    kind: ArgKind::Text,
}];
const URI: &[Arg] = &[Arg {
    name: "uri",
    kind: ArgKind::Text,
}];
const LOG: &[Arg] = &[
    Arg {
        name: "level",
        kind: ArgKind::Int,
    },
    Arg {
        name: "text",
        kind: ArgKind::Text,
    },
];

/// Every core function.
pub static TABLE: &[Function] = &[
    row("setflag", FLAG, 1, flags::set, "Sets a message flag."),
    row("resetflag", FLAG, 1, flags::reset, "Clears a message flag."),
    row(
        "isflagset",
        FLAG,
        1,
        flags::is_set,
        "Tells whether a message flag is set.",
    ),
    row(
        "force_rport",
        &[],
        0,
        send::force_rport,
        "Replies go to the source port even if the client did not ask.",
    ),
    row(
        "add_rport",
        &[],
        0,
        send::force_rport,
        "Same as force_rport.",
    ),
    row(
        "add_local_rport",
        &[],
        0,
        send::add_local_rport,
        "Puts rport into our own Via.",
    ),
    row(
        "force_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Requests to the port, or to that in the Via, go by the connection of this one.",
    ),
    row(
        "add_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Same as force_tcp_alias.",
    ),
    row(
        "set_reply_no_connect",
        &[],
        0,
        send::reply_no_connect,
        "Replies never open a connection.",
    ),
    row(
        "set_reply_close",
        &[],
        0,
        send::reply_close,
        "The connection is closed after the reply.",
    ),
    row(
        "set_forward_no_connect",
        &[],
        0,
        send::forward_no_connect,
        "Forwarding never opens a connection.",
    ),
    row(
        "set_forward_close",
        &[],
        0,
        send::forward_close,
        "The connection is closed after forwarding.",
    ),
    row(
        "strip",
        COUNT,
        1,
        uri::strip,
        "Removes characters from the front of the request URI's user.",
    ),
    row(
        "strip_tail",
        COUNT,
        1,
        uri::strip_tail,
        "Removes characters from the end of the request URI's user.",
    ),
    row(
        "prefix",
        TEXT,
        1,
        uri::prefix,
        "Puts text before the request URI's user.",
    ),
    row(
        "rewriteuser",
        TEXT,
        1,
        uri::set_user,
        "Sets the request URI's user; empty removes it.",
    ),
    row("setuser", TEXT, 1, uri::set_user, "Same as rewriteuser."),
    row("setu", TEXT, 1, uri::set_user, "Same as rewriteuser."),
    row(
        "rewriteuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Sets the request URI's user and password, `user:password`.",
    ),
    row(
        "setuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    ),
    row(
        "setup",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    ),
    row(
        "rewritehost",
        TEXT,
        1,
        uri::set_host,
        "Sets the request URI's host.",
    ),
    row("sethost", TEXT, 1, uri::set_host, "Same as rewritehost."),
    row("seth", TEXT, 1, uri::set_host, "Same as rewritehost."),
    row(
        "rewritehostport",
        TEXT,
        1,
        uri::set_host_port,
        "Sets the request URI's host and port, `host:port`.",
    ),
    row(
        "sethostport",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    ),
    row(
        "sethp",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    ),
    row(
        "rewritehostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Sets the request URI's host, port and transport.",
    ),
    row(
        "sethostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    ),
    row(
        "sethpt",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    ),
    row(
        "rewriteport",
        TEXT,
        1,
        uri::set_port,
        "Sets the request URI's port; empty removes it.",
    ),
    row("setport", TEXT, 1, uri::set_port, "Same as rewriteport."),
    row("setp", TEXT, 1, uri::set_port, "Same as rewriteport."),
    row(
        "userphone",
        &[],
        0,
        uri::user_phone,
        "Adds user=phone to the request URI.",
    ),
    row("rewriteuri", URI, 1, uri::set_uri, "Sets the request URI."),
    row("seturi", URI, 1, uri::set_uri, "Same as rewriteuri."),
    row(
        "revert_uri",
        &[],
        0,
        uri::revert,
        "Back to the request URI as received.",
    ),
    row(
        "clear_branches",
        &[],
        0,
        branches::clear,
        "Removes all added destinations.",
    ),
    Function {
        status: Status::Noop,
        ..row(
            "udp_mtu_try_proto",
            TEXT,
            1,
            |_, _| TRUE,
            "No effect: a large request is not moved to another transport.",
        )
    },
    row(
        "cfg_reset",
        TEXT,
        1,
        flags::reset_group,
        "Sets the run-time values of a group back to those of the configuration.",
    ),
    row(
        "remove_branch",
        INDEX,
        0,
        branches::remove,
        "Removes an added destination, the first by default.",
    ),
    row(
        "force_send_socket",
        SOCKET,
        1,
        send::force_send_socket,
        "Sends the request from this socket.",
    ),
    row(
        "set_advertised_address",
        HOST,
        1,
        send::set_advertised_address,
        "Host that this message shows as ours.",
    ),
    row(
        "set_advertised_port",
        PORT,
        1,
        send::set_advertised_port,
        "Port that this message shows as ours.",
    ),
    row(
        "forward",
        PLACE,
        0,
        |cx, a| relay::forward(cx, a, None),
        "Sends the request on without keeping state.",
    ),
    row(
        "forward_udp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Udp)),
        "As forward, over UDP.",
    ),
    row(
        "forward_tcp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tcp)),
        "As forward, over TCP.",
    ),
    row(
        "forward_tls",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tls)),
        "As forward, over TLS.",
    ),
    row(
        "forward_sctp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Sctp)),
        "As forward, over SCTP.",
    ),
    row(
        "log",
        TEXT,
        1,
        send::log,
        "Writes a line to the log at level 0.",
    ),
    row(
        "log",
        LOG,
        2,
        send::log,
        "Writes a line to the log at a level.",
    ),
];
