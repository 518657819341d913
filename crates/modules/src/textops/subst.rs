//! Substitution expressions: `/pattern/replacement/flags`.
//!
//! The first character separates. Flags: `i` ignores case, `g` replaces all matches, `s` makes
//! line ends plain characters. In the replacement `\0` to `\9` are groups, `\n`, `\r` and `\t`
//! white space, `$name` variables.

use std::ops::Range;

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::format::Format;
use engine::variable::ParsedName;
use script::regex::{Case, PatternError};

use super::regex::{Lines, Match, Regex};

/// A parsed expression.
pub(crate) struct Subst {
    regex: Regex,
    replacement: Vec<Piece>,
    global: bool,
}

enum Piece {
    Text(Bytes),
    Format(Format),
    Group(usize),
}

/// Why an expression cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum SubstError {
    /// Separators are missing.
    #[error("a substitution is written /pattern/replacement/flags")]
    Separators,
    /// A flag that does not exist.
    #[error("unknown flag `{0}` in a substitution")]
    Flag(char),
    /// The pattern is wrong.
    #[error("bad regular expression: {0}")]
    Pattern(#[from] PatternError),
    /// The replacement's variables are wrong.
    #[error("in the replacement: {0}")]
    Replacement(String),
}

/// A match of length zero, which Kamailio refuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the pattern matches nothing at all")]
pub(crate) struct EmptyMatch;

/// One replacement to make.
pub(crate) struct Change {
    pub(crate) place: Range<usize>,
    pub(crate) text: Bytes,
}

impl Subst {
    /// Parses an expression; `format` parses text with variables.
    pub(crate) fn parse(
        expression: &[u8],
        format: &mut dyn FnMut(&str) -> Result<Format, String>,
    ) -> Result<Self, SubstError> {
        let (&separator, rest) = expression.split_first().ok_or(SubstError::Separators)?;
        let (pattern, rest) = until(rest, separator).ok_or(SubstError::Separators)?;
        let (replacement, flags) = until(rest, separator).ok_or(SubstError::Separators)?;
        if pattern.is_empty() {
            return Err(SubstError::Separators);
        }
        let mut case = Case::Sensitive;
        let mut lines = Lines::Special;
        let mut global = false;
        for flag in flags {
            match flag {
                b'i' => case = Case::Insensitive,
                b'g' => global = true,
                b's' => lines = Lines::Plain,
                _ => return Err(SubstError::Flag(char::from(*flag))),
            }
        }
        Ok(Self {
            regex: Regex::new(pattern, case, lines)?,
            replacement: pieces(replacement, format).map_err(SubstError::Replacement)?,
            global,
        })
    }

    /// What to change in a text.
    pub(crate) fn changes(&self, cx: &mut Context, text: &[u8]) -> Result<Vec<Change>, EmptyMatch> {
        let limit = if self.global { usize::MAX } else { 1 };
        let mut changes = Vec::new();
        for found in self.regex.find_all(text).take(limit) {
            let place = found.whole();
            if place.is_empty() {
                return Err(EmptyMatch);
            }
            let text = self.render(cx, text, &found);
            changes.push(Change { place, text });
        }
        Ok(changes)
    }

    /// The text with all changes made; `None`: nothing matches.
    pub(crate) fn apply(&self, cx: &mut Context, text: &[u8]) -> Result<Option<Bytes>, EmptyMatch> {
        let changes = self.changes(cx, text)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(text.len() + 32);
        let mut done = 0;
        for change in changes {
            out.extend_from_slice(&text[done..change.place.start]);
            out.extend_from_slice(&change.text);
            done = change.place.end;
        }
        out.extend_from_slice(&text[done..]);
        Ok(Some(out.into()))
    }

    fn render(&self, cx: &mut Context, text: &[u8], found: &Match) -> Bytes {
        let mut out = Vec::new();
        for piece in &self.replacement {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Format(format) => format.render(cx, &mut out),
                Piece::Group(number) => {
                    if let Some(place) = found.group(*number) {
                        out.extend_from_slice(&text[place]);
                    }
                }
            }
        }
        out.into()
    }
}

/// Parses an expression as a function's parameter.
pub(crate) fn parse_arg(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    Subst::parse(text, &mut |t| scope.format(t))
        .map(ParsedName::data)
        .map_err(|error| error.to_string())
}

/// Splits at the first separator without a backslash before it.
fn until(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        if escaped {
            escaped = false;
        } else if *byte == b'\\' {
            escaped = true;
        } else if *byte == separator {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// Splits a replacement into texts, formats and groups.
fn pieces(
    replacement: &[u8],
    format: &mut dyn FnMut(&str) -> Result<Format, String>,
) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut flush = |text: &mut Vec<u8>, pieces: &mut Vec<Piece>| -> Result<(), String> {
        if text.contains(&b'$') {
            pieces.push(Piece::Format(format(&String::from_utf8_lossy(text))?));
        } else if !text.is_empty() {
            pieces.push(Piece::Text(Bytes::copy_from_slice(text)));
        }
        text.clear();
        Ok(())
    };
    let mut bytes = replacement.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            text.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'9') => {
                flush(&mut text, &mut pieces)?;
                pieces.push(Piece::Group(usize::from(digit - b'0')));
            }
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            // A format writes a dollar sign twice.
            Some(b'$') => text.extend_from_slice(b"$$"),
            Some(other) => text.push(*other),
            None => text.push(b'\\'),
        }
    }
    flush(&mut text, &mut pieces)?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(expression: &str) -> Result<Subst, SubstError> {
        Subst::parse(expression.as_bytes(), &mut |t| Err(t.to_owned()))
    }

    #[test]
    fn refused() {
        for text in ["", "/", "/a/", "//b/", "/a/b"] {
            assert_eq!(parse(text).err(), Some(SubstError::Separators), "{text}");
        }
        assert_eq!(parse("/a/b/x").err(), Some(SubstError::Flag('x')));
        assert!(matches!(parse("/(/b/"), Err(SubstError::Pattern(_))));
        assert!(matches!(parse("/a/$rU/"), Err(SubstError::Replacement(_))));
        assert!(parse("|a/|\\||g").is_ok());
    }
}
