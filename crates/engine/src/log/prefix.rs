//! `log_prefix`: what stands before each line about a message.

use bytes::Bytes;

use crate::format::Format;

/// The format, and when it is evaluated.
pub struct LogPrefix {
    pub(crate) format: Format,
    pub(crate) time: PrefixTime,
}

/// When a message's prefix is evaluated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PrefixTime {
    /// Before the script runs: it may change what the prefix shows.
    BeforeScript,
    /// When the first line is logged, if any is: whatever the script does, the prefix is the same.
    FirstLine,
    /// For each line (`log_prefix_mode`).
    EachLine,
}

/// What a message has of a prefix.
#[derive(Clone, Debug)]
pub(crate) enum OwnPrefix {
    /// None: it was made up.
    Absent,
    /// One that is evaluated with the first line.
    Due,
    /// This one.
    Known(Bytes),
}

impl LogPrefix {
    /// A prefix that is evaluated once a message, or anew for each line.
    #[must_use]
    pub fn new(format: Format, for_each_line: bool) -> Self {
        let time = if for_each_line {
            PrefixTime::EachLine
        } else if format.is_of_message() {
            PrefixTime::FirstLine
        } else {
            PrefixTime::BeforeScript
        };
        Self { format, time }
    }
}
