//! The runs of timers.

use std::sync::{Arc, Weak};

use engine::Core;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::State;
use engine::{event, route};
use script::ast::BlockKind;

use super::definition::Timer;

/// Which of the runs beside each other a message belongs to.
pub(super) struct Worker(pub(super) u32);

/// Starts all timers.
pub(super) fn start(core: &Arc<Core>, state: &State) {
    let Some(set) = super::timers(state) else {
        return;
    };
    for (index, timer) in set.timers.iter().enumerate() {
        if timer.routes.is_empty() {
            continue;
        }
        if timer.interval.is_zero() {
            let text = format!(
                "rtimer: the timer {} never runs: its interval is 0",
                timer.name
            );
            core.log(Level::Warning, &text);
            continue;
        }
        for worker in 0..timer.workers {
            let (core, set) = (Arc::downgrade(core), Arc::clone(&set));
            let Some(strong) = core.upgrade() else {
                return;
            };
            strong.services.spawner.spawn(Box::pin(async move {
                while turn(&core, &set.timers[index], worker).await.is_some() {}
            }));
        }
    }
}

/// Waits for an interval and runs the timer's routes; `None` when the server is gone.
async fn turn(core: &Weak<Core>, timer: &Timer, worker: u32) -> Option<()> {
    // The server must not be kept alive by those who wait.
    let over = core.upgrade()?.services.spawner.sleep(timer.interval);
    over.await;
    for name in &timer.routes {
        let core = core.upgrade()?;
        let Some(mut cx) = event::context(&core, RunKind::Request) else {
            continue;
        };
        // By name each time: the script may have been loaded anew.
        let Some(block) = cx.program.find(BlockKind::Route, name) else {
            continue;
        };
        cx.extensions.insert(Worker(worker));
        route::run_awaited(cx, block).await;
    }
    Some(())
}
