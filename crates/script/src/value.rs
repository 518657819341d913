//! Values of the language and their coercions.
//!
//! Every rule here is pinned against Kamailio 5.6.3 (`resources/expressions.tsv`): integers are 32
//! bits wide and wrap, a string that is not wholly a number counts as 0, null counts as 0 or as
//! the empty string.

use bytes::Bytes;

use crate::view::View;

/// A value that a script computes with.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Value {
    /// `$null`, and what a variable that is not set yields.
    #[default]
    Null,
    /// An integer.
    Int(i64),
    /// A string of bytes.
    Str(Bytes),
}

impl Value {
    /// The value where it stands.
    #[must_use]
    #[inline]
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Null => View::Null,
            Self::Int(number) => View::Int(*number),
            Self::Str(text) => View::Str(text),
        }
    }

    /// The value as an operand of integer operators.
    #[must_use]
    #[inline]
    pub fn to_int(&self) -> i32 {
        self.view().to_int()
    }

    /// The value as an operand of string operators.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Null => Bytes::new(),
            Self::Int(number) => Decimal::new(*number).to_bytes(),
            Self::Str(text) => text.clone(),
        }
    }

    /// Whether it is the empty string once converted to a string.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// Runs `action` on the bytes of the string form, without allocating.
    #[inline]
    pub fn with_bytes<T>(&self, action: impl FnOnce(&[u8]) -> T) -> T {
        self.view().with_bytes(action)
    }

    /// The truth of the value as a whole condition: only a positive number holds.
    #[must_use]
    #[inline]
    pub fn holds(&self) -> bool {
        self.to_int() > 0
    }

    /// `==`: the left operand decides whether numbers or strings are compared; null takes the
    /// kind of the other side.
    #[must_use]
    pub fn equals(&self, right: &Self) -> bool {
        self.view().equals(right.view())
    }

    /// `eq`: compared as strings, byte by byte.
    #[must_use]
    pub fn equals_as_text(&self, right: &Self) -> bool {
        self.view().equals_as_text(right.view())
    }

    /// `+`: an integer on the left adds, anything else joins.
    #[must_use]
    pub fn plus(&self, right: &Self) -> Self {
        match self {
            Self::Int(left) => Self::Int(i64::from(wrap(*left).wrapping_add(right.to_int()))),
            left => left.join(right),
        }
    }

    /// `+` of strings.
    #[must_use]
    pub fn join(&self, right: &Self) -> Self {
        if right.is_empty() {
            return Self::Str(self.to_bytes());
        }
        if self.is_empty() {
            return Self::Str(right.to_bytes());
        }
        self.view().join(right.view())
    }

    /// As [`Value::plus`], of a value that is not needed any more.
    #[must_use]
    pub fn into_sum(self, right: &Self) -> Self {
        match self {
            Self::Int(_) => self.plus(right),
            left => left.into_joined(right),
        }
    }

    /// As [`Value::join`], of a value that is not needed any more: a text that nobody else holds
    /// grows where it is.
    #[must_use]
    pub fn into_joined(self, right: &Self) -> Self {
        match self {
            Self::Str(text) if !text.is_empty() && !right.is_empty() => match text.try_into_mut() {
                Ok(mut text) => {
                    right.with_bytes(|right| text.extend_from_slice(right));
                    Self::Str(text.freeze())
                }
                Err(text) => Self::Str(text).join(right),
            },
            left => left.join(right),
        }
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}

/// Cuts a number to the 32 bits that the language computes with.
#[must_use]
pub fn wrap(number: i64) -> i32 {
    // Dropping the upper half is the point: 4294967297 is 1 in a script.
    number as i32
}

/// Reads a whole string as a number: an optional sign and decimal digits, or `0x` and
/// hexadecimal digits. None when anything else is in it or it does not fit.
#[must_use]
pub fn parse_int(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if let [b'0', b'x' | b'X', hex @ ..] = digits {
        let number = digits_of(hex, 16, i64::from(u32::MAX))?;
        return Some(wrap(if negative { -number } else { number }));
    }
    let number = digits_of(digits, 10, i64::from(i32::MAX) + 1)?;
    i32::try_from(if negative { -number } else { number }).ok()
}

/// Digits of one base, none of them missing, up to a limit.
fn digits_of(digits: &[u8], base: u32, limit: i64) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0i64, |number, &byte| {
        let digit = char::from(byte).to_digit(base)?;
        let number = number * i64::from(base) + i64::from(digit);
        (number <= limit).then_some(number)
    })
}

/// The decimal form of an integer on the stack.
pub(crate) struct Decimal {
    text: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(crate) fn new(number: i64) -> Self {
        let mut text = [b'0'; 20];
        let mut start = text.len();
        let mut rest = number.unsigned_abs();
        loop {
            start -= 1;
            // A remainder by ten fits any integer type.
            text[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            start -= 1;
            text[start] = b'-';
        }
        Self { text, start }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.text[self.start..]
    }

    fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_whole_or_not_at_all() {
        for (text, number) in [
            ("5", Some(5)),
            ("-7", Some(-7)),
            ("+7", Some(7)),
            ("010", Some(10)),
            ("0x10", Some(16)),
            ("0X1F", Some(31)),
            ("0xffffffff", Some(-1)),
            ("2147483647", Some(i32::MAX)),
            ("-2147483648", Some(i32::MIN)),
            ("2147483648", None),
            ("4294967295", None),
            ("99999999999999999999999999", None),
            ("", None),
            ("-", None),
            ("--5", None),
            ("0x", None),
            ("7 ", None),
            (" 5", None),
            ("5x", None),
        ] {
            assert_eq!(parse_int(text.as_bytes()), number, "{text:?}");
        }
    }

    #[test]
    fn every_integer_prints() {
        for number in [0, 5, -3, i64::MAX, i64::MIN] {
            assert_eq!(Value::Int(number).to_bytes(), number.to_string().as_bytes());
        }
    }
}
