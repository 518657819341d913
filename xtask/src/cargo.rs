//! The cargo that runs this task.

use std::process::Command;

/// A command of it: `CARGO`, or the one on the path when the task was started by hand.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
