//! What can be wrong with a command line.

use std::ffi::OsString;
use std::fmt;

use super::row::OptionRow;

/// A command line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CliError {
    /// A letter that is no option.
    UnknownShort(char),
    /// A long name that is no option, and the nearest one that is.
    UnknownLong {
        /// The name as written, without the dashes.
        name: String,
        /// The nearest known name, if one is near enough.
        nearest: Option<&'static str>,
    },
    /// A prefix that fits several long names.
    Ambiguous {
        /// The prefix as written.
        name: String,
        /// What it may mean.
        candidates: Vec<&'static str>,
    },
    /// An option that needs a value stands last.
    MissingValue(&'static OptionRow),
    /// `--flag=value` for an option without a value.
    UnexpectedValue(OsString),
    /// A value outside of what the option takes.
    BadValue {
        /// The option.
        option: &'static OptionRow,
        /// The value as written.
        value: String,
        /// What is taken instead.
        expected: &'static str,
    },
    /// An option about a transport that is not there or was switched off before.
    Disabled(&'static str),
    /// A value that is not UTF-8.
    NotText(&'static OptionRow, OsString),
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownShort(letter) => write!(f, "Unknown option '-{letter}'. Use -h for help."),
            Self::UnknownLong {
                name,
                nearest: Some(nearest),
            } => {
                write!(
                    f,
                    "Unknown option '--{name}'. Did you mean '--{nearest}'? Use -h for help."
                )
            }
            Self::UnknownLong {
                name,
                nearest: None,
            } => write!(f, "Unknown option '--{name}'. Use -h for help."),
            Self::Ambiguous { name, candidates } => {
                write!(
                    f,
                    "Option '--{name}' may mean --{}. Use -h for help.",
                    candidates.join(" or --")
                )
            }
            Self::MissingValue(row) => write!(
                f,
                "Option '{}' requires an argument. Use -h for help.",
                row.name
            ),
            Self::UnexpectedValue(value) => {
                write!(
                    f,
                    "The value '{}' belongs to an option that takes none. Use -h for help.",
                    value.display()
                )
            }
            Self::BadValue {
                option,
                value,
                expected,
            } => {
                write!(
                    f,
                    "bad {}: {} {value} ({expected})",
                    option.noun(),
                    option.name
                )
            }
            Self::Disabled(transport) => write!(f, "{transport} support disabled"),
            Self::NotText(row, raw) => write!(
                f,
                "bad {}: {} {} (not UTF-8)",
                row.noun(),
                row.name,
                raw.display()
            ),
        }
    }
}

impl std::error::Error for CliError {}
