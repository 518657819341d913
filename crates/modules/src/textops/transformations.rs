//! `{re.subst,/pattern/replacement/flags}`.

use engine::context::Context;
use engine::log::Level;
use engine::module::Status;
use engine::transformation::{Syntax, Transform, Transformation};
use script::value::Value;

use super::subst::{Subst, parse_arg};

/// The rows.
pub static TABLE: &[Transformation] = &[Transformation {
    class: "re",
    name: "subst",
    min: 1,
    max: 1,
    syntax: Syntax::Raw(|scope, text| parse_arg(scope, text.as_bytes())),
    run: subst,
    shown: None,
    takes_number: false,
    doc: "The text with matches of a regular expression replaced; unchanged when nothing matches.",
    status: Status::Full,
}];

fn subst(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let parsed = how.parsed.data.as_ref();
    let Some(expression) = parsed.and_then(|d| d.downcast_ref::<Subst>()) else {
        return Value::Null;
    };
    if value.is_empty() {
        return Value::Null;
    }
    match expression.apply(cx, &value.to_bytes()) {
        Ok(Some(changed)) => Value::Str(changed),
        Ok(None) => value,
        Err(_) => {
            cx.log(
                Level::Error,
                "a pattern of {re.subst} matches nothing at all",
            );
            Value::Null
        }
    }
}
