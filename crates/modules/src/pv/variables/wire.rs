//! `$msgbuf(…)`, the bytes of the message one by one; `$rcv(…)`, what came in before it is parsed.

use std::sync::Arc;

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::core_events::Incoming;
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName, Readable};
use script::value::Value;
use sip::Message;

use super::super::value::{copy, int, text, word};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "msgbuf",
        read_byte,
        "A character of the message by its position; writing changes the message at once.",
    )
    .named(Inner::Parsed(position))
    .writable(write_byte),
    Variable::new(
        "rcv",
        read_incoming,
        "In event_route[core:msg-received]: buf, len, srcip, srcport, rcvip, rcvport, proto, sproto, af.",
    )
    .named(Inner::OneOf(PARTS))
    .writable(write_incoming),
];

const PARTS: &[&str] = &[
    "buf", "len", "srcip", "srcport", "rcvip", "rcvport", "proto", "sproto", "af",
];

/// A position: a number, or a variable that holds one.
enum Position {
    At(usize),
    Variable(Readable),
}

impl Position {
    fn of(name: &PvName, cx: &mut Context) -> Option<usize> {
        match name.data::<Self>()? {
            Self::At(position) => Some(*position),
            Self::Variable(variable) => match variable.read(cx) {
                Value::Int(position) => usize::try_from(position).ok(),
                _ => None,
            },
        }
    }
}

fn position(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    let name = name.trim();
    let position = if name.starts_with('$') {
        Position::Variable(scope.variable(name)?)
    } else {
        let number = name.parse();
        Position::At(number.map_err(|_| format!("`{name}` is no position"))?)
    };
    Ok(ParsedName::data(position))
}

/// The position, if the message has a character there.
fn checked(cx: &mut Context, name: &PvName) -> Option<usize> {
    let position = Position::of(name, cx).filter(|at| *at < cx.msg.raw().len());
    if position.is_none() {
        cx.log(Level::Error, "$msgbuf: the message has no such position");
    }
    position
}

fn read_byte(cx: &mut Context, name: &PvName) -> Value {
    checked(cx, name)
        .and_then(|at| cx.msg.raw().get(at..=at))
        .map_or(Value::Null, copy)
}

/// Positions of what was parsed before stay as they are, so that edits made before still fit.
fn write_byte(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Value::Str(character) = value else {
        return false;
    };
    let (Some(at), Some(byte)) = (checked(cx, name), character.first()) else {
        return false;
    };
    let mut changed = cx.msg.raw().to_vec();
    changed[at] = *byte;
    match Message::parse(changed.into(), &cx.core.tolerance) {
        Ok(msg) => {
            cx.replace_message(Arc::new(msg));
            true
        }
        Err(error) => {
            cx.log(Level::Error, &format!("$msgbuf: not changed: {error}"));
            false
        }
    }
}

fn read_incoming(cx: &mut Context, name: &PvName) -> Value {
    let Some(incoming) = cx.extensions.get::<Incoming>() else {
        return Value::Null;
    };
    let how = &incoming.received;
    let part = usize::try_from(name.parsed.key).ok();
    match part.and_then(|k| PARTS.get(k)) {
        Some(&"buf") => Value::Str(incoming.bytes.clone()),
        Some(&"len") => int(incoming.bytes.len()),
        Some(&"srcip") => text(engine::net::AddressText::new(how.source.ip()).to_string()),
        Some(&"srcport") => int(how.source.port()),
        Some(&"rcvip") => text(engine::net::AddressText::new(how.destination.ip()).to_string()),
        Some(&"rcvport") => int(how.destination.port()),
        Some(&"proto") => int(how.proto.number()),
        Some(&"sproto") => word(how.proto.name()),
        Some(&"af") => int(if how.source.is_ipv4() { 2 } else { 10 }),
        _ => Value::Null,
    }
}

/// Only `buf` can be changed.
fn write_incoming(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let (0, Value::Str(text)) = (name.parsed.key, value) else {
        return false;
    };
    match cx.extensions.get_mut::<Incoming>() {
        Some(incoming) => {
            incoming.bytes = Bytes::copy_from_slice(&text);
            true
        }
        None => false,
    }
}
