//! The transactions' timers, driven by the server's periodic work.

use std::sync::Arc;

use engine::core::Setup;
use transaction::{Handle, Outputs};

use crate::tm::perform::perform;
use crate::tm::state::{Tm, now};

/// How often due timers are looked for, milliseconds.
const TICK: u64 = 10;

/// How many transactions are looked at while their shard is locked.
const BATCH: usize = 64;

/// Registers the periodic work.
pub(crate) fn register(setup: &mut Setup<'_>, tm: &Arc<Tm>) {
    let tm = Arc::clone(tm);
    let mut due = Vec::new();
    setup
        .timers
        .every(setup.services.clock.now(), TICK, move |_| {
            tick(&tm, &mut due);
        });
}

fn tick(tm: &Tm, due: &mut Vec<Handle>) {
    let Some(core) = tm.core() else { return };
    let at = now(&core);
    for shard in 0..tm.table.shard_count() {
        loop {
            let expired = tm.table.expire(shard, at, BATCH, due);
            if expired.rested > 0 {
                tm.counters.inuse.add(-(expired.rested as i64));
            }
            for handle in due.drain(..) {
                let mut outputs = Outputs::new();
                tm.with(handle, |t| t.on_timer(at, &mut outputs));
                perform(tm, &core, handle, outputs, None);
            }
            if expired.complete {
                break;
            }
        }
    }
}
