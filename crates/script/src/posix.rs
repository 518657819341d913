//! POSIX extended regular expressions, with GNU's additions, in the syntax of the `regex` crate.
//!
//! Kamailio hands patterns to the C library. What differs from Rust's syntax: a backslash in
//! brackets is a plain character, `\d` is the letter d, a second quantifier applies to the first
//! (`a+?`), an unmatched `)` is a character, a lone `{` is an error.

use crate::regex::Case;

/// A translated pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Translated {
    /// The pattern, ASCII only. Meant for byte mode with Unicode off and `.` matching newlines.
    pub text: String,
    /// It refers back to a group (`\1`), which needs a backtracking engine.
    pub needs_backtracking: bool,
    /// Number of groups.
    pub groups: usize,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, thiserror::Error, Eq, PartialEq)]
pub enum SyntaxError {
    /// `*`, `+`, `?` or `{` without something before it.
    #[error("nothing to repeat before a quantifier")]
    NothingToRepeat,
    /// `{` without valid bounds after it.
    #[error("bad bounds in `{{…}}`")]
    BadBounds,
    /// `(` without `)`.
    #[error("unmatched `(`")]
    UnmatchedParenthesis,
    /// `[` without `]`.
    #[error("unmatched `[`")]
    UnmatchedBracket,
    /// `[b-a]`.
    #[error("range out of order in `[…]`")]
    BadRange,
    /// `[[:foo:]]`.
    #[error("unknown character class")]
    UnknownClass,
    /// `\` at the end.
    #[error("trailing backslash")]
    TrailingBackslash,
    /// `\2` where there is no second group yet.
    #[error("reference to a group that does not exist")]
    BadReference,
}

/// The most repetitions that the C library takes.
const MAX_REPEAT: u32 = 32_767;

/// Character classes of brackets.
const CLASSES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "xdigit",
];

/// Matches no byte at all.
const NEVER: &str = "[^\\x00-\\xFF]";

/// Translates a pattern. Whether case matters is for the caller to tell the engine, too.
pub fn translate(pattern: &[u8], case: Case) -> Result<Translated, SyntaxError> {
    let mut translator = Translator {
        case,
        rest: pattern,
        text: String::with_capacity(pattern.len() + 8),
        atom: None,
        open: Vec::new(),
        groups: 0,
        closed: 0,
        needs_backtracking: false,
    };
    while let Some(byte) = translator.next() {
        translator.element(byte)?;
    }
    if !translator.open.is_empty() {
        return Err(SyntaxError::UnmatchedParenthesis);
    }
    Ok(Translated {
        text: translator.text,
        needs_backtracking: translator.needs_backtracking,
        groups: translator.groups,
    })
}

struct Translator<'a> {
    case: Case,
    rest: &'a [u8],
    text: String,
    /// Where the element began that a quantifier would apply to, and whether it already has one.
    atom: Option<(usize, bool)>,
    /// Where the open groups began.
    open: Vec<usize>,
    groups: usize,
    closed: usize,
    needs_backtracking: bool,
}

