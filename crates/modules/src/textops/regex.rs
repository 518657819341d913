//! Regular expressions that say where they match: POSIX extended ones, as Kamailio's are.

use std::ops::Range;

use regex::bytes::RegexBuilder;
use script::posix;
use script::regex::{Case, PatternError};
use smallvec::SmallVec;

/// The most memory a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

/// Whether line ends are special: `^` and `$` match at them, `.` does not match them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lines {
    /// They are (`REG_NEWLINE`).
    Special,
    /// They are characters as all others.
    Plain,
}

/// A compiled expression.
pub(crate) struct Regex(Engine);

enum Engine {
    Plain(regex::bytes::Regex),
    /// For back-references. It searches text, so each byte of the subject is read as a character.
    Backtracking(Box<fancy_regex::Regex>),
}

/// Where a match and its groups lie; a group that took no part has none.
pub(crate) struct Match {
    groups: SmallVec<[Option<Range<usize>>; 10]>,
}

impl Match {
    /// The whole match.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.group(0).unwrap_or(0..0)
    }

    /// One group.
    pub(crate) fn group(&self, number: usize) -> Option<Range<usize>> {
        self.groups.get(number).cloned().flatten()
    }
}

impl Regex {
    pub(crate) fn new(pattern: &[u8], case: Case, lines: Lines) -> Result<Self, PatternError> {
        let insensitive = case == Case::Insensitive;
        let by_line = lines == Lines::Special;
        let translated = posix::translate(pattern, case)?;
        if translated.needs_backtracking {
            let case_flag = if insensitive { "i" } else { "" };
            let line_flag = if by_line { "m" } else { "s" };
            let text = format!("(?{line_flag}{case_flag}){}", translated.text);
            return fancy_regex::RegexBuilder::new(&text)
                .backtrack_limit(100_000)
                .delegate_size_limit(SIZE_LIMIT)
                .build()
                .map(|regex| Self(Engine::Backtracking(Box::new(regex))))
                .map_err(|error| PatternError::Engine(error.to_string()));
        }
        RegexBuilder::new(&translated.text)
            .unicode(false)
            .multi_line(by_line)
            .dot_matches_new_line(!by_line)
            .case_insensitive(insensitive)
            .size_limit(SIZE_LIMIT)
            .build()
            .map(|regex| Self(Engine::Plain(regex)))
            .map_err(|error| PatternError::Engine(error.to_string()))
    }

    /// Whether it matches anywhere.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Engine::Plain(regex) => regex.is_match(text),
            Engine::Backtracking(_) => self.find_at(text, 0).is_some(),
        }
    }

    /// The first match at or after a place.
    pub(crate) fn find_at(&self, text: &[u8], start: usize) -> Option<Match> {
        match &self.0 {
            Engine::Plain(regex) => {
                let mut places = regex.capture_locations();
                regex.captures_read_at(&mut places, text, start)?;
                let groups = (0..places.len())
                    .map(|n| places.get(n).map(|(from, to)| from..to))
                    .collect();
                Some(Match { groups })
            }
            Engine::Backtracking(regex) => {
                let characters: String = text.iter().map(|&byte| char::from(byte)).collect();
                // A character stands for a byte: its number is the byte's place.
                let place = |at: usize| characters.get(..at).map_or(0, |t| t.chars().count());
                let from = characters
                    .char_indices()
                    .nth(start)
                    .map_or(characters.len(), |(at, _)| at);
                let found = regex.captures_from_pos(&characters, from).ok()??;
                let groups = (0..found.len())
                    .map(|n| found.get(n).map(|m| place(m.start())..place(m.end())))
                    .collect();
                Some(Match { groups })
            }
        }
    }

    /// All matches from the left, none overlapping; an empty one moves on by a byte.
    pub(crate) fn find_all<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Match> + 't {
        let mut next = 0;
        std::iter::from_fn(move || {
            if next > text.len() {
                return None;
            }
            let found = self.find_at(text, next)?;
            let whole = found.whole();
            next = if whole.is_empty() {
                whole.end + 1
            } else {
                whole.end
            };
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pattern: &str, text: &[u8], lines: Lines) -> Vec<Range<usize>> {
        let regex = Regex::new(pattern.as_bytes(), Case::Insensitive, lines).unwrap();
        regex.find_all(text).map(|m| m.whole()).collect()
    }

    #[test]
    fn lines_and_groups() {
        assert_eq!(places("^b.*$", b"a\nbc\nB", Lines::Special), [2..4, 5..6]);
        assert_eq!(places("^a.*$", b"a\nbc", Lines::Plain), vec![0..4; 1]);
        assert_eq!(places("x*", b"ax", Lines::Plain), [0..0, 1..2, 2..2]);
        assert_eq!(places("(.)\\1", b"a\xe9\xe9bb", Lines::Plain), [1..3, 3..5]);
        let regex = Regex::new(b"(a)|(b)", Case::Sensitive, Lines::Plain).unwrap();
        let found = regex.find_at(b"cb", 0).unwrap();
        assert_eq!((found.group(1), found.group(2)), (None, Some(1..2)));
    }
}
