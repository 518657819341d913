//! What the parameters say of timers.

use std::time::Duration;

use crate::attributes::{self, NoAttribute};

/// Seconds between runs of a timer that does not say.
pub(super) const DEFAULT_INTERVAL: i64 = 120;

/// The shortest interval in microseconds.
const SHORTEST: u64 = 1000;

/// Runs beside each other at most.
const MAX_WORKERS: u32 = 1024;

/// The timers in the order of their definition.
pub(super) struct TimerSet {
    /// Seconds for those that do not say.
    pub(super) default_interval: i64,
    pub(super) timers: Vec<Timer>,
}

/// A timer.
pub(super) struct Timer {
    pub(super) name: String,
    /// Zero: it never runs.
    pub(super) interval: Duration,
    /// Runs beside each other.
    pub(super) workers: u32,
    /// Names of the routes in the order in which they run.
    pub(super) routes: Vec<String>,
}

/// Why a definition is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum TimerError {
    /// Not a list of attributes.
    #[error(transparent)]
    NoAttribute(#[from] NoAttribute),
    /// No name of a timer.
    #[error("a timer needs a name")]
    NoName,
    /// A name that another timer has.
    #[error("the timer {0} is defined twice")]
    Twice(String),
    /// A name that no timer has.
    #[error("there is no timer {0} above")]
    Unknown(String),
    /// An interval that is none.
    #[error("`{0}` is no interval: a number of seconds, or of microseconds with a `u`")]
    Interval(String),
    /// A mode that is none.
    #[error("`{0}` is no mode: a number of runs beside each other")]
    Mode(String),
}

impl Default for TimerSet {
    fn default() -> Self {
        Self {
            default_interval: DEFAULT_INTERVAL,
            timers: Vec::new(),
        }
    }
}

impl TimerSet {
    /// Reads `name=a;interval=10;mode=1`.
    pub(super) fn define(&mut self, text: &[u8]) -> Result<(), TimerError> {
        let seconds = u64::try_from(self.default_interval).unwrap_or(0);
        let mut timer = Timer {
            name: String::new(),
            interval: Duration::from_secs(seconds),
            workers: 0,
            routes: Vec::new(),
        };
        let mut is_fine = false;
        for attribute in attributes::pairs(text) {
            let (name, value) = attribute?;
            let value = String::from_utf8_lossy(value).into_owned();
            match name {
                b"name" => timer.name = value,
                b"interval" => (timer.interval, is_fine) = interval(value)?,
                b"mode" => timer.workers = workers(value)?,
                // Kamailio passes over what it does not know.
                _ => {}
            }
        }
        // Short intervals have one run at a time, whatever the mode says.
        timer.workers = if is_fine { 1 } else { timer.workers.max(1) };
        if timer.name.is_empty() {
            return Err(TimerError::NoName);
        }
        if self.timers.iter().any(|t| t.name == timer.name) {
            return Err(TimerError::Twice(timer.name));
        }
        self.timers.push(timer);
        Ok(())
    }

    /// Reads `timer=a;route=NAME`.
    pub(super) fn execute(&mut self, text: &[u8]) -> Result<(), TimerError> {
        let (mut timer, mut route) = (String::new(), String::new());
        for attribute in attributes::pairs(text) {
            let (name, value) = attribute?;
            let value = String::from_utf8_lossy(value).into_owned();
            match name {
                b"timer" => timer = value,
                b"route" => route = value,
                _ => {}
            }
        }
        if timer.is_empty() {
            return Err(TimerError::NoName);
        }
        match self.timers.iter_mut().find(|t| t.name == timer) {
            Some(found) => {
                found.routes.insert(0, route);
                Ok(())
            }
            None => Err(TimerError::Unknown(timer)),
        }
    }
}

/// An interval, and whether it is in microseconds.
fn interval(text: String) -> Result<(Duration, bool), TimerError> {
    let (digits, is_fine) = match text.strip_suffix(['u', 'U']) {
        Some(digits) => (digits, true),
        None => (text.as_str(), false),
    };
    // Kamailio takes no digits before the `u` for none to wait.
    let number = match (digits, is_fine) {
        ("", true) => Some(0),
        (digits, _) => digits.parse().ok(),
    };
    match (number, is_fine) {
        (Some(micros), true) => Ok((Duration::from_micros(SHORTEST.max(micros)), true)),
        (Some(seconds), false) => Ok((Duration::from_secs(seconds), false)),
        (None, _) => Err(TimerError::Interval(text)),
    }
}

fn workers(text: String) -> Result<u32, TimerError> {
    match text.parse() {
        Ok(number) if number <= MAX_WORKERS => Ok(number),
        _ => Err(TimerError::Mode(text)),
    }
}
