//! The transformations of the core, `{class.name,…}` (Kamailio transformations cookbook 5.6).
//!
//! A transformation of null, or one that fails, is null; it prints as nothing.

mod address;
pub(crate) mod arguments;
mod digest;
mod encode;
mod escape;
mod line;
mod param;
mod string;
#[cfg(test)]
mod tests;
mod uri;
mod value;

use bytes::Bytes;
use script::value::Value;

use crate::table;
use crate::transformation::Transformation;

const PARTS: &[&[Transformation]] = &[
    string::ROWS,
    digest::ROWS,
    encode::ROWS,
    escape::ROWS,
    uri::ROWS,
    address::ROWS,
    param::ROWS,
    line::ROWS,
    value::ROWS,
];

static ALL: [Transformation; table::total(PARTS)] = table::join(PARTS);

/// All of them.
pub static TABLE: &[Transformation] = &ALL;

/// Runs something on the text of a value that is there.
fn on_text(value: &Value, run: impl FnOnce(Bytes) -> Option<Vec<u8>>) -> Value {
    match value {
        Value::Null => Value::Null,
        value => run(value.to_bytes()).map_or(Value::Null, |t| Value::Str(t.into())),
    }
}

/// A length or count.
fn number(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
