//! Selects.

use std::sync::Arc;

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;

use super::Timers;
use super::definition::Timer;
use super::run::Executed;

/// All selects.
pub(super) static TABLE: &[Variable] = &[Variable::new(
    "timer",
    read,
    "`timer.executed`: the timer that runs this route; `timer.timer.<name>.enabled`: 1 or 0.",
)
.named(Inner::Parsed(parse))];

fn parse(scope: &mut NameScope<'_, '_>, path: &str) -> Result<ParsedName, String> {
    if path == "executed" {
        return Ok(ParsedName::default());
    }
    let name = path
        .strip_prefix("timer.")
        .and_then(|rest| rest.strip_suffix(".enabled"))
        .ok_or_else(|| format!("unknown select @timer.{path}"))?;
    scope
        .state::<Timers>()
        .and_then(|timers| timers.find(name))
        .map(|timer| ParsedName::data(Arc::clone(timer)))
        .ok_or_else(|| format!("no timer `{name}` is declared"))
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    if let Some(timer) = name.data::<Arc<Timer>>() {
        let shown = if timer.is_on() { "1" } else { "0" };
        return Value::Str(Bytes::from_static(shown.as_bytes()));
    }
    match cx.extensions.get::<Executed>() {
        Some(Executed(timer)) => Value::Str(Bytes::copy_from_slice(timer.name.as_bytes())),
        None => Value::Null,
    }
}
