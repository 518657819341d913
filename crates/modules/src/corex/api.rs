//! Internal flags of a message, for modules that act on them.

/// Flags by which modules tell each other what was done to a message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct InternalFlags {
    /// Those that are set.
    pub set: u8,
}

impl InternalFlags {
    /// From was replaced.
    pub const USE_UAC_FROM: u8 = 1;
    /// To was replaced.
    pub const USE_UAC_TO: u8 = 2;
    /// Credentials were added.
    pub const UAC_AUTH: u8 = 4;

    /// The flag of a name.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<u8> {
        [
            ("USE_UAC_FROM", Self::USE_UAC_FROM),
            ("USE_UAC_TO", Self::USE_UAC_TO),
            ("UAC_AUTH", Self::UAC_AUTH),
        ]
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
        .map(|(_, flag)| *flag)
    }
}