impl Translator<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn element(&mut self, byte: u8) -> Result<(), SyntaxError> {
        match byte {
            b'\\' => self.escape(),
            b'[' => self.bracket(),
            b'*' | b'+' | b'?' => self.quantifier(char::from(byte).encode_utf8(&mut [0; 4])),
            b'{' => {
                let bounds = self.bounds()?;
                self.quantifier(&bounds)
            }
            b'(' => {
                self.open.push(self.text.len());
                self.groups += 1;
                self.text.push('(');
                self.atom = None;
                Ok(())
            }
            b')' => {
                match self.open.pop() {
                    Some(start) => {
                        self.closed += 1;
                        self.text.push(')');
                        self.atom = Some((start, false));
                    }
                    None => self.literal(byte),
                }
                Ok(())
            }
            b'|' => {
                self.text.push('|');
                self.atom = None;
                Ok(())
            }
            b'.' | b'^' | b'$' => {
                self.raw(char::from(byte).encode_utf8(&mut [0; 4]));
                Ok(())
            }
            _ => {
                self.literal(byte);
                Ok(())
            }
        }
    }

    /// Appends something that a quantifier may follow.
    fn raw(&mut self, text: &str) {
        self.atom = Some((self.text.len(), false));
        self.text.push_str(text);
    }

    fn literal(&mut self, byte: u8) {
        self.atom = Some((self.text.len(), false));
        push_byte(&mut self.text, byte);
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        let byte = self.next().ok_or(SyntaxError::TrailingBackslash)?;
        match byte {
            b'w' => self.raw("[0-9A-Za-z_]"),
            b'W' => self.raw("[^0-9A-Za-z_]"),
            b's' => self.raw("[ \\t-\\r]"),
            b'S' => self.raw("[^ \\t-\\r]"),
            b'b' => self.raw("\\b"),
            b'B' => self.raw("\\B"),
            b'<' => self.raw("\\b{start}"),
            b'>' => self.raw("\\b{end}"),
            b'`' => self.raw("\\A"),
            b'\'' => self.raw("\\z"),
            b'1'..=b'9' => {
                if usize::from(byte - b'0') > self.closed {
                    return Err(SyntaxError::BadReference);
                }
                self.needs_backtracking = true;
                // In a group of its own, so that a following digit stays a digit.
                let reference = format!("(?:\\{})", char::from(byte));
                self.raw(&reference);
            }
            // glibc folds the text to upper case, but not a letter after a backslash: `\d` matches
            // neither digits nor the letter.
            b'a'..=b'z' if self.case == Case::Insensitive => self.raw(NEVER),
            _ => self.literal(byte),
        }
        Ok(())
    }

    fn quantifier(&mut self, quantifier: &str) -> Result<(), SyntaxError> {
        let (start, quantified) = self.atom.ok_or(SyntaxError::NothingToRepeat)?;
        let repeats_anchor = matches!(&self.text[start..], "^" | "$" | "\\A" | "\\z");
        if quantified || repeats_anchor {
            self.text.insert_str(start, "(?:");
            self.text.push(')');
        }
        self.text.push_str(quantifier);
        self.atom = Some((start, true));
        Ok(())
    }

    /// The bounds after `{`, in the form that Rust takes.
    fn bounds(&mut self) -> Result<String, SyntaxError> {
        let end = self
            .rest
            .iter()
            .position(|&byte| byte == b'}')
            .ok_or(SyntaxError::BadBounds)?;
        let (inner, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        let inner = std::str::from_utf8(inner).map_err(|_| SyntaxError::BadBounds)?;
        let number = |text: &str| -> Result<u32, SyntaxError> {
            if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(SyntaxError::BadBounds);
            }
            let number = text.parse().map_err(|_| SyntaxError::BadBounds)?;
            if number > MAX_REPEAT {
                return Err(SyntaxError::BadBounds);
            }
            Ok(number)
        };
        match inner.split_once(',') {
            None => Ok(format!("{{{}}}", number(inner)?)),
            Some((low, high)) => {
                let low = if low.is_empty() { 0 } else { number(low)? };
                if high.is_empty() {
                    return Ok(format!("{{{low},}}"));
                }
                let high = number(high)?;
                if low > high {
                    return Err(SyntaxError::BadBounds);
                }
                Ok(format!("{{{low},{high}}}"))
            }
        }
    }

    /// A bracket expression, after its `[`.
    fn bracket(&mut self) -> Result<(), SyntaxError> {
        let start = self.text.len();
        self.text.push('[');
        if self.rest.first() == Some(&b'^') {
            self.next();
            self.text.push('^');
        }
        let mut first = true;
        loop {
            let byte = self.next().ok_or(SyntaxError::UnmatchedBracket)?;
            match byte {
                b']' if !first => break,
                b'[' if self.rest.first() == Some(&b':') => self.class()?,
                _ => self.bracket_item(byte)?,
            }
            first = false;
        }
        self.text.push(']');
        self.atom = Some((start, false));
        Ok(())
    }

    /// `[:name:]`, after its `[`.
    fn class(&mut self) -> Result<(), SyntaxError> {
        self.next();
        let end = memchr::memmem::find(self.rest, b":]").ok_or(SyntaxError::UnmatchedBracket)?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.get(2..).unwrap_or_default();
        let class = CLASSES
            .iter()
            .find(|class| class.as_bytes() == name)
            .ok_or(SyntaxError::UnknownClass)?;
        self.text.push_str("[:");
        self.text.push_str(class);
        self.text.push_str(":]");
        Ok(())
    }

    /// A character or range of a bracket expression.
    fn bracket_item(&mut self, byte: u8) -> Result<(), SyntaxError> {
        let low = self.collating(byte)?;
        let is_range =
            self.rest.first() == Some(&b'-') && self.rest.get(1).is_some_and(|&next| next != b']');
        push_hex(&mut self.text, low);
        if is_range {
            self.next();
            let byte = self.next().ok_or(SyntaxError::UnmatchedBracket)?;
            let high = self.collating(byte)?;
            if low > high {
                return Err(SyntaxError::BadRange);
            }
            self.text.push('-');
            push_hex(&mut self.text, high);
        }
        Ok(())
    }

    /// A character of brackets, also written `[.x.]` or `[=x=]`.
    fn collating(&mut self, byte: u8) -> Result<u8, SyntaxError> {
        match (byte, self.rest) {
            (b'[', [open @ (b'.' | b'='), character, close, b']', rest @ ..]) if open == close => {
                self.rest = rest;
                Ok(*character)
            }
            (b'[', [b'.' | b'=', ..]) => Err(SyntaxError::UnknownClass),
            _ => Ok(byte),
        }
    }
}

/// Appends a byte that stands for itself.
fn push_byte(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'@' | b':' | b'/' | b'=') {
        text.push(char::from(byte));
    } else {
        push_hex(text, byte);
    }
}

