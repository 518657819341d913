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

thread_local! {
    /// When this thread gave back last.
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Gives back to the system what this thread allocated and nobody holds any more, unless it did so
/// lately. Each thread that allocates has to call this now and then, also when it has nothing else
/// to do: what it allocated and another one freed (as the timers do with the transactions that a
/// receiving thread made) is found by the owner alone, while it allocates. After a peak no owner does.
pub fn give_back_in_turn() {
    let now = Instant::now();
    let lately = |then| now.saturating_duration_since(then) < EVERY;
    if LAST.get().is_some_and(lately) {
        return;
    }
    LAST.set(Some(now));
    transport::process::give_back_freed();
}
