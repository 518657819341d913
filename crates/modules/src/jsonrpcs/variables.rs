//! `$jsonrpl(…)`.

use engine::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::functions::LastAnswer;

/// The module's variables.
pub(super) static VARIABLES: &[Variable] = &[Variable::new(
    "jsonrpl",
    read,
    "The answer of the last jsonrpc_exec: code, text (the reason) or body.",
)
.named(Inner::OneOf(&["code", "text", "body"]))];

fn read(cx: &mut Context, name: &PvName) -> Value {
    let last = cx.extensions.get::<LastAnswer>();
    let answer = last.and_then(|l| l.0.as_ref());
    match (name.parsed.key, answer) {
        (0, answer) => Value::Int(answer.map_or(0, |a| a.code)),
        (1, Some(answer)) => Value::Str(answer.reason.clone().into()),
        (_, Some(answer)) => Value::Str(answer.body.clone()),
        (_, None) => Value::Null,
    }
}
