//! What can go wrong while a process settles.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A step of the start that failed.
#[derive(Debug)]
pub enum DaemonError {
    /// The program could not be started a second time.
    Launch(io::Error),
    /// The server was killed before it was up.
    Killed(i32),
    /// No such user.
    UnknownUser(String),
    /// No such group.
    UnknownGroup(String),
    /// The user could not be changed.
    Identity {
        /// The system call.
        call: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A resource limit could not be set.
    Limit {
        /// Which one.
        limit: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The system does not schedule the process as `real_time` asks.
    Schedule(io::Error),
    /// A directory could not be made or entered.
    Directory {
        /// What was tried.
        call: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The pid file names a process that lives.
    Running {
        /// The file.
        path: PathBuf,
        /// The process.
        pid: i32,
    },
    /// The pid file could not be written.
    PidFile {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The terminal could not be replaced by `/dev/null`.
    Terminal(io::Error),
}

impl fmt::Display for DaemonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launch(error) => write!(f, "cannot start in the background: {error}"),
            Self::Killed(signal) => write!(
                f,
                "the server was killed by signal {signal} before it was up"
            ),
            Self::UnknownUser(name) => write!(f, "bad user name/uid number: -u {name}"),
            Self::UnknownGroup(name) => write!(f, "bad group name/gid number: -g {name}"),
            Self::Identity { call, error } => write!(f, "{call} failed: {error}"),
            Self::Limit { limit, error } => write!(f, "cannot set the limit of {limit}: {error}"),
            Self::Schedule(error) => write!(f, "cannot be scheduled as real_time asks: {error}"),
            Self::Directory { call, path, error } => {
                write!(f, "cannot {call} to {}: {error}", path.display())
            }
            Self::Running { path, pid } => {
                write!(
                    f,
                    "running process found in the pid file {} (pid {pid})",
                    path.display()
                )
            }
            Self::PidFile { path, error } => {
                write!(f, "unable to create pid file {}: {error}", path.display())
            }
            Self::Terminal(error) => write!(f, "cannot leave the terminal: {error}"),
        }
    }
}

impl std::error::Error for DaemonError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Launch(error) | Self::Terminal(error) | Self::Schedule(error) => Some(error),
            Self::Identity { error, .. }
            | Self::Limit { error, .. }
            | Self::Directory { error, .. }
            | Self::PidFile { error, .. } => Some(error),
            Self::Killed(_)
            | Self::UnknownUser(_)
            | Self::UnknownGroup(_)
            | Self::Running { .. } => None,
        }
    }
}
