//! Where a message came from and where it came in.

use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::socket::{ListenSocket, Proto};
use engine::variable::PvName;
use script::value::Value;
use script::view::View;
use std::net::IpAddr;

use super::super::value::{int, text, word};

pub(super) const ROWS: &[Variable] = &[
    Variable::showing("si", |cx, _| View::Str(cx.source_text()), "Source address."),
    Variable::showing(
        "src_ip",
        |cx, _| View::Str(cx.source_text()),
        "Same as $si.",
    ),
    Variable::new(
        "siz",
        |cx, _| text(bracketed(cx.received.source.ip())),
        "Source address, IPv6 in brackets.",
    ),
    Variable::new("sp", |cx, _| int(cx.received.source.port()), "Source port."),
    Variable::new(
        "sid",
        |cx, _| int(cx.core.settings.server_id),
        "The number of the server: server_id.",
    ),
    Variable::new(
        "pr",
        |cx, _| word(cx.received.proto.name()),
        "Transport the message came by.",
    )
    .shown(|cx, _| View::Str(cx.received.proto.name().as_bytes()))
    .numbered(|cx, _| Some(cx.received.proto.number())),
    Variable::new(
        "proto",
        |cx, _| word(cx.received.proto.name()),
        "Same as $pr.",
    )
    .shown(|cx, _| View::Str(cx.received.proto.name().as_bytes()))
    .numbered(|cx, _| Some(cx.received.proto.number())),
    Variable::new(
        "prid",
        |cx, _| int(cx.received.proto.number()),
        "Kamailio's number of the transport.",
    ),
    Variable::new("su", |cx, _| source_uri(cx, false), "Source as a URI."),
    Variable::new(
        "sut",
        |cx, _| source_uri(cx, true),
        "Source as a URI that always names its transport.",
    ),
    Variable::new("sas", source_socket, "Source as transport:address:port."),
    Variable::new(
        "Ri",
        |cx, _| text(engine::net::AddressText::new(cx.received.destination.ip()).to_string()),
        "Address the message came in by.",
    ),
    Variable::new(
        "Rp",
        |cx, _| int(cx.received.destination.port()),
        "Port the message came in by.",
    ),
    Variable::new(
        "Ru",
        |cx, _| our_uri(cx, false, false),
        "Socket the message came in by, as a URI.",
    ),
    Variable::new(
        "Rut",
        |cx, _| our_uri(cx, true, false),
        "Same as $Ru, always with the transport.",
    ),
    Variable::new(
        "Rn",
        |cx, _| {
            socket(cx)
                .and_then(|s| s.name.clone())
                .map_or(Value::Null, Value::Str)
        },
        "Name of the socket the message came in by.",
    ),
    Variable::new(
        "RAi",
        |cx, _| socket(cx).map_or(Value::Null, |s| Value::Str(bare(&advertised_host(s)))),
        "Advertised address of the socket the message came in by, one of IPv6 without brackets.",
    ),
    Variable::new(
        "RAp",
        |cx, _| socket(cx).map_or(Value::Null, |s| int(advertised_port(s))),
        "Advertised port of the socket the message came in by.",
    ),
    Variable::new(
        "RAu",
        |cx, _| our_uri(cx, false, true),
        "Advertised socket as a URI.",
    ),
    Variable::new(
        "RAut",
        |cx, _| our_uri(cx, true, true),
        "Same as $RAu, always with the transport.",
    ),
    Variable::new(
        "Ras",
        advertised_socket,
        "Advertised socket as transport:address:port.",
    ),
    Variable::new("af", family, "Address family: id (2 or 10) or name.")
        .named(Inner::OneOf(&["id", "name"])),
    Variable::new(
        "conid",
        |cx, _| cx.received.connection.map_or(Value::Null, |c| int(c.0)),
        "Connection the message came by; null for datagrams.",
    ),
    Variable::new("K", constant, "Constants: IPv4, IPv6, UDP, TCP, …")
        .named(Inner::OneOf(CONSTANTS)),
];

const CONSTANTS: &[&str] = &[
    "IPv4", "INET", "IPv6", "INET6", "UDP", "TCP", "TLS", "SCTP", "WS", "WSS",
];

fn constant(_: &mut Context, name: &PvName) -> Value {
    let word = usize::try_from(name.parsed.key)
        .ok()
        .and_then(|k| CONSTANTS.get(k));
    match word {
        Some(&"IPv4" | &"INET") => int(2),
        Some(&"IPv6" | &"INET6") => int(10),
        Some(proto) => Proto::from_name(proto.as_bytes()).map_or(Value::Null, |p| int(p.number())),
        None => Value::Null,
    }
}

fn bracketed(address: IpAddr) -> String {
    engine::net::host_text(address)
}

fn family(cx: &mut Context, name: &PvName) -> Value {
    match (name.parsed.key, cx.received.source.is_ipv4()) {
        (0, true) => int(2),
        (0, false) => int(10),
        (_, true) => word("IPv4"),
        (_, false) => word("IPv6"),
    }
}

fn transport_param(proto: Proto, always: bool) -> String {
    if proto == Proto::Udp && !always {
        String::new()
    } else {
        format!(";transport={}", proto.name())
    }
}

fn source_uri(cx: &mut Context, always: bool) -> Value {
    let from = cx.received.source;
    text(format!(
        "sip:{}:{}{}",
        bracketed(from.ip()),
        from.port(),
        transport_param(cx.received.proto, always)
    ))
}

fn source_socket(cx: &mut Context, _: &PvName) -> Value {
    let from = cx.received.source;
    text(format!(
        "{}:{}:{}",
        cx.received.proto.name(),
        bracketed(from.ip()),
        from.port()
    ))
}

fn socket(cx: &Context) -> Option<&ListenSocket> {
    cx.core.sockets.by_id(cx.received.socket)
}

fn advertised_host(socket: &ListenSocket) -> bytes::Bytes {
    socket
        .advertised_host
        .clone()
        .unwrap_or_else(|| socket.host.clone())
}

/// A host without the brackets around an address of IPv6.
fn bare(host: &bytes::Bytes) -> bytes::Bytes {
    let inner = host
        .strip_prefix(b"[")
        .and_then(|host| host.strip_suffix(b"]"));
    inner.map_or_else(|| host.clone(), |inner| host.slice_ref(inner))
}

fn advertised_port(socket: &ListenSocket) -> u16 {
    socket.advertised_port.unwrap_or(socket.address.port())
}

fn our_uri(cx: &mut Context, always: bool, advertised: bool) -> Value {
    let Some(socket) = socket(cx) else {
        return Value::Null;
    };
    let (host, port) = if advertised {
        (advertised_host(socket), advertised_port(socket))
    } else {
        (socket.host.clone(), socket.address.port())
    };
    let mut out = b"sip:".to_vec();
    out.extend_from_slice(&host);
    out.extend_from_slice(format!(":{port}{}", transport_param(socket.proto, always)).as_bytes());
    text(out)
}

fn advertised_socket(cx: &mut Context, _: &PvName) -> Value {
    let Some(socket) = socket(cx) else {
        return Value::Null;
    };
    let mut out = socket.proto.name().as_bytes().to_vec();
    out.push(b':');
    out.extend_from_slice(&advertised_host(socket));
    out.extend_from_slice(format!(":{}", advertised_port(socket)).as_bytes());
    text(out)
}
