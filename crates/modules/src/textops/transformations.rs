//! `{re.subst,/pattern/replacement/flags}`.

use engine::context::Context;
use engine::log::Level;
use engine::module::Status;
use engine::transformation::{Syntax, Transform, Transformation};
use engine::variable::ParsedName;
use script::value::Value;

use super::subst::Subst;

/// The rows.
pub static TABLE: &[Transformation] = &[Transformation {
    class: "re",
    name: "subst",
    min: 1,
    max: 1,
    syntax: Syntax::Raw(parse),
    run: subst,
    doc: "The text with matches of a regular expression replaced; unchanged when nothing matches. \
          The replacement holds groups, but no variables.",
    status: Status::Partial,
}];

fn parse(text: &str) -> Result<ParsedName, String> {
    let mut no_variables =
        |t: &str| Err(format!("`{t}`: variables cannot stand in this replacement"));
    Subst::parse(text.as_bytes(), &mut no_variables)
        .map(ParsedName::data)
        .map_err(|error| error.to_string())
}

fn subst(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let parsed = how.parsed.data.as_ref();
    let Some(expression) = parsed.and_then(|d| d.downcast_ref::<Subst>()) else {
        return Value::Null;
    };
    if value == Value::Null {
        return Value::Null;
    }
    let text = value.to_bytes();
    match expression.apply(cx, &text) {
        Ok(Some(changed)) => Value::Str(changed),
        Ok(None) => Value::Str(text),
        Err(_) => {
            cx.log(
                Level::Error,
                "a pattern of {re.subst} matches nothing at all",
            );
            Value::Null
        }
    }
}
