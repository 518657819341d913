//! Arguments taken apart the way GNU getopt does: clusters of letters, glued values, operands
//! anywhere, `--` before the last of them.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A piece of the command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A letter behind a dash, alone or in a cluster.
    Short(char),
    /// A word behind two dashes, with what follows its `=`.
    Long(String, Option<OsString>),
    /// Anything else.
    Operand(OsString),
}

/// The arguments that were not yet looked at.
pub(super) struct Arguments {
    waiting: VecDeque<OsString>,
    /// What is left of a cluster.
    cluster: Vec<u8>,
    /// Behind `--` there are no options.
    only_operands: bool,
}

impl Arguments {
    pub(super) fn new<I>(arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        Self {
            waiting: arguments.into_iter().map(Into::into).collect(),
            cluster: Vec::new(),
            only_operands: false,
        }
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Option<Token> {
        if let Some(letter) = self.letter() {
            return Some(Token::Short(letter));
        }
        let argument = self.waiting.pop_front()?;
        let bytes = argument.as_bytes();
        if self.only_operands || !bytes.starts_with(b"-") || bytes == b"-" {
            return Some(Token::Operand(argument));
        }
        if bytes == b"--" {
            self.only_operands = true;
            return self.next();
        }
        let Some(long) = bytes.strip_prefix(b"--") else {
            self.cluster = bytes.get(1..).unwrap_or_default().to_vec();
            return self.letter().map(Token::Short);
        };
        let mut parts = long.splitn(2, |byte| *byte == b'=');
        let name = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let value = parts.next().map(|value| OsString::from_vec(value.to_vec()));
        Some(Token::Long(name, value))
    }

    /// The value of the letter that was taken last: the rest of its cluster, or the next argument.
    pub(super) fn value(&mut self) -> Option<OsString> {
        if self.cluster.is_empty() {
            return self.waiting.pop_front();
        }
        Some(OsString::from_vec(std::mem::take(&mut self.cluster)))
    }

    /// The next letter of the cluster; a character outside of ASCII counts as one.
    fn letter(&mut self) -> Option<char> {
        let chunk = self.cluster.utf8_chunks().next()?;
        let (letter, length) = match chunk.valid().chars().next() {
            Some(letter) => (letter, letter.len_utf8()),
            None => (char::REPLACEMENT_CHARACTER, chunk.invalid().len()),
        };
        self.cluster.drain(..length);
        Some(letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(arguments: &[&str]) -> Vec<Token> {
        let mut arguments = Arguments::new(arguments.iter().copied());
        std::iter::from_fn(|| arguments.next()).collect()
    }

    fn operand(text: &str) -> Token {
        Token::Operand(text.into())
    }

    #[test]
    fn clusters_words_and_operands() {
        assert_eq!(
            tokens(&["-DE", "x", "--a=b=c", "--d", "-", "--", "-v", "--"]),
            [
                Token::Short('D'),
                Token::Short('E'),
                operand("x"),
                Token::Long("a".into(), Some("b=c".into())),
                Token::Long("d".into(), None),
                operand("-"),
                operand("-v"),
                operand("--"),
            ]
        );
    }

    #[test]
    fn a_value_is_the_rest_or_the_next_argument() {
        let mut arguments = Arguments::new(["-m=64", "-m", "-v", "-m"]);
        for expected in [Some("=64"), Some("-v"), None] {
            assert_eq!(arguments.next(), Some(Token::Short('m')));
            assert_eq!(arguments.value(), expected.map(OsString::from));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_letters_too() {
        let mut arguments = Arguments::new([OsString::from_vec(vec![b'-', 0xff, b'x'])]);
        assert_eq!(arguments.next(), Some(Token::Short('\u{fffd}')));
        assert_eq!(arguments.next(), Some(Token::Short('x')));
        assert_eq!(tokens(&["-é"]), [Token::Short('é')]);
    }
}
