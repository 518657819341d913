//! The time of an event in a record.

use std::io::Write as _;
use std::time::Duration;

use engine::Setup;
use engine::module::InitError;

/// What a record shows of the time besides its timestamp (`time_mode`).
pub(super) enum TimeMode {
    /// Nothing.
    None,
    /// The microseconds, under this name (`time_exten`).
    Microseconds(String),
    /// Seconds with milliseconds, under this name (`time_attr`).
    Decimal(String),
}

impl TimeMode {
    pub(super) fn read(setup: &Setup<'_>) -> Result<Self, InitError> {
        let name = |param| {
            let text = setup.params.text(param).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        match setup.params.int("time_mode") {
            0 => Ok(Self::None),
            1 => Ok(Self::Microseconds(name("time_exten"))),
            2 => Ok(Self::Decimal(name("time_attr"))),
            _ => Err(InitError::of_param(
                "time_mode",
                "only 0, 1 and 2 are supported yet: formatted times need time zones",
            )),
        }
    }

    /// Appends the timestamp and what goes with it.
    pub(super) fn write(&self, out: &mut Vec<u8>, now: Duration) {
        // Writing into a vector cannot fail.
        let _ = write!(out, "timestamp={}", now.as_secs());
        match self {
            Self::None => {}
            Self::Microseconds(name) => {
                let _ = write!(out, ";{name}={}", now.subsec_micros());
            }
            Self::Decimal(name) => {
                let _ = write!(out, ";{name}={}.{:03}", now.as_secs(), now.subsec_millis());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let now = Duration::from_micros(1_795_407_904_063_839);
        let written = |mode: TimeMode| {
            let mut out = Vec::new();
            mode.write(&mut out, now);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(TimeMode::None), "timestamp=1795407904");
        assert_eq!(
            written(TimeMode::Microseconds("time_exten".into())),
            "timestamp=1795407904;time_exten=63839"
        );
        assert_eq!(
            written(TimeMode::Decimal("time_attr".into())),
            "timestamp=1795407904;time_attr=1795407904.063"
        );
    }
}
