//! Syslog facilities by the names that `log_facility` takes.

/// A syslog facility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facility(u8);

const NAMES: [(&str, u8); 20] = [
    ("LOG_AUTH", 4),
    ("LOG_AUTHPRIV", 10),
    ("LOG_CRON", 9),
    ("LOG_DAEMON", 3),
    ("LOG_FTP", 11),
    ("LOG_KERN", 0),
    ("LOG_LOCAL0", 16),
    ("LOG_LOCAL1", 17),
    ("LOG_LOCAL2", 18),
    ("LOG_LOCAL3", 19),
    ("LOG_LOCAL4", 20),
    ("LOG_LOCAL5", 21),
    ("LOG_LOCAL6", 22),
    ("LOG_LOCAL7", 23),
    ("LOG_LPR", 6),
    ("LOG_MAIL", 2),
    ("LOG_NEWS", 7),
    ("LOG_SYSLOG", 5),
    ("LOG_USER", 1),
    ("LOG_UUCP", 8),
];

impl Facility {
    /// `LOG_DAEMON`, the default.
    pub const DAEMON: Self = Self(3);

    /// The facility of a name such as `LOG_LOCAL0`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, code)| Self(*code))
    }

    /// The name, as `from_name` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, code)| *code == self.0)
            .map_or("LOG_DAEMON", |(name, _)| *name)
    }

    /// Its number (RFC 3164 section 4.1.1).
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (name, code) in NAMES {
            let facility = Facility::from_name(name).expect(name);
            assert_eq!((facility.name(), facility.code()), (name, code));
        }
        assert_eq!(Facility::from_name("LOG_DAEMON"), Some(Facility::DAEMON));
        assert_eq!(Facility::from_name("nonsense"), None);
    }
}
