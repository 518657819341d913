//! `htable`: tables that the script keeps values in (Kamailio's HTable module).
//!
//! Differences: `sht_lock` parks the route of another message instead of blocking a process, and
//! is released when the message ends; iterators belong to the message and go over what there was
//! when they started; items end by their own deadline, noticed every `timer_interval` seconds.
//! Loading from databases and replication by DMQ are refused at load.

mod api;
mod date;
mod definition;
mod functions;
mod iterator;
mod locks;
mod matching;
mod params;
mod rpc;
mod table;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::{Arc, Weak};

use engine::Core;
use engine::module::{EventRoute, InitError, Module, State};

pub use api::{Htable, now};
pub use table::{Entry, Seconds, Table};

/// Its table.
pub static MODULE: Module = Module {
    name: "htable",
    doc: "Tables that the script keeps values in, with items that end by themselves.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    rpcs: rpc::TABLE,
    event_routes: &[
        EventRoute {
            name: "htable:mod-init",
            doc: "Runs once when the server starts.",
        },
        EventRoute {
            name: "htable:expired:<table>",
            doc: "Runs for each item of the table that ended; $shtrecord has it.",
        },
    ],
    init: |setup| Ok(Arc::new(params::init(setup)?)),
    start: Some(start),
    ..Module::EMPTY
};

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let Ok(state) = Arc::clone(state).downcast::<Htable>() else {
        return Ok(());
    };
    engine::event::run(core, "htable:mod-init", |_| ());
    let weak: Weak<Core> = Arc::downgrade(core);
    core.timers.every(
        core.services.clock.now(),
        state.expiry_interval,
        move |_| {
            if let Some(core) = weak.upgrade() {
                api::expire(&core, &state);
            }
        },
    );
    Ok(())
}
