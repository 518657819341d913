//! Core script functions: the table, and the ones that act on flags and sending options.

pub mod branches;
mod commands;
mod flags;
pub mod relay;
pub mod send;
mod uri;

use crate::module::{Arg, ArgKind, Function, Routes, Status, TRUE};
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

/// Every block but `onsend_route`: there the message is on its way.
const BEFORE_SENDING: Routes = Routes(Routes::ANY.0 & !Routes::ONSEND.0);

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
    )
    .within(BEFORE_SENDING),
    Function::exact(
        "resetavpflag",
        AVP_FLAG,
        flags::reset_of_avp,
        "Clears a flag of an AVP's newest value. Always false, as in Kamailio.",
    )
    .within(BEFORE_SENDING),
    Function::exact(
        "isavpflagset",
        AVP_FLAG,
        flags::is_set_of_avp,
        "Tells whether a flag of an AVP's newest value is set.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "force_rport",
        &[],
        0,
        send::force_rport,
        "Replies go to the source port even if the client did not ask.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "add_rport",
        &[],
        0,
        send::force_rport,
        "Same as force_rport.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "add_local_rport",
        &[],
        0,
        send::add_local_rport,
        "Puts rport into our own Via.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "force_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Requests to the port, or to that in the Via, go by the connection of this one.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "add_tcp_alias",
        PORT,
        0,
        send::force_tcp_alias,
        "Same as force_tcp_alias.",
    )
    .within(BEFORE_SENDING),
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
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "strip_tail",
        COUNT,
        1,
        uri::strip_tail,
        "Removes characters from the end of the request URI's user.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "prefix",
        TEXT,
        1,
        uri::prefix,
        "Puts text before the request URI's user.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "rewriteuser",
        TEXT,
        1,
        uri::set_user,
        "Sets the request URI's user; empty removes it.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere("setuser", TEXT, 1, uri::set_user, "Same as rewriteuser.")
        .within(BEFORE_SENDING),
    Function::anywhere("setu", TEXT, 1, uri::set_user, "Same as rewriteuser.")
        .within(BEFORE_SENDING),
    Function::anywhere(
        "rewriteuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Sets the request URI's user and password, `user:password`.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "setuserpass",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "setup",
        TEXT,
        1,
        uri::set_user_password,
        "Same as rewriteuserpass.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "rewritehost",
        TEXT,
        1,
        uri::set_host,
        "Sets the request URI's host.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere("sethost", TEXT, 1, uri::set_host, "Same as rewritehost.")
        .within(BEFORE_SENDING),
    Function::anywhere("seth", TEXT, 1, uri::set_host, "Same as rewritehost.")
        .within(BEFORE_SENDING),
    Function::anywhere(
        "rewritehostport",
        TEXT,
        1,
        uri::set_host_port,
        "Sets the request URI's host and port, `host:port`.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "sethostport",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "sethp",
        TEXT,
        1,
        uri::set_host_port,
        "Same as rewritehostport.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "rewritehostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Sets the request URI's host, port and transport.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "sethostporttrans",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "sethpt",
        TEXT,
        1,
        uri::set_host_port_transport,
        "Same as rewritehostporttrans.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "rewriteport",
        TEXT,
        1,
        uri::set_port,
        "Sets the request URI's port; empty removes it.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere("setport", TEXT, 1, uri::set_port, "Same as rewriteport.")
        .within(BEFORE_SENDING),
    Function::anywhere("setp", TEXT, 1, uri::set_port, "Same as rewriteport.")
        .within(BEFORE_SENDING),
    Function::anywhere(
        "userphone",
        &[],
        0,
        uri::user_phone,
        "Adds user=phone to the request URI.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere("rewriteuri", URI, 1, uri::set_uri, "Sets the request URI.")
        .within(BEFORE_SENDING),
    Function::anywhere("seturi", URI, 1, uri::set_uri, "Same as rewriteuri.")
        .within(BEFORE_SENDING),
    Function::anywhere(
        "revert_uri",
        &[],
        0,
        uri::revert,
        "Back to the request URI as received.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "clear_branches",
        &[],
        0,
        branches::clear,
        "Removes all added destinations.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "udp_mtu_try_proto",
        TEXT,
        1,
        send::udp_mtu_try_proto,
        "Transport of this request if it is too large for a datagram.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "cfg_select",
        SELECT,
        2,
        flags::select_group,
        "Has the message use the values of an instance of a group.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "error",
        &[Arg::text("code"), Arg::text("reason")],
        2,
        |_, _| TRUE,
        "No effect, as in Kamailio 5.6: nothing reads what it notes.",
    )
    .within(BEFORE_SENDING)
    .with(Status::Noop),
    Function::anywhere(
        "cfg_reset",
        TEXT,
        1,
        flags::reset_group,
        "Goes back to the own values of a group after cfg_select.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "remove_branch",
        INDEX,
        0,
        branches::remove,
        "Removes an added destination, the first by default.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "force_send_socket",
        SOCKET,
        1,
        send::force_send_socket,
        "Sends the request from this socket.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "set_advertised_address",
        HOST,
        1,
        send::set_advertised_address,
        "Host that this message shows as ours.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "set_advertised_port",
        PORT,
        1,
        send::set_advertised_port,
        "Port that this message shows as ours.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "forward",
        PLACE,
        0,
        |cx, a| relay::forward(cx, a, None),
        "Sends the request on without keeping state.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "forward_udp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Udp)),
        "As forward, over UDP.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "forward_tcp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tcp)),
        "As forward, over TCP.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "forward_tls",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Tls)),
        "As forward, over TLS.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "forward_sctp",
        PLACE,
        1,
        |cx, a| relay::forward(cx, a, Some(Proto::Sctp)),
        "As forward, over SCTP.",
    )
    .within(BEFORE_SENDING),
    Function::anywhere(
        "exec",
        COMMAND,
        1,
        commands::run,
        "Runs a command of the shell to its end; true whatever it ends with.",
    )
    .within(BEFORE_SENDING),
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
