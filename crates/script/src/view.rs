//! Values that are only looked at where they are kept: nothing is copied, nothing is counted.

use bytes::Bytes;

use crate::value::{Decimal, Value, parse_int, wrap};

/// A [`Value`] that belongs to somebody else. The rules of coercion are here; a value follows them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum View<'a> {
    /// `$null`, and what a variable that is not set yields.
    Null,
    /// An integer.
    Int(i64),
    /// A string of bytes.
    Str(&'a [u8]),
}

impl<'a> View<'a> {
    /// Text, or null when it is empty.
    #[must_use]
    pub fn some(text: &'a [u8]) -> Self {
        if text.is_empty() {
            Self::Null
        } else {
            Self::Str(text)
        }
    }

    /// A value of its own.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(number),
            Self::Str(text) => Value::Str(Bytes::copy_from_slice(text)),
        }
    }

    /// The value as an operand of integer operators.
    #[must_use]
    #[inline]
    pub fn to_int(self) -> i32 {
        match self {
            Self::Null => 0,
            Self::Int(number) => wrap(number),
            Self::Str(text) => parse_int(text).unwrap_or(0),
        }
    }

    /// Whether it is the empty string once converted to a string.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        match self {
            Self::Null => true,
            Self::Int(_) => false,
            Self::Str(text) => text.is_empty(),
        }
    }

    /// Runs `action` on the bytes of the string form, without allocating.
    #[inline]
    pub fn with_bytes<T>(self, action: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Null => action(b""),
            Self::Int(number) => action(Decimal::new(number).as_slice()),
            Self::Str(text) => action(text),
        }
    }

    /// `==`: the left operand decides whether numbers or strings are compared; null takes the
    /// kind of the other side.
    #[must_use]
    #[inline]
    pub fn equals(self, right: View<'_>) -> bool {
        match (self, right) {
            (Self::Int(left), right) => wrap(left) == right.to_int(),
            (Self::Null, View::Int(right)) => wrap(right) == 0,
            (Self::Str(left), View::Str(right)) => left == right,
            (left, right) => left.equals_as_text(right),
        }
    }

    /// `eq`: compared as strings, byte by byte.
    #[must_use]
    pub fn equals_as_text(self, right: View<'_>) -> bool {
        self.with_bytes(|left| right.with_bytes(|right| left == right))
    }

    /// `+` of strings.
    #[must_use]
    pub fn join(self, right: View<'_>) -> Value {
        self.with_bytes(|left| {
            right.with_bytes(|right| {
                let mut joined = Vec::with_capacity(left.len().saturating_add(right.len()));
                joined.extend_from_slice(left);
                joined.extend_from_slice(right);
                Value::Str(Bytes::from(joined))
            })
        })
    }
}
