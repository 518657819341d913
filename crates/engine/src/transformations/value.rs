//! `{val.…}`: what null becomes, and values for JSON.

use bytes::Bytes;
use script::value::Value;

use crate::transformation::Transformation;

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "val",
        "n0",
        (0, 0),
        |_, v, _| or(v, Value::Int(0)),
        "0 in place of null.",
    ),
    Transformation::new(
        "val",
        "ne",
        (0, 0),
        |_, v, _| or(v, Value::Str(Bytes::new())),
        "The empty string in place of null.",
    ),
    Transformation::new(
        "val",
        "json",
        (0, 0),
        |_, v, _| json(v, false),
        "Escaped for JSON.",
    ),
    Transformation::new(
        "val",
        "jsonqe",
        (0, 0),
        |_, v, _| json(v, true),
        "As a JSON value: strings in quotes, null as an empty string.",
    ),
];

fn or(value: Value, instead: Value) -> Value {
    match value {
        Value::Null => instead,
        value => value,
    }
}

fn json(value: Value, quoted: bool) -> Value {
    let text = match value {
        Value::Int(n) => return Value::Int(n),
        Value::Null => Bytes::new(),
        Value::Str(text) => text,
    };
    let mut out = Vec::with_capacity(text.len() + 2);
    if quoted {
        out.push(b'"');
    }
    for byte in &text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    if quoted {
        out.push(b'"');
    }
    Value::Str(out.into())
}
