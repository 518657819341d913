//! Compiled regular expressions of the language, and a small cache for those made at run time.

mod literal;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use literal::Literal;
use regex::bytes::{Regex, RegexBuilder};

use crate::posix;

/// Patterns made at run time that a machine keeps.
const CACHE_SIZE: usize = 16;

/// The most memory a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

/// A compiled POSIX extended regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(Engine);

/// Patterns of at most this size that repeat nothing by number cannot exceed [`SIZE_LIMIT`]: they
/// are compiled when they are first used, so that a configuration with thousands loads at once.
const LATE_SIZE: usize = 200;

#[derive(Clone, Debug)]
enum Engine {
    /// Without any special character: what most patterns of scripts are.
    Literal(Literal),
    Plain(Regex),
    Late(Arc<Late>),
    /// For back-references, which the plain engine cannot do. It searches text, so each byte of
    /// the subject is read as one character.
    Backtracking(Box<fancy_regex::Regex>),
}

/// A pattern that is compiled when it is first used.
#[derive(Debug)]
struct Late {
    /// As the plain engine understands it.
    text: String,
    insensitive: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl Late {
    fn is_match(&self, text: &[u8]) -> bool {
        let compiled = self
            .compiled
            .get_or_init(|| plain(&self.text, self.insensitive).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn plain(text: &str, insensitive: bool) -> Result<Regex, PatternError> {
    RegexBuilder::new(text)
        .unicode(false)
        .dot_matches_new_line(true)
        .case_insensitive(insensitive)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| PatternError::Engine(error.to_string()))
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
        if let Some(literal) = Literal::of(pattern, case) {
            return Ok(Self(Engine::Literal(literal)));
        }
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
        if translated.text.len() <= LATE_SIZE && !translated.text.contains('{') {
            return Ok(Self(Engine::Late(Arc::new(Late {
                text: translated.text,
                insensitive,
                compiled: OnceLock::new(),
            }))));
        }
        plain(&translated.text, insensitive).map(|regex| Self(Engine::Plain(regex)))
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Engine::Literal(literal) => literal.is_match(text),
            Engine::Plain(regex) => regex.is_match(text),
            Engine::Late(late) => late.is_match(text),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A word boundary beside a reference back to a group: found by fuzzing.
    #[test]
    fn boundaries_and_back_references_go_together() {
        let pattern = Pattern::new(b"\\b(a|b)x\\1", Case::Insensitive).expect("it compiles");
        assert!(pattern.is_match(b"-axa"));
        assert!(!pattern.is_match(b"caxa"));
        assert!(!pattern.is_match(b"-axb"));
    }

    proptest! {
        #[test]
        fn a_literal_is_what_the_engine_makes_of_it(
            pattern in r"\^?[abAB.]{0,1}[abAB /:@-]{0,4}\$?",
            text in "[abAB /:@\n-]{0,8}",
        ) {
            for case in [Case::Sensitive, Case::Insensitive] {
                let ours = Pattern::new(pattern.as_bytes(), case).unwrap();
                let translated = posix::translate(pattern.as_bytes(), case).unwrap();
                let theirs = plain(&translated.text, case == Case::Insensitive).unwrap();
                prop_assert_eq!(
                    ours.is_match(text.as_bytes()),
                    theirs.is_match(text.as_bytes()),
                    "{:?} on {:?}", pattern, text
                );
            }
        }

        #[test]
        fn what_is_compiled_late_compiles(pattern in "[a-c().*+?|^$\\[\\]\\\\x-]{0,20}") {
            if let Ok(Pattern(Engine::Late(late))) = Pattern::new(pattern.as_bytes(), Case::Insensitive) {
                prop_assert!(plain(&late.text, true).is_ok(), "{pattern:?} became {:?}", late.text);
            }
        }
    }
}
