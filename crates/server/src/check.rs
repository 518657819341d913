//! Looking at a configuration without running it: `-c`, `--compat-check`, `--cfg-print`.

use std::io::Write;
use std::process::ExitCode;

use nix::unistd::{Group, User};
use script::diagnostic::Severity;

use crate::cli::{CommandLine, EXIT_FAILURE};
use crate::config;
use crate::serve::{Assembled, StartError, assemble, fail};
use crate::sockets::SocketError;

/// Checks the configuration (`-c`): prints every mistake.
#[must_use]
pub fn check(line: &CommandLine) -> ExitCode {
    let assembled = match assemble(line, config::read(line)) {
        Ok(assembled) => assembled,
        Err(error) => return fail(&error),
    };
    let failed = print(line, &assembled);
    let user = check_user(&assembled);
    if let Err(error) = &user {
        fail(error);
    }
    let failed = failed || user.is_err();
    // The process ends: the system takes its memory back faster than the allocator could.
    std::mem::forget(assembled);
    if failed {
        return ExitCode::from(EXIT_FAILURE);
    }
    eprintln!("config file ok, exiting...");
    ExitCode::SUCCESS
}

/// Checks the configuration and exits as `kamailio -c` would: what Kamailio finds out only when
/// it starts, or never, is shown but does not count.
#[must_use]
pub fn compat_check(line: &CommandLine) -> ExitCode {
    let assembled = match assemble(line, config::read(line)) {
        Ok(assembled) => assembled,
        // Kamailio passes over sockets of transports that are not enabled.
        Err(StartError::Sockets(SocketError::Unsupported(_))) => return ExitCode::SUCCESS,
        Err(error) => return fail(&error),
    };
    print(line, &assembled);
    let refused = assembled
        .built
        .diagnostics
        .iter()
        .any(|d| d.severity == Severity::Error && !d.is_beyond);
    if refused || check_user(&assembled).is_err() {
        return ExitCode::from(EXIT_FAILURE);
    }
    ExitCode::SUCCESS
}

fn print(line: &CommandLine, assembled: &Assembled) -> bool {
    config::print(
        &assembled.built.diagnostics,
        &assembled.source,
        line.diagnostics,
    )
}

/// Whether the user and group of the configuration exist.
fn check_user(assembled: &Assembled) -> Result<(), StartError> {
    let process = &assembled.settings.process;
    let is_number = |name: &str| name.parse::<u32>().is_ok();
    if let Some(user) = &process.user
        && !is_number(user)
        && !matches!(User::from_name(user), Ok(Some(_)))
    {
        return Err(StartError::User(user.clone()));
    }
    if let Some(group) = &process.group
        && !is_number(group)
        && !matches!(Group::from_name(group), Ok(Some(_)))
    {
        return Err(StartError::User(group.clone()));
    }
    Ok(())
}

/// Prints the configuration after preprocessing (`--cfg-print`). Mistakes that leave it whole are
/// shown and do not count, as with Kamailio: the text is not read yet.
#[must_use]
pub fn print_config(line: &CommandLine) -> ExitCode {
    let expanded = config::expanded(line);
    config::print(&expanded.diagnostics, &expanded.source, line.diagnostics);
    match std::io::stdout().write_all(&expanded.text) {
        Ok(()) if !expanded.is_incomplete() => ExitCode::SUCCESS,
        _ => ExitCode::from(EXIT_FAILURE),
    }
}
