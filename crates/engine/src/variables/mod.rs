//! Variables that every configuration has without a module: `$null`, return codes, defines,
//! environment.

use script::value::Value;

use crate::context::Context;
use crate::module::{Inner, Variable};
use crate::variable::PvName;

/// The core's rows.
pub static TABLE: &[Variable] = &[
    Variable::new("null", null, "No value; assigning it removes."),
    Variable::new("rc", return_code, "The last return code."),
    Variable::new("retcode", return_code, "Same as $rc."),
    Variable::new("?", return_code, "Same as $rc."),
    Variable::new(
        "env",
        environment,
        "An environment variable of the server, as it was at load.",
    )
    .named(Inner::Parsed(|_, name| Ok(at_load(name)))),
    Variable::new("envn", environment, "Same as $env.")
        .named(Inner::Parsed(|_, name| Ok(at_load(name)))),
];

fn null(_: &mut Context, _: &PvName) -> Value {
    Value::Null
}

fn return_code(cx: &mut Context, _: &PvName) -> Value {
    Value::Int(cx.return_code)
}

fn at_load(name: &str) -> crate::variable::ParsedName {
    let value =
        std::env::var_os(name).map_or(Value::Null, |v| Value::Str(v.into_encoded_bytes().into()));
    crate::variable::ParsedName::data(value)
}

fn environment(_: &mut Context, name: &PvName) -> Value {
    name.data::<Value>().cloned().unwrap_or_default()
}
