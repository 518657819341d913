//! What the allocator is told. It reads its settings from the environment before anything of ours
//! runs, so a server that was started without them starts itself anew, in the same process.

use std::cell::Cell;
use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

// So that whoever links this library links the allocator that it speaks to.
use mimalloc as _;

/// Freed memory goes back to the system when nobody wanted it for so many milliseconds. What a
/// transaction held is wanted again soon; given back at once, as is the default, it has to be
/// cleared by the kernel each time, which took a tenth of a call.
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "10000");

/// Makes the settings hold, unless somebody has made his own.
pub fn settle() {
    let (name, value) = PURGE_DELAY;
    if env::var_os(name).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else {
        return;
    };
    let mut given = env::args_os();
    let mut command = Command::new(program);
    if let Some(own_name) = given.next() {
        command.arg0(own_name);
    }
    // This comes back only when it failed: then the defaults have to do.
    let _ = command.args(given).env(name, value).exec();
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
