//! `$snd(…)`, `$sndto(…)`, `$sndfrom(…)`: the message that is about to leave, in `onsend_route`.

use std::net::SocketAddr;

use engine::Context;
use engine::forward::Sending;
use engine::module::{Inner, Variable};
use engine::socket::Proto;
use engine::variable::PvName;
use script::value::Value;

const NAMES: &[&str] = &["ip", "af", "port", "proto", "sproto", "buf", "len"];

const fn row(
    name: &'static str,
    read: fn(&mut Context, &PvName) -> Value,
    doc: &'static str,
) -> Variable {
    Variable::new(name, read, doc).named(Inner::OneOf(NAMES))
}

pub(super) const ROWS: &[Variable] = &[
    row("snd", to, "Where the message goes, in onsend_route."),
    row("sndto", to, "Where the message goes, in onsend_route."),
    row(
        "sndfrom",
        from,
        "Where the message leaves from, in onsend_route.",
    ),
];

fn to(cx: &mut Context, name: &PvName) -> Value {
    let Some(sending) = cx.extensions.get::<Sending>().cloned() else {
        return Value::Null;
    };
    let (peer, proto) = (sending.to.peer, sending.to.proto);
    part(cx, name, &sending, peer, proto)
}

fn from(cx: &mut Context, name: &PvName) -> Value {
    let Some(sending) = cx.extensions.get::<Sending>().cloned() else {
        return Value::Null;
    };
    let Some(socket) = cx.core.sockets.by_id(sending.to.socket) else {
        return Value::Null;
    };
    let (address, proto) = (socket.address, socket.proto);
    part(cx, name, &sending, address, proto)
}

fn part(
    cx: &mut Context,
    name: &PvName,
    sending: &Sending,
    address: SocketAddr,
    proto: Proto,
) -> Value {
    match &name.text(cx)[..] {
        b"ip" => Value::Str(
            engine::net::AddressText::new(address.ip())
                .to_string()
                .into(),
        ),
        b"af" => Value::Int(if address.is_ipv4() { 2 } else { 10 }),
        b"port" => Value::Int(i64::from(address.port())),
        b"proto" => Value::Int(proto.number()),
        b"sproto" => Value::Str(proto.name().into()),
        b"buf" => Value::Str(sending.bytes.clone()),
        b"len" => Value::Int(i64::try_from(sending.bytes.len()).unwrap_or(i64::MAX)),
        _ => Value::Null,
    }
}
