//! Tokens.

use crate::ast::Span;

/// A token with its place in the expanded text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it stands.
    pub(crate) span: Span,
}

/// What a token is. Words are told apart by the grammar, where their meaning depends on place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    /// A name or keyword.
    Word,
    /// An integer; numbers are 32 bits wide.
    Int(i32),
    /// A string; what it stands for is [`super::string_value`].
    Str,
    /// `$…`.
    Variable,
    /// `%name`, `$t.name`: an attribute as SER wrote it.
    Attribute,
    /// `@…`.
    Select,
    /// An IPv4 or IPv6 address.
    Ip,
    /// What stands between the brackets of `event_route[…]`.
    EventName,
    /// `{`.
    LeftBrace,
    /// `}`.
    RightBrace,
    /// `(`.
    LeftParen,
    /// `)`.
    RightParen,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// `;`.
    Semicolon,
    /// `:`.
    Colon,
    /// `,`.
    Comma,
    /// `.`.
    Dot,
    /// `=`.
    Assign,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `=~`.
    Match,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `<<`.
    ShiftLeft,
    /// `>>`.
    ShiftRight,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `!`.
    Not,
    /// `&`.
    BitAnd,
    /// `|`.
    BitOr,
    /// `^`.
    BitXor,
    /// `~`.
    BitNot,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `+=`.
    PlusAssign,
    /// A byte that begins nothing.
    Unknown,
    /// The end of the text.
    End,
}
