//! Becoming a daemon, and everything that a process settles before it makes threads.
//!
//! There is no fork. [`launch`] starts the program once more, in a session of its own, with its
//! standard output as a pipe to the first process. That one copies what it reads to the terminal
//! and waits: a NUL means "up", and it ends with 0; another byte means that the configuration wants
//! to stay in the foreground, and it serves itself; the end of the pipe without either means that
//! the server died, and it ends with the server's status. So `ferrosip` returns 0 only when the
//! server answers, errors of the start are seen on the terminal, only one process reads the
//! configuration, and no thread or lock is ever copied by a fork. For systemd this is `Type=forking` with the pid file, as with Kamailio.
//!
//! The order of a start: [`launch`], read the configuration, bind the sockets,
//! [`Daemon::settle`] (limits, chroot, directories, pid files, user), start threads,
//! [`Daemon::ready`], and at the end drop the [`PidFiles`].

mod error;
mod pid_file;
mod settle;

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, Stdio};

use nix::unistd::{self, Pid};

pub use error::DaemonError;
pub use pid_file::PidFiles;
pub use settle::Settings;

/// Tells the second process that it is one: the id of the process that waits for it. A program that
/// inherits the variable further down has another parent and takes no notice.
const PARENT_VARIABLE: &str = "FERROSIP_LAUNCHED_BY";

/// The byte that means "up".
const UP: u8 = 0;

/// The byte that means "the configuration wants to stay in the foreground".
const STAY: u8 = 1;

/// Which of the two processes this is.
pub enum Launch {
    /// The one that the operator started; it ends with this status.
    Parent(ExitCode),
    /// The server.
    Server(Daemon),
}

/// What became of the second process.
#[derive(Debug)]
enum Second {
    /// It serves.
    Up,
    /// It left serving to the first one.
    Declined,
    /// It ended with this status.
    Ended(ExitCode),
}

/// The server's side of a launch.
pub struct Daemon {
    background: bool,
}

/// Starts the server in the background if `background`, or goes on as the server. The server reads
/// `input` instead of the standard input, if there is one.
///
/// # Errors
/// The program cannot be started a second time.
pub fn launch(background: bool, input: Option<&[u8]>) -> Result<Launch, DaemonError> {
    if !background {
        return Ok(Launch::Server(Daemon { background: false }));
    }
    if is_launched() {
        // Cannot fail for a process that was just started and leads no group.
        let _ = unistd::setsid();
        return Ok(Launch::Server(Daemon { background: true }));
    }
    let program = std::env::current_exe().map_err(DaemonError::Launch)?;
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command
        .args(arguments)
        .env(PARENT_VARIABLE, std::process::id().to_string())
        .stdout(Stdio::piped());
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().map_err(DaemonError::Launch)?;
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        // A server that ended tells by its status.
        let _ = pipe.write_all(input);
    }
    Ok(match wait_until_up(child, &mut io::stdout())? {
        Second::Up => Launch::Parent(ExitCode::SUCCESS),
        Second::Ended(code) => Launch::Parent(code),
        Second::Declined => Launch::Server(Daemon { background: false }),
    })
}

/// Whether this is the second process, which is in the background already.
#[must_use]
pub fn is_launched() -> bool {
    std::env::var(PARENT_VARIABLE).is_ok_and(|pid| pid == Pid::parent().to_string())
}

