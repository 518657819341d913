//! The functions.

use std::io::Read;

use engine::arguments::Args;
use engine::context::Context;
use engine::core_functions::branches;
use engine::core_functions::relay::place;
use engine::core_functions::send::socket_named;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, Status, TRUE};
use engine::net::parse_address;
use engine::socket::{Proto, SocketId};
use script::value::Value;

use super::{flags, internal, network_io, sending};

const BRANCH: &[Arg] = &[Arg::text("uri"), Arg::text("q")];
const PLACE: &[Arg] = &[Arg::text("place")];
const SOCKET: &[Arg] = &[Arg::text("socket")];
const FLAG: &[Arg] = &[Arg::int("flag")];
const IFLAG: &[Arg] = &[Arg::text("flag")];
const VIA: &[Arg] = &[Arg::int("flag")];
const OWN_VIA: &str = "No effect, as in Kamailio 5.6.3: the address in our Via is the socket's.";
const READ: &[Arg] = &[Arg::text("path"), Arg::variable("variable")];
const WRITE: &[Arg] = &[Arg::text("path"), Arg::text("content")];
const DATA: &[Arg] = &[Arg::text("uri"), Arg::text("data")];
const DATA_BY: &[Arg] = &[Arg::text("uri"), Arg::text("socket"), Arg::text("data")];

/// Largest file that a script reads.
const LARGEST_FILE: u64 = 1 << 20;

pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "append_branch",
        BRANCH,
        0,
        branches::append,
        "Adds a destination; without a URI a copy of the present one.",
    )
    .within(Routes::REQUEST.and(Routes::FAILURE)),
    Function::anywhere(
        "send_udp",
        PLACE,
        0,
        |cx, a| sending::send(cx, a, Proto::Udp),
        "Sends the message as it is over UDP, to a place or the next hop.",
    )
    .within(Routes::REQUEST.and(Routes::FAILURE)),
    Function::anywhere(
        "send_tcp",
        PLACE,
        0,
        |cx, a| sending::send(cx, a, Proto::Tcp),
        "Sends the message as it is over TCP, to a place or the next hop.",
    )
    .within(Routes::REQUEST.and(Routes::FAILURE)),
    Function::anywhere(
        "send_data",
        DATA,
        2,
        sending::send_data,
        "Sends data to where a URI leads.",
    ),
    Function::anywhere(
        "sendx",
        DATA_BY,
        3,
        sending::sendx,
        "Sends data by a socket to where a URI leads.",
    ),
    Function::anywhere(
        "set_send_socket",
        SOCKET,
        1,
        |cx, a| by_text(cx, a, set_send),
        "Sends the request by this socket.",
    ),
    Function::anywhere(
        "set_send_socket_name",
        SOCKET,
        1,
        |cx, a| by_name(cx, a, set_send),
        "Sends the request by the socket of this name.",
    ),
    Function::anywhere(
        "set_recv_socket",
        SOCKET,
        1,
        |cx, a| by_text(cx, a, set_received),
        "Takes the message as received by this socket.",
    ),
    Function::anywhere(
        "set_recv_socket_name",
        SOCKET,
        1,
        |cx, a| by_name(cx, a, set_received),
        "Takes the message as received by the socket of this name.",
    ),
    Function::anywhere(
        "set_source_address",
        PLACE,
        1,
        set_source,
        "Takes the message as sent from this place.",
    ),
    Function::anywhere(
        "is_socket_name",
        SOCKET,
        1,
        is_socket_name,
        "Whether a listening socket has this name.",
    ),
    Function::anywhere(
        "is_incoming",
        &[],
        0,
        |cx, args| network_io::is_incoming(cx, args),
        "Whether event_route[network:msg] sees the message as it comes in.",
    ),
    Function::anywhere(
        "is_faked_msg",
        &[],
        0,
        is_faked,
        "Whether there is no real message behind this run of the script.",
    ),
    Function::anywhere(
        "setxflag",
        FLAG,
        1,
        flags::set,
        "Sets an extended message flag, 0 to 63.",
    ),
    Function::anywhere(
        "resetxflag",
        FLAG,
        1,
        flags::reset,
        "Clears an extended message flag.",
    ),
    Function::anywhere(
        "isxflagset",
        FLAG,
        1,
        flags::is_set,
        "Whether an extended message flag is set.",
    ),
    Function::anywhere(
        "file_read",
        READ,
        2,
        file_read,
        "Reads a small file into a variable.",
    )
    .constant(),
    Function::anywhere("file_write", WRITE, 2, file_write, "Writes a file."),
    Function::anywhere(
        "msg_iflag_set",
        IFLAG,
        1,
        internal::set,
        "Sets an internal flag of the message: USE_UAC_FROM, USE_UAC_TO, UAC_AUTH.",
    ),
    Function::anywhere(
        "msg_iflag_reset",
        IFLAG,
        1,
        internal::reset,
        "Clears an internal flag of the message.",
    ),
    Function::anywhere(
        "msg_iflag_is_set",
        IFLAG,
        1,
        internal::is_set,
        "Whether an internal flag of the message is set; -2: it is not.",
    ),
    Function::anywhere(
        "forward_reply",
        &[],
        0,
        |cx, _| {
            engine::reply::forward_stateless(cx);
            TRUE
        },
        "Forwards the reply by its second Via now.",
    )
    .within(Routes::CORE_ONREPLY),
    Function::anywhere(
        "via_add_srvid",
        VIA,
        1,
        via_srvid,
        "Puts the core's server_id into our Via, unless it is 0; 0: no longer.",
    ),
    Function::anywhere(
        "via_add_xavp_params",
        VIA,
        1,
        via_params,
        "Puts the values of the core's xavp_via_params into our Via; 0: no longer.",
    ),
    Function::anywhere("via_use_xavp_fields", VIA, 1, |_, _| TRUE, OWN_VIA).with(Status::Noop),
];

