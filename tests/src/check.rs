//! Asking a program about a written configuration.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::subject::Program;

/// How a program ends that is given a configuration with `-f` behind other arguments, and what it
/// says meanwhile.
///
/// # Errors
/// When the program cannot be started.
pub fn check(
    program: &Program,
    arguments: &[impl AsRef<OsStr>],
    file: &Path,
) -> io::Result<Output> {
    Command::new(&program.path)
        .args(arguments)
        .arg("-f")
        .arg(file)
        .stdin(Stdio::null())
        .output()
}