fn push_hex(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push_str("\\x");
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regex::Pattern;

    /// Each row was run through Kamailio 5.6.3's `=~` (None: it refuses to start).
    const ORACLE: &[(&str, &str, Option<bool>)] = &[
        ("b", "abc", Some(true)),
        ("B", "abc", Some(true)),
        ("^abc$", "abc", Some(true)),
        ("", "abc", Some(true)),
        ("^$", "", Some(true)),
        ("a|x", "abc", Some(true)),
        ("a{1}", "abc", Some(true)),
        ("[[:alpha:]]+", "abc", Some(true)),
        ("^[a-c]{3}$", "abc", Some(true)),
        ("[^]a]", "abc", Some(true)),
        (r"\.", "abc", Some(false)),
        (r"a\.c", "a.c", Some(true)),
        (r"a\.c", "abc", Some(false)),
        (r"a\+b", "a+b", Some(true)),
        (r"\d", "a1", Some(false)),
        (r"\w", "a1", Some(true)),
        (r"\s", "a 1", Some(true)),
        (r"\bab\b", "ab", Some(true)),
        ("^b", "a\nb", Some(false)),
        ("a.b", "a\nb", Some(true)),
        ("a$", "a\nb", Some(false)),
        ("a[^x]b", "a\nb", Some(true)),
        (r"^(a)\1$", "aa", Some(true)),
        ("[", "abc", None),
        ("*a", "abc", None),
        ("a**", "abc", Some(true)),
        (r"^a\*$", "a*", Some(true)),
        ("+", "abc", None),
        ("a|", "abc", Some(true)),
        ("|a", "abc", Some(true)),
        ("()", "abc", Some(true)),
        ("a||b", "abc", Some(true)),
        (r"a\{", "a{", Some(true)),
        ("a{x", "a{x", None),
        ("a{", "a{", None),
        ("a{,2}b", "abc", Some(true)),
        ("a{2,1}", "abc", None),
        ("a{0}b", "abc", Some(true)),
        ("a{1,}b", "abc", Some(true)),
        ("a)", "abc", Some(false)),
        (r"a\)", "a)", Some(true)),
        ("a]", "a]", Some(true)),
        ("a}", "a}", Some(true)),
        ("[[:foo:]]", "abc", None),
        ("[b-a]", "abc", None),
        ("[[.a.]]", "abc", Some(true)),
        ("[[=a=]]", "abc", Some(true)),
        ("^[a-]+b", "a-b", Some(true)),
        (r"[\]", r"a\b", Some(true)),
        (r"[\]]", "a]b", Some(false)),
        (r"^a[\]]b", "a]b", Some(false)),
        (r"[\w]", "abc", Some(false)),
        (r"\<abc\>", "abc", Some(true)),
        (r"\Bb\B", "abc", Some(true)),
        (r"\`abc", "abc", Some(true)),
        (r"\'", "abc", Some(true)),
        ("a^b", "abc", Some(false)),
        (r"a\^b", "a^b", Some(true)),
        ("a$b", "ab", Some(false)),
        ("(^a|b$)", "abc", Some(true)),
        ("x(^a|b$)", "xb", Some(true)),
        ("a+?b", "abc", Some(true)),
        ("(?:a)b", "abc", None),
        (r"\x61", "abc", Some(false)),
        (r"\n", "n", Some(false)),
        (r"\n", "\n", Some(false)),
        (r"\d", "d", Some(false)),
        (r"\D", "d", Some(true)),
        (r"a\/b", "a/b", Some(true)),
        ("^..$", "é", Some(true)),
        ("é", "É", Some(false)),
        ("^[^x]*$", "abc", Some(true)),
        ("a[[:lower:]]b", "aXb", Some(true)),
        ("a[.]b", "a.b", Some(true)),
        ("^a{2}$", "aa", Some(true)),
        ("a[+--]z", "a-z", Some(true)),
        ("a(b|c)*$", "abc", Some(true)),
        ("a\\", "a", None),
    ];

    #[test]
    fn matches_as_the_c_library_does() {
        for &(pattern, text, expected) in ORACLE {
            let matched = Pattern::new(pattern.as_bytes(), Case::Insensitive)
                .map(|regex| regex.is_match(text.as_bytes()));
            assert_eq!(
                matched.clone().ok(),
                expected,
                "{pattern:?} on {text:?}: {matched:?}"
            );
        }
    }

    #[test]
    fn case_matters_where_asked() {
        let pattern = Pattern::new(b"^A", Case::Sensitive).unwrap();
        assert!(!pattern.is_match(b"abc"));
        assert!(pattern.is_match(b"Abc"));
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_translated_or_refused(pattern: Vec<u8>, text: Vec<u8>) {
            if let Ok(pattern) = Pattern::new(&pattern, Case::Insensitive) {
                let _ = pattern.is_match(&text);
            }
        }

        #[test]
        fn what_translates_compiles(pattern in r"[ab.\[\]()|*+?{}0-9,^$\\:-]{0,12}") {
            if let Ok(translated) = translate(pattern.as_bytes(), Case::Insensitive) {
                let compiled = Pattern::new(pattern.as_bytes(), Case::Insensitive);
                let too_large = matches!(&compiled, Err(error) if error.to_string().contains("size"));
                proptest::prop_assert!(
                    compiled.is_ok() || too_large || translated.needs_backtracking,
                    "{} -> {}: {:?}", pattern, translated.text, compiled.err()
                );
            }
        }
    }
}
