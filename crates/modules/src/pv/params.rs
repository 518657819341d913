//! Parameters: initial values of `$shv(…)`, and what is accepted without effect.

use std::sync::Arc;

use bytes::Bytes;
use engine::core::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, State, Status};
use script::value::Value;

use super::PvState;
use super::shared::SharedVars;

pub(super) static TABLE: &[Param] = &[
    Param {
        name: "shvset",
        default: DefaultValue::List,
        doc: "Initial value of a shared variable: `name=s:text` or `name=i:number`.",
        status: Status::Full,
    },
    Param {
        name: "varset",
        default: DefaultValue::List,
        doc: "No effect: $var(…) belongs to a message and starts at 0.",
        status: Status::Noop,
    },
    Param {
        name: "avp_aliases",
        default: DefaultValue::List,
        doc: "No effect: write the name of the AVP itself.",
        status: Status::Noop,
    },
];

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let shared = SharedVars::default();
    for given in setup.params.list("shvset") {
        let ParamText::Text(text) = given else {
            continue;
        };
        let (name, value) = parse(text).ok_or_else(|| {
            let shown = String::from_utf8_lossy(text).into_owned();
            InitError::of_param(
                "shvset",
                format!("`{shown}` is not name=s:text or name=i:number"),
            )
        })?;
        shared.set(&name, value);
    }
    Ok(Arc::new(PvState { shared }))
}

/// `name=s:text`, `name=i:number`; without a letter it is text.
fn parse(text: &Bytes) -> Option<(Bytes, Value)> {
    let at = memchr::memchr(b'=', text)?;
    let name = text.slice_ref(text[..at].trim_ascii());
    let value = text.slice(at + 1..);
    if name.is_empty() {
        return None;
    }
    let value = match value.get(..2) {
        Some(b"i:" | b"I:") => {
            let digits = value[2..].trim_ascii();
            Value::from(script::value::parse_int(digits)?)
        }
        Some(b"s:" | b"S:") => Value::Str(value.slice(2..)),
        _ => Value::Str(value),
    };
    Some((name, value))
}
