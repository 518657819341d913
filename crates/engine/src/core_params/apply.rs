//! Readers of parameter values.

use script::ast::{CoreParam as Given, ListenValue, ParamValue};

use super::{Unfit, shown};
use crate::settings::Settings;

/// The first value.
fn first(given: &Given) -> Result<&ParamValue, String> {
    given
        .values
        .first()
        .map(|v| &v.node)
        .ok_or_else(|| "a value is missing".to_owned())
}

/// An integer; `yes`, `no`, `on`, `off` count.
pub(super) fn int(given: &Given) -> Result<i64, String> {
    match first(given)? {
        ParamValue::Int(n) => Ok(*n),
        ParamValue::Word(w) => match w.as_str() {
            "yes" | "on" | "true" | "enable" => Ok(1),
            "no" | "off" | "false" | "disable" => Ok(0),
            _ => Err(format!(
                "`{}` needs an integer, `{w}` is none",
                given.name.node
            )),
        },
        other => Err(format!(
            "`{}` needs an integer, not `{}`",
            given.name.node,
            shown(other)
        )),
    }
}

/// An integer within limits.
pub(super) fn within(given: &Given, low: i64, high: i64) -> Result<i64, Unfit> {
    let n = int(given)?;
    if (low..=high).contains(&n) {
        Ok(n)
    } else {
        Err(Unfit::Range(format!(
            "`{}` must be between {low} and {high}, not {n}",
            given.name.node
        )))
    }
}

/// A log level.
pub(super) fn level(given: &Given) -> Result<i32, Unfit> {
    let number = within(given, i64::from(i32::MIN), i64::from(i32::MAX))?;
    Ok(i32::try_from(number).unwrap_or_default())
}

/// A switch.
pub(super) fn switch(given: &Given) -> Result<bool, String> {
    int(given).map(|n| n != 0)
}

/// Text.
pub(super) fn text(given: &Given) -> Result<String, String> {
    match first(given)? {
        ParamValue::Listen(l) => Ok(l.host.clone()),
        value => Ok(shown(value)),
    }
}

/// Addresses of `listen` and `alias`.
pub(super) fn listens(given: &Given) -> Vec<ListenValue> {
    given
        .values
        .iter()
        .map(|v| match &v.node {
            ParamValue::Listen(l) => l.clone(),
            other => ListenValue {
                host: shown(other),
                ..ListenValue::default()
            },
        })
        .collect()
}

/// Keeps a value only to show it.
pub(super) fn store(settings: &mut Settings, given: &Given) -> Result<(), Unfit> {
    let row = super::find(&given.name.node).ok_or_else(|| "unknown parameter".to_owned())?;
    let texts: Vec<String> = given.values.iter().map(|v| shown(&v.node)).collect();
    settings.stored.push((row.name, texts.join(" ")));
    Ok(())
}

/// Keeps an integer only to show it.
pub(super) fn any_int(settings: &mut Settings, given: &Given) -> Result<(), Unfit> {
    int(given)?;
    store(settings, given)
}

/// Keeps an integer within limits only to show it.
pub(super) fn checked_int(
    settings: &mut Settings,
    given: &Given,
    low: i64,
    high: i64,
) -> Result<(), Unfit> {
    within(given, low, high)?;
    store(settings, given)
}

/// Keeps a switch only to show it.
pub(super) fn any_switch(settings: &mut Settings, given: &Given) -> Result<(), Unfit> {
    switch(given)?;
    store(settings, given)
}

/// Keeps a value that would change what is sent, and warns that it does not.
pub(super) fn warn(settings: &mut Settings, given: &Given) -> Result<(), Unfit> {
    let row = super::find(&given.name.node).ok_or_else(|| "unknown parameter".to_owned())?;
    let reason = row.doc.trim_start_matches("No effect: ");
    settings
        .warnings
        .push(format!("`{}` is not supported: {reason}", given.name.node));
    store(settings, given)
}

/// As [`warn`], unless the value is what happens anyway.
pub(super) fn warn_unless(
    settings: &mut Settings,
    given: &Given,
    default: i64,
) -> Result<(), Unfit> {
    if int(given)? == default {
        store(settings, given)
    } else {
        warn(settings, given)
    }
}
