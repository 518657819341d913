//! `rtimer`: routes that run by the clock (Kamailio's RTimer module).
//!
//! Each run has a request of its own, the same as Kamailio's, where Kamailio uses one again and
//! again with what the last run changed in it. It came from 127.0.0.1 and not, as Kamailio says,
//! from 1.0.0.127. Runs of one timer never overlap; a run that waits parks. Microseconds are kept
//! to a thousand at least, and a timer whose interval is 0 never runs.

mod definition;
mod run;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::Setup;
use engine::context::Context;
use engine::module::{
    DefaultValue, InitError, Module, Param, ParamText, ParamValues, State, Variable,
};
use engine::variable::PvName;
use script::value::Value;

use definition::TimerSet;

/// Its table.
pub static MODULE: Module = Module {
    name: "rtimer",
    doc: "Routes that run by the clock.",
    params: &[
        Param::int(
            "default_interval",
            definition::DEFAULT_INTERVAL,
            "Interval in seconds of the timers defined after it that name none.",
        ),
        Param::new(
            "exec",
            DefaultValue::List,
            "Lets a timer run a route: timer=name;route=NAME. The last one given runs first.",
        )
        .at_once(),
        Param::new(
            "timer",
            DefaultValue::List,
            "Defines a timer: name=a;interval=10;mode=1, or 10000u for microseconds. Mode is how \
             many runs go on beside each other; 0 counts as 1.",
        )
        .at_once(),
    ],
    variables: &[Variable::new(
        "rtimer_worker",
        worker,
        "Which of the runs beside each other this is; 0 outside of timers.",
    )],
    init: |setup| Ok(Arc::new(init(setup)?)),
    start: Some(|core, state| {
        run::start(core, state);
        Ok(())
    }),
    ..Module::EMPTY
};

fn init(setup: &mut Setup<'_>) -> Result<TimerSet, InitError> {
    read(setup.params)
}

fn read(params: &ParamValues) -> Result<TimerSet, InitError> {
    let mut set = TimerSet::default();
    for (name, value) in params.in_order() {
        match (name, value) {
            ("default_interval", ParamText::Int(seconds)) => set.default_interval = *seconds,
            (_, ParamText::Text(text)) => {
                let read = match name {
                    "timer" => set.define(text),
                    _ => set.execute(text),
                };
                read.map_err(|e| InitError::of_param(name, e.to_string()))?;
            }
            _ => {}
        }
    }
    Ok(set)
}

fn worker(cx: &mut Context, _: &PvName) -> Value {
    let number = cx.extensions.get::<run::Worker>().map_or(0, |w| w.0);
    Value::Int(i64::from(number))
}

/// The state for a start function.
fn timers(state: &State) -> Option<Arc<TimerSet>> {
    Arc::clone(state).downcast().ok()
}
