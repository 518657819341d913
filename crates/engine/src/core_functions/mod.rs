//! Core script functions: the table, and the ones that act on flags and sending options.

pub mod branches;
mod commands;
mod flags;
pub mod relay;
pub mod send;
mod uri;

use crate::module::{Arg, ArgKind, Function, Status, TRUE};
use crate::socket::Proto;

const FLAG: &[Arg] = &[Arg::int("flag")];
const COUNT: &[Arg] = &[Arg::int("count")];
const INDEX: &[Arg] = &[Arg::int("index")];
const PORT: &[Arg] = &[Arg::int("port")];
const SOCKET: &[Arg] = &[Arg::text("socket")];
const HOST: &[Arg] = &[Arg::text("host")];
const PLACE: &[Arg] = &[Arg::text("host"), Arg::text("port")];
const SELECT: &[Arg] = &[Arg::text("group"), Arg::text("instance")];
const TEXT: &[Arg] = &[Arg::text("text")];
const COMMAND: &[Arg] = &[Arg::literal("command")];
const URI: &[Arg] = &[Arg::text("uri")];
const LOG: &[Arg] = &[Arg::int("level"), Arg::text("text")];

const AVP_FLAG: &[Arg] = &[
    Arg::new("attribute", ArgKind::Attribute),
    Arg::parsed("flag", flags::parse_avp_flag),
];

