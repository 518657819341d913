//! What the allocator is told, and when threads give back.

use std::cell::Cell;
use std::time::{Duration, Instant};

// So that whoever links this library links the allocator that it speaks to.
use mimalloc as _;

/// Freed memory goes back to the system when nobody wanted it for so long. What a transaction held
/// is wanted again soon; given back at once, as is the default, it has to be cleared by the kernel
/// each time, which took a tenth of a call.
const PURGE_DELAY: Duration = Duration::from_secs(10);

/// Makes the settings hold, unless the environment has others (`MIMALLOC_PURGE_DELAY`).
pub fn settle() {
    transport::process::delay_giving_back(PURGE_DELAY);
}

/// How often a thread gives back at most.
const EVERY: Duration = Duration::from_secs(10);

/// What a thread has done since it gave back last.
#[derive(Clone, Copy)]
struct Turn {
    since: Instant,
    has_worked: bool,
}

thread_local! {
    static TURN: Cell<Option<Turn>> = const { Cell::new(None) };
}

/// Gives back to the system what this thread allocated and nobody holds any more, unless it did so
/// lately. Each thread that allocates has to call this now and then, also when it has nothing else
/// to do: what it allocated and another one freed (as the timers do with the transactions that a
/// receiving thread made) is found by the owner alone, while it allocates. After a peak no owner does.
///
/// A thread that has worked meanwhile will soon want what is free: the system gets that only when
/// the delay is over.
pub fn give_back_in_turn(is_idle: bool) {
    let now = Instant::now();
    let mut turn = TURN.get().unwrap_or(Turn {
        since: now,
        has_worked: true,
    });
    turn.has_worked |= !is_idle;
    if now.saturating_duration_since(turn.since) < EVERY {
        TURN.set(Some(turn));
        return;
    }
    transport::process::give_back_freed(!turn.has_worked);
    TURN.set(Some(Turn {
        since: now,
        has_worked: false,
    }));
}
