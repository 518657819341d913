//! Compiled regular expressions of the language, and a small cache for those made at run time.

use bytes::Bytes;
use regex::bytes::{Regex, RegexBuilder};

use crate::posix;

/// Patterns made at run time that a machine keeps.
const CACHE_SIZE: usize = 16;

/// The most memory a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

/// A compiled POSIX extended regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(Engine);

#[derive(Clone, Debug)]
enum Engine {
    Plain(Regex),
    /// For back-references, which the plain engine cannot do. It searches text, so each byte of
    /// the subject is read as one character.
    Backtracking(Box<fancy_regex::Regex>),
}

/// Why a pattern does not compile.
#[derive(Clone, Debug, thiserror::Error, Eq, PartialEq)]
pub enum PatternError {
    /// The pattern is not valid POSIX.
    #[error(transparent)]
    Syntax(#[from] posix::SyntaxError),
    /// The engine refuses it (mostly: too large).
    #[error("{0}")]
    Engine(String),
}

/// Whether case matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Case {
    /// As written: `case /…/` of `switch`.
    Sensitive,
    /// ASCII letters match in both cases: `=~`.
    Insensitive,
}

impl Pattern {
    /// Compiles a POSIX extended regular expression.
    pub fn new(pattern: &[u8], case: Case) -> Result<Self, PatternError> {
        let insensitive = case == Case::Insensitive;
        let translated = posix::translate(pattern, case)?;
        if translated.needs_backtracking {
            let flags = if insensitive { "(?si)" } else { "(?s)" };
            let regex = fancy_regex::RegexBuilder::new(&format!("{flags}{}", translated.text))
                .backtrack_limit(100_000)
                .delegate_size_limit(SIZE_LIMIT)
                .build()
                .map_err(|error| PatternError::Engine(error.to_string()))?;
            return Ok(Self(Engine::Backtracking(Box::new(regex))));
        }
        RegexBuilder::new(&translated.text)
            .unicode(false)
            .dot_matches_new_line(true)
            .case_insensitive(insensitive)
            .size_limit(SIZE_LIMIT)
            .build()
            .map(|regex| Self(Engine::Plain(regex)))
            .map_err(|error| PatternError::Engine(error.to_string()))
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Engine::Plain(regex) => regex.is_match(text),
            Engine::Backtracking(regex) if text.is_ascii() => {
                std::str::from_utf8(text).is_ok_and(|text| regex.is_match(text).unwrap_or(false))
            }
            Engine::Backtracking(regex) => {
                let text: String = text.iter().map(|&byte| char::from(byte)).collect();
                regex.is_match(&text).unwrap_or(false)
            }
        }
    }
}

/// Patterns made at run time, most recent last. Small, so a scan is cheaper than hashing.
#[derive(Debug, Default)]
pub(crate) struct PatternCache {
    entries: Vec<(Bytes, Result<Pattern, PatternError>)>,
}

impl PatternCache {
    /// The compiled form of a pattern, case insensitive as `=~` wants it.
    pub(crate) fn pattern(&mut self, source: &Bytes) -> Result<&Pattern, &PatternError> {
        let index = match self.entries.iter().position(|entry| entry.0 == *source) {
            Some(index) => index,
            None => {
                if self.entries.len() >= CACHE_SIZE {
                    drop(self.entries.remove(0));
                }
                // A copy, because the source may be a slice of a whole message.
                let key = Bytes::copy_from_slice(source);
                let pattern = Pattern::new(source, Case::Insensitive);
                self.entries.push((key, pattern));
                self.entries.len() - 1
            }
        };
        self.entries[index].1.as_ref()
    }
}