/// Copies the server's output until it is up or dead.
fn wait_until_up(mut child: Child, terminal: &mut impl Write) -> Result<Second, DaemonError> {
    let Some(mut output) = child.stdout.take() else {
        return Ok(Second::Ended(failure(1)));
    };
    let mut buffer = [0; 4096];
    loop {
        let length = match output.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(DaemonError::Launch(error)),
        };
        let text = buffer.get(..length).unwrap_or_default();
        let end = text.iter().position(|byte| matches!(*byte, UP | STAY));
        // A closed terminal does not stop the server.
        let _ = terminal.write_all(text.get(..end.unwrap_or(length)).unwrap_or_default());
        let _ = terminal.flush();
        match end.and_then(|end| text.get(end)) {
            None => {}
            Some(&UP) => return Ok(Second::Up),
            Some(_) => {
                child.wait().map_err(DaemonError::Launch)?;
                return Ok(Second::Declined);
            }
        }
    }
    let status = child.wait().map_err(DaemonError::Launch)?;
    match (status.code(), status.signal()) {
        (_, Some(signal)) => Err(DaemonError::Killed(signal)),
        (Some(code), None) => Ok(Second::Ended(failure(code))),
        (None, None) => Ok(Second::Ended(failure(1))),
    }
}

/// The status of a server that ended before it was up: its own, but never success.
fn failure(code: i32) -> ExitCode {
    match u8::try_from(code) {
        Ok(0) | Err(_) => ExitCode::from(crate::cli::EXIT_FAILURE),
        Ok(code) => ExitCode::from(code),
    }
}

impl Daemon {
    /// Whether the process left the terminal.
    pub fn in_background(&self) -> bool {
        self.background
    }

    /// Leaves serving to the process that waits for this one.
    pub fn decline(self) {
        let mut output = io::stdout();
        // Whoever waited may be gone; then nobody serves.
        let _ = output.write_all(&[STAY]);
        let _ = output.flush();
    }

    /// Limits, directories, chroot, pid files and user, in this order. Sockets are bound before,
    /// threads are made after.
    ///
    /// # Errors
    /// The first step that fails; nothing is undone, because the caller ends.
    pub fn settle(&self, settings: &Settings) -> Result<PidFiles, DaemonError> {
        settle::settle(settings)
    }

    /// Reports that the server is up, and lets go of the terminal, but for standard error when the
    /// log goes there.
    ///
    /// # Errors
    /// `/dev/null` cannot be put in the place of the terminal.
    pub fn ready(self, logs_to_stderr: bool) -> Result<(), DaemonError> {
        if !self.background {
            return Ok(());
        }
        let null = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/null");
        let mut output = io::stdout();
        // Whoever waited may be gone; the server is up all the same.
        let _ = output.write_all(&[UP]);
        let _ = output.flush();
        let null = null.map_err(DaemonError::Terminal)?;
        unistd::dup2_stdin(&null)
            .and_then(|()| unistd::dup2_stdout(&null))
            .and_then(|()| match logs_to_stderr {
                true => Ok(()),
                false => unistd::dup2_stderr(&null),
            })
            .map_err(|errno| DaemonError::Terminal(errno.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str) -> (Result<Second, DaemonError>, String) {
        let child = Command::new("sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let mut terminal = Vec::new();
        let result = wait_until_up(child, &mut terminal);
        (result, String::from_utf8_lossy(&terminal).into_owned())
    }

    fn ended_with(script: &str, expected: u8) -> bool {
        let Ok(Second::Ended(code)) = run(script).0 else {
            return false;
        };
        format!("{code:?}") == format!("{:?}", ExitCode::from(expected))
    }

    #[test]
    fn the_parent_copies_and_succeeds_at_nul() {
        let (result, text) = run("echo Listening on; printf '\\0'; exec sleep 0.2");
        assert!(matches!(result, Ok(Second::Up)));
        assert_eq!(text, "Listening on\n");
    }

    #[test]
    fn a_server_that_declines_leaves_it_to_the_parent() {
        assert!(matches!(run("printf '\\001'").0, Ok(Second::Declined)));
    }

    #[test]
    fn a_server_that_ends_early_is_a_failure() {
        assert!(ended_with("exit 7", 7));
        assert!(ended_with("exit 0", 255));
        assert!(matches!(run("kill -9 $$").0, Err(DaemonError::Killed(9))));
    }

    #[test]
    fn the_variable_counts_only_from_the_own_parent() {
        assert!(!is_launched());
    }
}