/// Every core function.
pub static TABLE: &[Function] = &[
    Function::anywhere("setflag", FLAG, 1, flags::set, "Sets a message flag."),
    Function::anywhere("resetflag", FLAG, 1, flags::reset, "Clears a message flag."),
    Function::anywhere(
        "isflagset",
        FLAG,
        1,
        flags::is_set,
        "Tells whether a message flag is set.",
    ),
    Function::exact(
        "setavpflag",
        AVP_FLAG,
        flags::set_of_avp,
        "Sets a flag of an AVP's newest value; false without a value.",
    ),
    Function::exact(
        "resetavpflag",
        AVP_FLAG,
        flags::reset_of_avp,
        "Clears a flag of an AVP's newest value. Always false, as in Kamailio.",
    ),
    Function::exact(
        "isavpflagset",
        AVP_FLAG,
        flags::is_set_of_avp,
        "Tells whether a flag of an AVP's newest value is set.",
    ),
    Function::anywhere(
        "force_rport",
        &[],
        0,
        send::force_rport,
        "Replies go to the source port even if the client did not ask.",
    ),
    Function::anywhere(
        "add_rport",
        &[],
        0,
        send::force_rport,
        "Same as force_rport.",
    ),
    Function::anywhere(
        "add_local_rport",
        &[],
        0,
        send::add_local_rport,
        "Puts rport into our own Via.",
    ),
    Function::anywhere(
        "force_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Requests to the port, or to that in the Via, go by the connection of this one.",
    ),
    Function::anywhere(
        "add_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Same as force_tcp_alias.",
    ),
    Function::anywhere(
        "set_reply_no_connect",
        &[],
        0,
        send::reply_no_connect,
        "Replies never open a connection.",
    ),
    Function::anywhere(
        "set_reply_close",
        &[],
        0,
        send::reply_close,
        "The connection is closed after the reply.",
    ),
    Function::anywhere(
        "set_forward_no_connect",
        &[],
        0,
        send::forward_no_connect,
        "Forwarding never opens a connection.",
    ),
    Function::anywhere(
        "set_forward_close",
        &[],
        0,
        send::forward_close,
        "The connection is closed after forwarding.",
    ),
    Function::anywhere(
        "strip",
        COUNT,
        1,
        uri::strip,
        "Removes characters from the front of the request URI's user.",
    ),
    Function::anywhere(
        "strip_tail",
        COUNT,
        1,
        uri::strip_tail,
        "Removes characters from the end of the request URI's user.",
    ),
    Function::anywhere(
        "prefix",
        TEXT,
        1,
        uri::prefix,
        "Puts text before the request URI's user.",
    ),
    Function::anywhere(
        "rewriteuser",
        TEXT,
        1,
        uri::set_user,
        "Sets the request URI's user; empty removes it.",
    ),
    Function::anywhere("setuser", TEXT, 1, uri::set_user, "Same as rewriteuser."),
    Function::anywhere("setu", TEXT, 1, uri::set_user, "Same as rewriteuser."),
    Function::anywhere(
        "rewriteuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Sets the request URI's user and password, `user:password`.",
    ),
    Function::anywhere(
        "setuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    ),
    Function::anywhere(
        "setup",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    ),
    Function::anywhere(
        "rewritehost",
        TEXT,
        1,
        uri::set_host,
        "Sets the request URI's host.",
    ),
    Function::anywhere("sethost", TEXT, 1, uri::set_host, "Same as rewritehost."),
    Function::anywhere("seth", TEXT, 1, uri::set_host, "Same as rewritehost."),
    Function::anywhere(
        "rewritehostport",
        TEXT,
        1,
        uri::set_host_port,
        "Sets the request URI's host and port, `host:port`.",
    ),
    Function::anywhere(
        "sethostport",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    ),
    Function::anywhere(
        "sethp",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    ),
    Function::anywhere(
        "rewritehostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Sets the request URI's host, port and transport.",
    ),
    Function::anywhere(
        "sethostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    ),
    Function::anywhere(
        "sethpt",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    ),
    Function::anywhere(
        "rewriteport",
        TEXT,
        1,
        uri::set_port,
        "Sets the request URI's port; empty removes it.",
    ),
    Function::anywhere("setport", TEXT, 1, uri::set_port, "Same as rewriteport."),
    Function::anywhere("setp", TEXT, 1, uri::set_port, "Same as rewriteport."),
    Function::anywhere(
        "userphone",
        &[],
        0,
        uri::user_phone,
        "Adds user=phone to the request URI.",
    ),
    Function::anywhere("rewriteuri", URI, 1, uri::set_uri, "Sets the request URI."),
    Function::anywhere("seturi", URI, 1, uri::set_uri, "Same as rewriteuri."),
    Function::anywhere(
        "revert_uri",
        &[],
        0,
        uri::revert,
        "Back to the request URI as received.",
    ),
    Function::anywhere(
        "clear_branches",
        &[],
        0,
        branches::clear,
        "Removes all added destinations.",
    ),
    Function::anywhere(
        "udp_mtu_try_proto",
        TEXT,
        1,
        send::udp_mtu_try_proto,
        "Transport of this request if it is too large for a datagram.",
    ),
    Function::anywhere(
        "cfg_select",
        SELECT,
        2,
        flags::select_group,
        "Has the message use the values of an instance of a group.",
    ),
    Function::anywhere(
        "error",
        &[Arg::text("code"), Arg::text("reason")],
        2,
        |_, _| TRUE,
        "No effect, as in Kamailio 5.6: nothing reads what it notes.",
    )
    .with(Status::Noop),
    Function::anywhere(
        "cfg_reset",
        TEXT,
        1,
        flags::reset_group,
        "Goes back to the own values of a group after cfg_select.",
    ),
    Function::anywhere(
        "remove_branch",
        INDEX,
        0,
        branches::remove,
        "Removes an added destination, the first by default.",
    ),
    Function::anywhere(
        "force_send_socket",
        SOCKET,
        1,
        send::force_send_socket,
        "Sends the request from this socket.",
    ),
    Function::anywhere(
        "set_advertised_address",
        HOST,
        1,
        send::set_advertised_address,
        "Host that this message shows as ours.",
    ),
    Function::anywhere(
        "set_advertised_port",
        PORT,
        1,
        send::set_advertised_port,
        "Port that this message shows as ours.",
    ),
    Function::anywhere(
        "forward",
        PLACE,
        0,
        |cx, a| relay::forward(cx, a, None),
        "Sends the request on without keeping state.",
    ),
    Function::anywhere(
        "forward_udp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Udp)),
        "As forward, over UDP.",
    ),
    Function::anywhere(
        "forward_tcp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tcp)),
        "As forward, over TCP.",
    ),
    Function::anywhere(
        "forward_tls",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tls)),
        "As forward, over TLS.",
    ),
    Function::anywhere(
        "forward_sctp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Sctp)),
        "As forward, over SCTP.",
    ),
    Function::anywhere(
        "exec",
        COMMAND,
        1,
        commands::run,
        "Runs a command of the shell to its end; true whatever it ends with.",
    ),
    Function::anywhere(
        "log",
        TEXT,
        1,
        send::log,
        "Writes a line to the log where `debug` is 4 or more.",
    ),
    Function::anywhere(
        "log",
        LOG,
        2,
        send::log,
        "Writes a line to the log at a level.",
    ),
];
