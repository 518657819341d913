//! Patterns of plain characters, perhaps held to an end of the text: `^sip:`, `friendly`, `com$`.

use memchr::{memchr2, memmem};

use super::Case;

/// Longer ones are for the engine, which searches without looking at a byte twice.
const LONGEST: usize = 64;

/// A pattern without special characters but `^` in front and `$` at the end.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    /// In lower case when case does not matter.
    text: Box<[u8]>,
    case: Case,
    from_start: bool,
    to_end: bool,
}

impl Literal {
    /// The pattern, if it is one.
    pub(super) fn of(pattern: &[u8], case: Case) -> Option<Self> {
        let (from_start, rest) = match pattern {
            [b'^', rest @ ..] => (true, rest),
            _ => (false, pattern),
        };
        let (to_end, text) = match rest {
            [rest @ .., b'$'] => (true, rest),
            _ => (false, rest),
        };
        let is_plain = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b':' | b'/' | b'@' | b'-' | b'_')
        };
        if text.is_empty() || text.len() > LONGEST || !text.iter().all(is_plain) {
            return None;
        }
        let text = match case {
            Case::Sensitive => text.to_vec(),
            Case::Insensitive => text.to_ascii_lowercase(),
        };
        Some(Self {
            text: text.into(),
            case,
            from_start,
            to_end,
        })
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let Some(surplus) = text.len().checked_sub(self.text.len()) else {
            return false;
        };
        match (self.from_start, self.to_end) {
            (true, true) => surplus == 0 && self.equals(text),
            (true, false) => self.equals(&text[..self.text.len()]),
            (false, true) => self.equals(&text[surplus..]),
            (false, false) => self.is_in(text),
        }
    }

    fn equals(&self, text: &[u8]) -> bool {
        match self.case {
            Case::Sensitive => *text == *self.text,
            Case::Insensitive => text.eq_ignore_ascii_case(&self.text),
        }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let (Case::Insensitive, [first, ..]) = (self.case, &*self.text) else {
            return memmem::find(text, &self.text).is_some();
        };
        let mut rest = text;
        while let Some(at) = memchr2(*first, first.to_ascii_uppercase(), rest) {
            let Some(found) = rest.get(at..at + self.text.len()) else {
                return false;
            };
            if self.equals(found) {
                return true;
            }
            rest = &rest[at + 1..];
        }
        false
    }
}
