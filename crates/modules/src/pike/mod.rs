//! `pike`: finds addresses that send too many requests (Kamailio's pike module).
//!
//! Addresses are blocked and released after exactly as many requests as with Kamailio, which
//! depends on the bytes they share with others; see [`tree`].

mod api;
mod functions;
mod rpc;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use engine::log::Level;
use engine::module::{InitError, Module, Param, State, Statistic};
use engine::{Core, Setup};

pub use api::Pike;

/// Its table.
pub static MODULE: Module = Module {
    name: "pike",
    doc: "Finds addresses that send too many requests.",
    functions: functions::TABLE,
    params: &[
        Param::int(
            "pike_log_level",
            0,
            "Level of the lines about addresses that are blocked and released.",
        ),
        Param::int(
            "remove_latency",
            120,
            "Seconds that an address is remembered after its last request.",
        ),
        Param::int(
            "reqs_density_per_unit",
            30,
            "How many requests an address may send in a sampling unit.",
        ),
        Param::int("sampling_time_unit", 2, "Seconds in a sampling unit."),
    ],
    rpcs: rpc::TABLE,
    statistics: &[Statistic {
        group: "pike",
        name: "blocked_ips",
        doc: "Addresses that are blocked now.",
    }],
    init: |setup| Ok(Arc::new(init(setup)?)),
    start: Some(start),
    ..Module::EMPTY
};

fn init(setup: &Setup<'_>) -> Result<Pike, InitError> {
    let positive = |name: &'static str| {
        u32::try_from(setup.params.int(name))
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| InitError::of_param(name, format!("{name} must be positive")))
    };
    let density = positive("reqs_density_per_unit")?;
    let latency = positive("remove_latency")?;
    let unit = positive("sampling_time_unit")?;
    Ok(Pike::new(
        tree::Tree::new(density, u64::from(latency)),
        u64::from(unit),
        Level::from_number(setup.params.int("pike_log_level")),
        setup.statistics.counter("pike", "blocked_ips"),
    ))
}

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let Ok(state) = Arc::clone(state).downcast::<Pike>() else {
        return Ok(());
    };
    let weak = Arc::downgrade(core);
    core.timers
        .every(core.services.clock.now(), 1000, move |_| {
            if let Some(core) = weak.upgrade() {
                state.second_passed(&core);
            }
        });
    Ok(())
}
