//! A timer, and how a parameter declares it.

use std::time::Duration;

use parking_lot::Mutex;

/// A declared timer.
pub(super) struct Timer {
    pub(super) name: String,
    /// Name of the route that runs.
    pub(super) route: String,
    pub(super) interval: Duration,
    pub(super) state: Mutex<Activity>,
}

/// Whether a timer runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Activity {
    /// It does not.
    Off,
    /// It does.
    On,
    /// It was turned off and notices when its interval ends.
    Ending,
}

/// Why a declaration is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum TimerError {
    /// No name before `=`.
    #[error("a timer is declared as name=ROUTE,milliseconds[,slow|fast[,enable]]")]
    Form,
    /// An interval that is none.
    #[error("`{0}` is no number of milliseconds")]
    Interval(String),
    /// A third word that is none.
    #[error("`{0}` is neither slow nor fast")]
    Kind(String),
    /// A fourth word that is none.
    #[error("`{0}` is not enable")]
    Enable(String),
}

impl Timer {
    /// Reads `name=ROUTE,100,slow,enable`.
    pub(super) fn parse(text: &str) -> Result<Self, TimerError> {
        let (name, rest) = text.split_once('=').ok_or(TimerError::Form)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(TimerError::Form);
        }
        let mut words = rest.split(',');
        let route = words.next().filter(|r| !r.is_empty());
        let (Some(route), Some(interval)) = (route, words.next()) else {
            return Err(TimerError::Form);
        };
        let millis: u64 = interval
            .parse()
            .map_err(|_| TimerError::Interval(interval.to_owned()))?;
        match words.next() {
            None | Some("" | "slow" | "fast") => {}
            Some(other) => return Err(TimerError::Kind(other.to_owned())),
        }
        // Kamailio passes over what stands behind.
        let state = match words.next() {
            None | Some("") => Activity::Off,
            Some("enable") => Activity::On,
            Some(other) => return Err(TimerError::Enable(other.to_owned())),
        };
        Ok(Self {
            name: name.to_owned(),
            route: route.to_owned(),
            interval: Duration::from_millis(millis.max(1)),
            state: Mutex::new(state),
        })
    }

    /// Whether it is turned on.
    pub(super) fn is_on(&self) -> bool {
        *self.state.lock() == Activity::On
    }
}
