//! `{param.…}`: lists of `name=value` with a separator.

use bytes::Bytes;
use script::value::Value;

use super::number;
use crate::context::Context;
use crate::transformation::{Transform, Transformation};

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "param",
        "value",
        (1, 2),
        value_of,
        "Value of a parameter; the last one of the name counts.",
    ),
    Transformation::new(
        "param",
        "valueat",
        (1, 2),
        value_at,
        "Value of the parameter of an index; negative counts from the end.",
    ),
    Transformation::new(
        "param",
        "name",
        (1, 2),
        name_at,
        "Name of the parameter of an index; negative counts from the end.",
    ),
    Transformation::new("param", "count", (0, 1), count, "Number of parameters."),
    Transformation::new(
        "param",
        "in",
        (1, 2),
        contains,
        "1 if a parameter is there, else 0.",
    ),
];

/// The parameters in order; quotes around a value are not part of it.
fn list(text: &Bytes, separator: u8) -> Vec<(Bytes, Bytes)> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut start = 0;
    for at in 0..=text.len() {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b) if *b != separator || quoted => {}
            _ => {
                if let Some(param) = one(text, &text[start..at]) {
                    found.push(param);
                }
                start = at + 1;
            }
        }
    }
    found
}

fn one(text: &Bytes, param: &[u8]) -> Option<(Bytes, Bytes)> {
    let param = param.trim_ascii();
    if param.is_empty() {
        return None;
    }
    let equals = memchr::memchr(b'=', param);
    let name = param[..equals.unwrap_or(param.len())].trim_ascii();
    let value = equals.map_or(&param[param.len()..], |at| param[at + 1..].trim_ascii());
    let value = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""))
        .unwrap_or(value);
    Some((text.slice_ref(name), text.slice_ref(value)))
}

fn params(
    cx: &mut Context,
    value: &Value,
    how: &Transform,
    at: usize,
) -> Option<Vec<(Bytes, Bytes)>> {
    let text = match value {
        Value::Null => return None,
        value => value.to_bytes(),
    };
    if text.is_empty() {
        return None;
    }
    let separator = how.text(cx, at).and_then(|t| t.first().copied());
    Some(list(&text, separator.unwrap_or(b';')))
}

fn value_of(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let name = how.text(cx, 0).unwrap_or_default();
    let name = name.trim_ascii();
    let Some(all) = params(cx, &value, how, 1) else {
        return Value::Null;
    };
    // A parameter that is not there has an empty value, not none.
    let found = all
        .into_iter()
        .rev()
        .find(|(n, _)| n.eq_ignore_ascii_case(name));
    Value::Str(found.map_or_else(Bytes::new, |(_, v)| v))
}

fn at(cx: &mut Context, value: &Value, how: &Transform) -> Option<(Bytes, Bytes)> {
    let index = how.int(cx, 0)?;
    let mut all = params(cx, value, how, 1)?;
    let index = match index {
        0.. => usize::try_from(index).ok()?,
        _ => all
            .len()
            .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    (index < all.len()).then(|| all.swap_remove(index))
}

fn value_at(cx: &mut Context, value: Value, how: &Transform) -> Value {
    at(cx, &value, how).map_or(Value::Null, |(_, v)| Value::Str(v))
}

fn name_at(cx: &mut Context, value: Value, how: &Transform) -> Value {
    at(cx, &value, how).map_or(Value::Null, |(n, _)| Value::Str(n))
}

fn count(cx: &mut Context, value: Value, how: &Transform) -> Value {
    params(cx, &value, how, 0).map_or(Value::Null, |all| number(all.len()))
}

fn contains(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let name = how.text(cx, 0).unwrap_or_default();
    let all = params(cx, &value, how, 1).unwrap_or_default();
    let found = all
        .iter()
        .any(|(n, _)| n.eq_ignore_ascii_case(name.trim_ascii()));
    Value::from(found)
}
