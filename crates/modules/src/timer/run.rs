//! The runs of timers.

use std::sync::{Arc, Weak};

use engine::Core;
use engine::context::RunKind;
use engine::module::State;
use engine::{event, route};
use script::ast::BlockKind;

use super::Timers;
use super::definition::{Activity, Timer};

/// The request that scripts see in such a route, the same as Kamailio's.
const REQUEST: &[u8] = b"GET /timer HTTP/0.9\r\nUser-Agent: internal\r\n\r\n";

/// The name of the timer that a message belongs to.
pub(super) struct Executed(pub(super) Arc<Timer>);

/// Starts the timers that are enabled.
pub(super) fn start(core: &Arc<Core>, state: &State) {
    let Some(state) = state.downcast_ref::<Timers>() else {
        return;
    };
    for timer in state.timers.iter().filter(|t| t.is_on()) {
        spawn(core, timer);
    }
}

/// Turns a timer on or off.
pub(super) fn switch(core: &Arc<Core>, timer: &Arc<Timer>, on: bool) {
    let mut state = timer.state.lock();
    let (next, must_start) = match (*state, on) {
        (Activity::Off, true) => (Activity::On, true),
        (_, true) => (Activity::On, false),
        (Activity::Off, false) => (Activity::Off, false),
        (_, false) => (Activity::Ending, false),
    };
    *state = next;
    drop(state);
    if must_start {
        spawn(core, timer);
    }
}

fn spawn(core: &Arc<Core>, timer: &Arc<Timer>) {
    let (weak, timer) = (Arc::downgrade(core), Arc::clone(timer));
    core.services.spawner.spawn(Box::pin(async move {
        while turn(&weak, &timer).await.is_some() {}
    }));
}

/// Waits for an interval and runs the timer's route; `None` when it is off or the server is gone.
async fn turn(core: &Weak<Core>, timer: &Arc<Timer>) -> Option<()> {
    // The server must not be kept alive by those who wait.
    let over = core.upgrade()?.services.spawner.sleep(timer.interval);
    over.await;
    let core = core.upgrade()?;
    {
        let mut state = timer.state.lock();
        if *state != Activity::On {
            *state = Activity::Off;
            return None;
        }
    }
    if let Some(mut cx) = event::context_of(&core, RunKind::Request, REQUEST)
        && let Some(block) = cx.program.find(BlockKind::Route, &timer.route)
    {
        cx.extensions.insert(Executed(Arc::clone(timer)));
        route::run_awaited(cx, block).await;
    }
    Some(())
}
