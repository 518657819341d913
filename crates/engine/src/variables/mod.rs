//! Variables that every configuration has without a module: `$null`, return codes, defines,
//! environment.

use script::value::Value;

use crate::context::Context;
use crate::module::{Inner, Variable};
use crate::variable::{ParsedName, PvName};

/// The core's rows.
pub static TABLE: &[Variable] = &[
    Variable::new("null", null, "No value; assigning it removes."),
    Variable::new("rc", return_code, "The last return code."),
    Variable::new("retcode", return_code, "Same as $rc."),
    Variable::new("?", return_code, "Same as $rc."),
    Variable::new(
        "env",
        kept,
        "An environment variable of the server, as it was at load.",
    )
    .named(Inner::Parsed(|_, name| Ok(at_load(name)))),
    Variable::new(
        "def",
        kept,
        "What the preprocessor has defined a name to be.",
    )
    .named(Inner::Parsed(|scope, name| {
        let text = scope.define(name).map_or(Value::Null, Value::Str);
        Ok(ParsedName::data(text))
    })),
    Variable::new(
        "defn",
        as_number,
        "As $def, as a number; 0 for text and for a name that is not defined.",
    )
    .named(Inner::Parsed(|scope, name| {
        let text = scope.define(name).map_or(Value::Int(0), Value::Str);
        Ok(ParsedName::data(text))
    }))
    .in_text(kept),
    Variable::new("envn", as_number, "As $env, as a number; 0 for text.")
        .named(Inner::Parsed(|_, name| Ok(at_load(name))))
        .in_text(kept),
];

fn null(_: &mut Context, _: &PvName) -> Value {
    Value::Null
}

fn return_code(cx: &mut Context, _: &PvName) -> Value {
    Value::Int(cx.return_code)
}

fn at_load(name: &str) -> ParsedName {
    ParsedName::data(environment(name))
}

fn environment(name: &str) -> Value {
    std::env::var_os(name).map_or(Value::Null, |v| Value::Str(v.into_encoded_bytes().into()))
}

/// Only decimal digits make a number.
fn as_number(cx: &mut Context, name: &PvName) -> Value {
    let Value::Str(text) = kept(cx, name) else {
        return kept(cx, name);
    };
    let is_hex = text.iter().any(|b| matches!(b, b'x' | b'X'));
    let number = script::value::parse_int(&text).filter(|_| !is_hex);
    Value::from(number.unwrap_or(0))
}

fn kept(_: &mut Context, name: &PvName) -> Value {
    name.data::<Value>().cloned().unwrap_or_default()
}
