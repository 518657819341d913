//! `#!subst "/regex/text/flags"`: rewriting inside strings.

use regex::bytes::{Regex, RegexBuilder};

use crate::posix;
use crate::regex::Case;

/// A substitution, ready to run.
pub(super) struct Subst {
    regex: Regex,
    replacement: Vec<Piece>,
    is_global: bool,
}

/// A part of the replacement.
enum Piece {
    Text(Vec<u8>),
    /// `\0` to `\9`.
    Group(usize),
}

/// What is wrong with a substitution.
#[derive(Debug, thiserror::Error)]
pub(super) enum SubstError {
    #[error("a substitution needs three separators: /regex/text/flags")]
    Separators,
    #[error("the name to define is missing: /NAME/text/")]
    Name,
    #[error("unknown flag `{0}`; known are g, i and s")]
    Flag(char),
    #[error("bad regular expression: {0}")]
    Regex(String),
}

/// `/regex/text/flags` taken apart; any first character separates.
pub(super) struct Parts<'a> {
    pub(super) pattern: &'a [u8],
    pub(super) text: &'a [u8],
    pub(super) flags: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn split(expression: &'a [u8]) -> Result<Self, SubstError> {
        let (separator, rest) = expression.split_first().ok_or(SubstError::Separators)?;
        let (pattern, rest) = until(rest, *separator).ok_or(SubstError::Separators)?;
        let (text, flags) = until(rest, *separator).ok_or(SubstError::Separators)?;
        Ok(Self {
            pattern,
            text,
            flags,
        })
    }
}

/// The text before the next separator that is not escaped, and what follows it.
fn until(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == b'\\' {
            at += 2;
        } else if *byte == separator {
            return Some((&text[..at], &text[at + 1..]));
        } else {
            at += 1;
        }
    }
    None
}

impl Subst {
    pub(super) fn new(expression: &[u8]) -> Result<Self, SubstError> {
        let parts = Parts::split(expression)?;
        let mut is_global = false;
        let mut ignores_case = false;
        for flag in parts.flags {
            match flag {
                b'g' => is_global = true,
                b'i' => ignores_case = true,
                b's' => {}
                other => return Err(SubstError::Flag(char::from(*other))),
            }
        }
        let case = if ignores_case {
            Case::Insensitive
        } else {
            Case::Sensitive
        };
        let pattern = posix::translate(parts.pattern, case)
            .map_err(|error| SubstError::Regex(error.to_string()))?;
        let regex = RegexBuilder::new(&pattern.text)
            .case_insensitive(ignores_case)
            .dot_matches_new_line(true)
            .unicode(false)
            .build()
            .map_err(|error| SubstError::Regex(error.to_string()))?;
        Ok(Self {
            regex,
            replacement: pieces(parts.text),
            is_global,
        })
    }

    fn apply(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut copied = 0;
        for found in self.regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.extend_from_slice(&text[copied..whole.start()]);
            for piece in &self.replacement {
                match piece {
                    Piece::Text(text) => out.extend_from_slice(text),
                    Piece::Group(group) => {
                        out.extend(found.get(*group).map_or(&b""[..], |found| found.as_bytes()));
                    }
                }
            }
            copied = whole.end();
            if !self.is_global {
                break;
            }
        }
        if copied == 0 && out.is_empty() {
            return None;
        }
        out.extend_from_slice(&text[copied..]);
        Some(out)
    }
}

/// Runs all substitutions in turn; none when nothing changed.
pub(super) fn apply_all(substs: &[Subst], text: &[u8]) -> Option<Vec<u8>> {
    let mut changed = None;
    for subst in substs {
        if let Some(result) = subst.apply(changed.as_deref().unwrap_or(text)) {
            changed = Some(result);
        }
    }
    changed.filter(|changed| changed != text)
}

fn pieces(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            plain.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'9') => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Group(usize::from(digit - b'0')));
            }
            Some(b'n') => plain.push(b'\n'),
            Some(b'r') => plain.push(b'\r'),
            Some(b't') => plain.push(b'\t'),
            Some(other) => plain.push(*other),
            None => plain.push(b'\\'),
        }
    }
    pieces.push(Piece::Text(plain));
    pieces
}
