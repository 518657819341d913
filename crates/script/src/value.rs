//! Values of the language and their coercions.

use bytes::Bytes;

/// A value that a script computes with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Value {
    /// `$null`, and what a variable that is not set yields.
    #[default]
    Null,
    /// An integer.
    Int(i64),
    /// A string of bytes.
    Str(Bytes),
}
