//! What the allocator is told. It reads its settings from the environment before anything of ours
//! runs, so a server that was started without them starts itself anew, in the same process.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

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
