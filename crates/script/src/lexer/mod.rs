//! From expanded text to tokens.

pub(crate) mod keywords;
pub(crate) mod literal;
mod reserved;
pub(crate) mod scan;
pub(crate) mod token;

pub use keywords::find as find_keyword;
pub use keywords::{KEYWORDS, Keyword, KeywordKind};
pub use reserved::{OF_THE_CORE, is_reserved};

use bytes::Bytes;

use crate::ast::Span;
use scan::End;
use token::{Token, TokenKind};

/// A mistake that the lexer found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LexicalError {
    /// A string without its closing quote.
    UnterminatedString,
    /// A `/*` without `*/`.
    UnterminatedComment,
    /// A variable without its closing parenthesis, or a bare `$`.
    UnterminatedVariable,
    /// A select without its closing bracket.
    UnterminatedSelect,
    /// Digits that are no number in their notation.
    BadNumber,
    /// A number wider than 32 bits.
    WideNumber,
    /// A byte that begins nothing.
    StrayByte,
}

/// All tokens of a text; the last one is [`TokenKind::End`].
pub(crate) struct Lexed {
    /// The tokens.
    pub(crate) tokens: Vec<Token>,
    /// Mistakes in the order of their places.
    pub(crate) errors: Vec<(LexicalError, Span)>,
}

/// Splits expanded text into tokens.
pub(crate) fn lex(text: &[u8]) -> Lexed {
    let mut lexer = Lexer {
        text,
        at: 0,
        out: Lexed {
            tokens: Vec::with_capacity(text.len() / 4),
            errors: Vec::new(),
        },
    };
    while lexer.at < text.len() {
        let before = lexer.at;
        lexer.token();
        assert!(lexer.at > before, "the lexer must advance");
    }
    lexer.push(TokenKind::End, text.len());
    lexer.out
}

/// Whether text starts with `$t.name`, which stands for an attribute.
fn is_classed(text: &[u8]) -> bool {
    let end = scan::attribute_end(text, 0);
    text.get(..end).is_some_and(|name| name.contains(&b'.')) && text.get(end) != Some(&b'(')
}

/// The bytes that a string token stands for. One without its closing quote ends with its line.
pub(crate) fn string_value(quoted: &[u8]) -> Bytes {
    let is_plain = matches!(quoted, [b'\'', .., b'\''] | [b'"', .., b'"'])
        && memchr::memchr(b'\\', quoted).is_none();
    if is_plain {
        Bytes::copy_from_slice(&quoted[1..quoted.len() - 1])
    } else if scan::string_end(quoted, 0).closed {
        literal::unquote(quoted)
    } else {
        Bytes::copy_from_slice(quoted.get(1..).unwrap_or_default())
    }
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    out: Lexed,
}

