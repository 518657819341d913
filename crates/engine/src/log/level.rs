//! Kamailio's log levels.

/// A level, the gravest first. The numbers are those of the `debug` parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum Level {
    /// `L_ALERT`
    Alert = -5,
    /// `L_BUG`
    Bug = -4,
    /// `L_CRIT`
    Critical = -3,
    /// A number between `L_CRIT` and `L_ERR` that Kamailio gives no word.
    Unnamed = -2,
    /// `L_ERR`
    Error = -1,
    /// `L_WARN`
    Warning = 0,
    /// `L_NOTICE`
    Notice = 1,
    /// `L_INFO`
    Info = 2,
    /// `L_DBG`
    Debug = 3,
}

impl Level {
    /// The number that `debug` is compared with.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The level of a number; numbers beyond the ends belong to the end.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        match number {
            ..=-5 => Self::Alert,
            -4 => Self::Bug,
            -3 => Self::Critical,
            -2 => Self::Unnamed,
            -1 => Self::Error,
            0 => Self::Warning,
            1 => Self::Notice,
            2 => Self::Info,
            3.. => Self::Debug,
        }
    }

    /// The level of a name as scripts write it (`L_ERR`, `L_DBG`, …).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "L_ALERT" => Self::Alert,
            "L_BUG" => Self::Bug,
            "L_CRIT" | "L_CRIT2" => Self::Critical,
            "L_ERR" => Self::Error,
            "L_WARN" => Self::Warning,
            "L_NOTICE" => Self::Notice,
            "L_INFO" => Self::Info,
            "L_DBG" => Self::Debug,
            _ => return None,
        })
    }

    /// The word that stands in a log line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "ALERT",
            Self::Bug => "BUG",
            Self::Critical => "CRITICAL",
            Self::Unnamed => "",
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }

    /// Syslog's severity (RFC 3164 §4.1.1).
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::Alert => 1,
            Self::Bug | Self::Critical | Self::Unnamed => 2,
            Self::Error => 3,
            Self::Warning => 4,
            Self::Notice => 5,
            Self::Info => 6,
            Self::Debug => 7,
        }
    }

    /// The terminal's colour: brightness and foreground.
    #[must_use]
    pub const fn color(self) -> &'static str {
        match self {
            Self::Alert => "1;31",
            Self::Bug => "1;35",
            Self::Critical | Self::Unnamed => "0;33",
            Self::Error => "0;31",
            Self::Warning => "0;35",
            Self::Notice => "0;32",
            Self::Info => "0;36",
            Self::Debug => "0;39",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways() {
        for number in -5..=3 {
            assert_eq!(i64::from(Level::from_number(number).number()), number);
        }
        assert_eq!(Level::from_number(-99), Level::Alert);
        assert_eq!(Level::from_number(99), Level::Debug);
        assert_eq!(Level::from_name("L_WARN"), Some(Level::Warning));
        assert_eq!(Level::from_name("WARN"), None);
    }
}