fn via_srvid(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(flag) = args.int(cx, 0) else {
        return FALSE;
    };
    cx.options.add_via_srvid = flag != 0;
    TRUE
}

fn via_params(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(flag) = args.int(cx, 0) else {
        return FALSE;
    };
    cx.options.add_via_params = flag != 0;
    TRUE
}

/// A socket that is not found changes nothing and is no failure, as in Kamailio.
fn choose(
    cx: &mut Context,
    found: Option<SocketId>,
    shown: &[u8],
    then: fn(&mut Context, SocketId),
) -> Outcome {
    match found {
        Some(id) => then(cx, id),
        None => {
            let shown = String::from_utf8_lossy(shown).into_owned();
            cx.log(Level::Warning, &format!("no socket of ours is `{shown}`"));
        }
    }
    TRUE
}

fn by_text(cx: &mut Context, args: &Args<'_>, then: fn(&mut Context, SocketId)) -> Outcome {
    let text = args.text(cx, 0);
    let found = socket_named(cx, &text);
    choose(cx, found, &text, then)
}

fn named(cx: &Context, name: &[u8]) -> Option<SocketId> {
    let mut sockets = cx.core.sockets.all().iter();
    sockets
        .find(|s| s.name.as_deref() == Some(name))
        .map(|s| s.id)
}

fn by_name(cx: &mut Context, args: &Args<'_>, then: fn(&mut Context, SocketId)) -> Outcome {
    let name = args.text(cx, 0);
    let found = named(cx, &name);
    choose(cx, found, &name, then)
}

fn set_send(cx: &mut Context, id: SocketId) {
    cx.target.socket = Some(id);
}

fn set_received(cx: &mut Context, id: SocketId) {
    let Some(socket) = cx.core.sockets.by_id(id) else {
        return;
    };
    cx.received.socket = id;
    cx.received.destination = socket.address;
    cx.received.proto = socket.proto;
}

/// `set_source_address("udp:10.0.0.1:5060")`.
fn set_source(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let Some(found) = place(&text, None, None) else {
        return FALSE;
    };
    let address = std::str::from_utf8(&found.host)
        .ok()
        .and_then(parse_address);
    match (address, found.port) {
        (Some(address), Some(port)) => {
            cx.received.source = std::net::SocketAddr::new(address, port);
            TRUE
        }
        _ => {
            cx.log(Level::Error, "a source needs an address and a port");
            FALSE
        }
    }
}

fn is_socket_name(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    if named(cx, &name).is_some() {
        TRUE
    } else {
        FALSE
    }
}

/// Event routes of modules run on a message made up for them.
fn is_faked(cx: &mut Context, _: &Args<'_>) -> Outcome {
    if cx.kind == engine::context::RunKind::Event {
        TRUE
    } else {
        FALSE
    }
}

fn path(text: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(text).into_owned().into()
}

fn file_read(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let mut content = Vec::new();
    let read = std::fs::File::open(path(&name))
        .and_then(|f| f.take(LARGEST_FILE).read_to_end(&mut content));
    if let Err(error) = read {
        let shown = String::from_utf8_lossy(&name).into_owned();
        cx.log(Level::Error, &format!("cannot read {shown}: {error}"));
        return FALSE;
    }
    match args.variable(1) {
        Some(variable) if variable.write(cx, Value::Str(content.into())) => TRUE,
        _ => FALSE,
    }
}

fn file_write(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, content) = (args.text(cx, 0), args.text(cx, 1));
    match std::fs::write(path(&name), &content) {
        Ok(()) => TRUE,
        Err(error) => {
            let shown = String::from_utf8_lossy(&name).into_owned();
            cx.log(Level::Error, &format!("cannot write {shown}: {error}"));
            FALSE
        }
    }
}
