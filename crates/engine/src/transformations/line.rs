//! `{line.…}`: lines of a text.

use bytes::Bytes;
use script::value::Value;

use super::number;
use crate::context::Context;
use crate::transformation::{Transform, Transformation};

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new("line", "count", (0, 0), count, "Number of lines."),
    Transformation::new(
        "line",
        "at",
        (1, 1),
        at,
        "The line of an index; negative counts from the end.",
    ),
    Transformation::new(
        "line",
        "sw",
        (1, 1),
        starts_with,
        "The first line that starts with a text.",
    ),
];

/// The lines without their ends; what follows the last line end counts if it is not empty.
fn lines(value: &Value) -> Vec<Bytes> {
    let text = value.to_bytes();
    let body = text.strip_suffix(b"\n").unwrap_or(&text);
    body.split(|b| *b == b'\n')
        .map(|line| text.slice_ref(line.strip_suffix(b"\r").unwrap_or(line)))
        .collect()
}

/// As Kamailio counts: line ends, and what follows the last one. The number is a text.
fn count(_: &mut Context, value: Value, _: &Transform) -> Value {
    match value {
        value if value.is_empty() => Value::Null,
        value => {
            let text = value.to_bytes();
            let ends = memchr::memchr_iter(b'\n', &text).count();
            let open = usize::from(!text.ends_with(b"\n"));
            Value::Str(number(ends + open).to_bytes())
        }
    }
}

fn at(cx: &mut Context, value: Value, how: &Transform) -> Value {
    if value.is_empty() {
        return Value::Null;
    }
    let all = lines(&value);
    let index = match how.int(cx, 0) {
        Some(n @ 0..) => usize::try_from(n).ok(),
        Some(n) => usize::try_from(n.unsigned_abs())
            .ok()
            .and_then(|n| all.len().checked_sub(n)),
        None => return Value::Null,
    };
    index
        .and_then(|i| all.get(i).cloned())
        .map_or_else(|| Value::Str(Bytes::new()), Value::Str)
}

fn starts_with(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let Some(start) = how.argument(cx, 0) else {
        return Value::Null;
    };
    if value.is_empty() {
        return Value::Null;
    }
    let found = lines(&value)
        .into_iter()
        .find(|line| line.starts_with(&start));
    Value::Str(found.unwrap_or_default())
}