impl Lexer<'_> {
    fn token(&mut self) {
        let rest = &self.text[self.at..];
        match rest[0] {
            byte if byte.is_ascii_whitespace() || byte == 0x0b => {
                self.at = scan::space_end(self.text, self.at);
            }
            b'#' => self.at = scan::line_end(self.text, self.at),
            b'/' if rest.get(1) == Some(&b'/') => self.at = scan::line_end(self.text, self.at),
            b'/' if rest.get(1) == Some(&b'*') => self.comment(),
            // A backslash joins lines.
            b'\\' if matches!(rest.get(1), Some(b'\n' | b'\r')) => self.at += 2,
            b'"' | b'\'' => self.string(),
            b'%' if rest.get(1).is_some_and(|byte| scan::is_name_start(*byte)) => {
                self.push(
                    TokenKind::Attribute,
                    scan::attribute_end(self.text, self.at),
                );
            }
            b'$' if is_classed(rest) => {
                self.push(
                    TokenKind::Attribute,
                    scan::attribute_end(self.text, self.at),
                );
            }
            b'$' => {
                let end = scan::variable_end(self.text, self.at);
                let closed = end.closed && end.at > self.at + 1;
                self.element(
                    TokenKind::Variable,
                    End { closed, ..end },
                    LexicalError::UnterminatedVariable,
                );
            }
            b'@' => {
                let end = scan::select_end(self.text, self.at);
                self.element(TokenKind::Select, end, LexicalError::UnterminatedSelect);
            }
            byte => {
                let address = if byte.is_ascii_hexdigit() || rest.starts_with(b"::") {
                    literal::address_length(rest)
                } else {
                    0
                };
                if address > 0 {
                    self.push(TokenKind::Ip, self.at + address);
                } else if byte.is_ascii_digit() {
                    self.number();
                } else if scan::is_name_start(byte) {
                    self.word();
                } else {
                    self.punctuation();
                }
            }
        }
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        let span = self.span_to(end);
        self.out.tokens.push(Token { kind, span });
        self.at = end;
    }

    fn span_to(&self, end: usize) -> Span {
        Span {
            start: self.at as u32,
            end: end as u32,
        }
    }

    fn comment(&mut self) {
        let end = scan::block_comment_end(self.text, self.at);
        if !end.closed {
            let span = self.span_to(self.at + 2);
            self.out
                .errors
                .push((LexicalError::UnterminatedComment, span));
        }
        self.at = end.at;
    }

    fn element(&mut self, kind: TokenKind, end: End, error: LexicalError) {
        if !end.closed {
            let span = self.span_to(end.at);
            self.out.errors.push((error, span));
        }
        self.push(kind, end.at);
    }

    fn string(&mut self) {
        let end = scan::string_end(self.text, self.at);
        self.element(TokenKind::Str, end, LexicalError::UnterminatedString);
    }

    fn number(&mut self) {
        let end = scan::name_end(self.text, self.at);
        let digits = &self.text[self.at..end];
        let span = self.span_to(end);
        let value = literal::integer(digits);
        if value.is_none() {
            // Host names such as 3cx.example.com start like numbers: the grammar joins them.
            if digits.iter().any(u8::is_ascii_alphabetic) && !digits.starts_with(b"0") {
                self.push(TokenKind::Word, end);
                return;
            }
            self.out.errors.push((LexicalError::BadNumber, span));
        } else if literal::is_too_wide(digits) {
            self.out.errors.push((LexicalError::WideNumber, span));
        }
        self.push(TokenKind::Int(value.unwrap_or(0)), end);
    }

    fn word(&mut self) {
        let start = self.at;
        let mut end = scan::name_end(self.text, start);
        // `uri:host` and its kin are single words.
        if self.text.get(end) == Some(&b':') {
            let stop = scan::name_end(self.text, end + 1);
            if matches!(
                &self.text[start..stop],
                b"uri:host" | b"uri:port" | b"msg:len"
            ) {
                end = stop;
            }
        }
        let is_event = &self.text[start..end] == b"event_route";
        self.push(TokenKind::Word, end);
        if is_event {
            self.event_name();
        }
    }

    /// The name of an event route holds characters that are no word elsewhere.
    fn event_name(&mut self) {
        let skip = self.text[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if self.text.get(self.at + skip) != Some(&b'[') {
            return;
        }
        self.at += skip;
        self.push(TokenKind::LeftBracket, self.at + 1);
        let rest = &self.text[self.at..];
        let length = rest
            .iter()
            .take_while(|byte| !matches!(byte, b']' | b'\n' | b'{'))
            .count();
        let (name, padding) = {
            let raw = &rest[..length];
            let padding = raw
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            (raw.trim_ascii(), padding)
        };
        // A quoted name is lexed as the string that it is.
        if name.is_empty() || name[0] == b'"' || name[0] == b'\'' {
            return;
        }
        let name_length = name.len();
        self.at += padding;
        self.push(TokenKind::EventName, self.at + name_length);
    }

    fn punctuation(&mut self) {
        use TokenKind as T;
        let rest = &self.text[self.at..];
        let pair = match rest.get(..2) {
            Some(b"==") => Some(T::Equal),
            Some(b"!=") => Some(T::NotEqual),
            Some(b"=~") => Some(T::Match),
            Some(b"<=") => Some(T::LessEqual),
            Some(b">=") => Some(T::GreaterEqual),
            Some(b"<<") => Some(T::ShiftLeft),
            Some(b">>") => Some(T::ShiftRight),
            Some(b"&&") => Some(T::And),
            Some(b"||") => Some(T::Or),
            Some(b"+=") => Some(T::PlusAssign),
            _ => None,
        };
        if let Some(kind) = pair {
            self.push(kind, self.at + 2);
            return;
        }
        let kind = match rest[0] {
            b'{' => T::LeftBrace,
            b'}' => T::RightBrace,
            b'(' => T::LeftParen,
            b')' => T::RightParen,
            b'[' => T::LeftBracket,
            b']' => T::RightBracket,
            b';' => T::Semicolon,
            b':' => T::Colon,
            b',' => T::Comma,
            b'.' => T::Dot,
            b'=' => T::Assign,
            b'<' => T::Less,
            b'>' => T::Greater,
            b'!' => T::Not,
            b'&' => T::BitAnd,
            b'|' => T::BitOr,
            b'^' => T::BitXor,
            b'~' => T::BitNot,
            b'+' => T::Plus,
            b'-' => T::Minus,
            b'*' => T::Star,
            b'/' => T::Slash,
            _ => T::Unknown,
        };
        if kind == T::Unknown {
            // One complaint for a run of them (a word in another script, a byte order mark).
            let length = rest
                .iter()
                .take_while(|byte| !byte.is_ascii())
                .count()
                .max(1);
            let span = self.span_to(self.at + length);
            self.out.errors.push((LexicalError::StrayByte, span));
            self.at += length;
        } else {
            self.push(kind, self.at + 1);
        }
    }
}
