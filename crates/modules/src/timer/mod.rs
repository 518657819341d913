//! `timer`: routes that run by the clock and that the script turns on and off (Kamailio's timer
//! module).
//!
//! Differences: what `timer_enable` changes shows in `@timer.timer.<name>.enabled` at once, and an
//! interval is at least a millisecond. There is one kind of timer: `slow` and `fast` are taken
//! and mean the same.

mod definition;
mod functions;
mod run;
mod selects;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::Setup;
use engine::module::{DefaultValue, InitError, Module, Param, ParamText};

use definition::Timer;

/// What the module keeps.
pub(super) struct Timers {
    timers: Vec<Arc<Timer>>,
}

impl Timers {
    fn find(&self, name: &str) -> Option<&Arc<Timer>> {
        self.timers.iter().find(|t| t.name == name)
    }
}

/// Its table.
pub static MODULE: Module = Module {
    name: "timer",
    doc: "Routes that run by the clock and that the script turns on and off.",
    functions: functions::TABLE,
    params: &[Param::new(
        "declare_timer",
        DefaultValue::List,
        "Declares a timer: name=ROUTE,milliseconds[,slow|fast[,enable]].",
    )
    .at_once()],
    selects: selects::TABLE,
    init: |setup| Ok(Arc::new(declare(setup)?)),
    start: Some(|core, state| {
        run::start(core, state);
        Ok(())
    }),
    ..Module::EMPTY
};

fn declare(setup: &mut Setup<'_>) -> Result<Timers, InitError> {
    let mut timers: Vec<Arc<Timer>> = Vec::new();
    for value in setup.params.list("declare_timer") {
        let ParamText::Text(text) = value else {
            continue;
        };
        let timer = Timer::parse(&String::from_utf8_lossy(text))
            .map_err(|e| InitError::of_param("declare_timer", e.to_string()))?;
        if timers.iter().any(|t| t.name == timer.name) {
            let message = format!("the timer {} is declared twice", timer.name);
            return Err(InitError::of_param("declare_timer", message));
        }
        timers.push(Arc::new(timer));
    }
    Ok(Timers { timers })
}
