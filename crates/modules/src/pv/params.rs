//! Parameters: initial values of `$shv(…)`, and what is accepted without effect.

use std::sync::Arc;

use bytes::Bytes;
use engine::context::AvpName;
use engine::core::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, State};
use script::value::Value;

use super::PvState;
use super::shared::SharedVars;

pub(super) static TABLE: &[Param] = &[
    Param::new(
        "shvset",
        DefaultValue::List,
        "Initial value of a shared variable: `name=s:text` or `name=i:number`.",
    )
    .at_once(),
    Param::new(
        "varset",
        DefaultValue::List,
        "Value that $var(…) begins with in each message: `name=s:text` or `name=i:number`.",
    )
    .at_once(),
    Param::new(
        "avp_aliases",
        DefaultValue::List,
        "Other names of AVPs: `alias=s:name;alias=i:7`.",
    )
    .at_once(),
];

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let shared = SharedVars::default();
    for (name, value) in values(setup, "shvset")? {
        shared.set(&name, value);
    }
    for (name, value) in values(setup, "varset")? {
        let key = setup.names.intern(&String::from_utf8_lossy(&name));
        let key = u32::try_from(key).unwrap_or(u32::MAX);
        setup.initial_vars.set(key, value);
    }
    let aliases = aliases(setup)?;
    Ok(Arc::new(PvState { shared, aliases }))
}

fn values(setup: &Setup<'_>, param: &'static str) -> Result<Vec<(Bytes, Value)>, InitError> {
    let texts = setup.params.list(param).filter_map(|given| match given {
        ParamText::Text(text) => Some(text),
        ParamText::Int(_) => None,
    });
    let all = texts.map(|text| {
        parse(text).ok_or_else(|| {
            let shown = String::from_utf8_lossy(text).into_owned();
            let message = format!("`{shown}` is not name=s:text or name=i:number");
            InitError::of_param(param, message)
        })
    });
    all.collect()
}

/// `alias=s:name;alias=i:7`.
fn aliases(setup: &Setup<'_>) -> Result<Vec<(String, AvpName)>, InitError> {
    const PARAM: &str = "avp_aliases";
    let mut found = Vec::new();
    for given in setup.params.list(PARAM) {
        let ParamText::Text(text) = given else {
            continue;
        };
        let text = String::from_utf8_lossy(text).into_owned();
        for piece in text.split(';').filter(|p| !p.trim().is_empty()) {
            let wrong = || InitError::of_param(PARAM, format!("`{piece}` is not alias=name"));
            let (alias, name) = piece.split_once('=').ok_or_else(wrong)?;
            let name = AvpName::parse(name.trim())
                .map_err(|e| InitError::of_param(PARAM, e.to_string()))?;
            found.push((alias.trim().to_owned(), name));
        }
    }
    Ok(found)
}

/// `name=s:text`, `name=i:number`.
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
        _ => return None,
    };
    Some((name, value))
}
