//! Selects.

use std::sync::Arc;

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::module::SelectRow;
use engine::select::path::{self, Step};
use engine::select::{Select, Unresolved};
use script::value::Value;

use super::Timers;
use super::run::Executed;

/// All selects.
pub(super) static TABLE: &[SelectRow] = &[SelectRow::new(
    "timer",
    parse,
    &["timer.executed", "timer.timer[%s].enabled"],
    "`timer.executed`: the timer that runs this route; `timer.timer.<name>.enabled`: 1 or 0.",
)];

fn parse(scope: &mut NameScope<'_, '_>, steps: &[Step]) -> Result<Select, Unresolved> {
    match path::split(steps).ok_or(Unresolved::Unknown)? {
        ("executed", []) => Ok(Select::new(|cx| match cx.extensions.get::<Executed>() {
            Some(Executed(timer)) => Value::Str(Bytes::copy_from_slice(timer.name.as_bytes())),
            None => Value::Null,
        })),
        ("timer", [name, enabled]) if enabled.word() == Some("enabled") => {
            let name = name.text().ok_or(Unresolved::Unknown)?;
            let timers = scope.state::<Timers>();
            let timer = timers
                .and_then(|timers| timers.find(name))
                .map(Arc::clone)
                .ok_or(Unresolved::Unknown)?;
            Ok(Select::new(move |_| {
                let shown = if timer.is_on() { "1" } else { "0" };
                Value::Str(Bytes::from_static(shown.as_bytes()))
            }))
        }
        _ => Err(Unresolved::Unknown),
    }
}
