//! How far a name of Kamailio's is implemented: one word for every table.

/// How far a name is implemented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// As in Kamailio.
    Full,
    /// With limits.
    Partial,
    /// Accepted without effect.
    Noop,
}

impl Status {
    /// The word used in exported tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Noop => "noop",
        }
    }
}
