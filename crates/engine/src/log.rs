//! Log levels and the engine's way to the log sink.

use std::sync::atomic::{AtomicI32, Ordering};

/// Kamailio's log levels.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(i32)]
pub enum Level {
    /// The server cannot go on.
    Bug = -5,
    /// Critical errors.
    Critical2 = -4,
    /// Must be acted on at once.
    Alert = -3,
    /// Serious.
    Critical = -2,
    /// An operation failed.
    Error = -1,
    /// Something is odd.
    Warning = 0,
    /// Significant but normal.
    Notice = 1,
    /// Informational.
    Info = 2,
    /// For debugging.
    Debug = 3,
}

impl Level {
    /// The level of a number, clamped to what exists.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        match number {
            i64::MIN..=-5 => Self::Bug,
            -4 => Self::Critical2,
            -3 => Self::Alert,
            -2 => Self::Critical,
            -1 => Self::Error,
            0 => Self::Warning,
            1 => Self::Notice,
            2 => Self::Info,
            _ => Self::Debug,
        }
    }

    /// The number, as `debug=` takes it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The word that stands in a log line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bug => "BUG",
            Self::Critical2 => "CRITICAL2",
            Self::Alert => "ALERT",
            Self::Critical => "CRITICAL",
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// A syslog facility (RFC 3164 section 4.1.1), as its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Facility(pub u8);

impl Facility {
    /// `LOG_DAEMON`, the default.
    pub const DAEMON: Self = Self(3);

    /// The facility of a name such as `LOG_LOCAL0`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let names = [
            "LOG_KERN",
            "LOG_USER",
            "LOG_MAIL",
            "LOG_DAEMON",
            "LOG_AUTH",
            "LOG_SYSLOG",
            "LOG_LPR",
            "LOG_NEWS",
            "LOG_UUCP",
            "LOG_CRON",
            "LOG_AUTHPRIV",
            "LOG_FTP",
        ];
        if let Some(n) = names.iter().position(|n| *n == name) {
            return u8::try_from(n).ok().map(Self);
        }
        let local = name.strip_prefix("LOG_LOCAL")?.parse::<u8>().ok()?;
        (local < 8).then_some(Self(16 + local))
    }
}

/// The level up to which lines are written; changed at run time by `core.debug` and cfg.
#[derive(Debug)]
pub struct Threshold(AtomicI32);

impl Threshold {
    /// A threshold at this level.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Self(AtomicI32::new(level))
    }

    /// Whether a line of this level is written.
    #[must_use]
    pub fn allows(&self, level: Level) -> bool {
        level.number() <= self.0.load(Ordering::Relaxed)
    }

    /// The current level.
    #[must_use]
    pub fn get(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Changes the level.
    pub fn set(&self, level: i32) {
        self.0.store(level, Ordering::Relaxed);
    }
}
