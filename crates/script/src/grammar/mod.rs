//! From tokens to the tree: recursive descent for items and statements, precedence climbing for
//! expressions.
//!
//! A production `foo` needs its construct and complains when it is not there; `opt_foo` may find
//! nothing. After a mistake the parser goes on at the next place that it understands, so one run
//! reports all mistakes. It always yields a tree.

mod calls;
mod comparisons;
mod core_calls;
mod expressions;
mod flags;
mod hosts;
mod items;
mod params;
mod recover;
mod routes;
mod statements;

use bytes::Bytes;

use crate::ast::{Config, Name, Span, Spanned, Stmt};
use crate::diagnostic::Diagnostic;
use crate::lexer::token::{Token, TokenKind};
use crate::lexer::{self, LexicalError};
use crate::source::{Origin, SourceMap};
use flags::Flags;

/// Statements and expressions may nest this deep.
const MAX_DEPTH: usize = 200;
/// More mistakes than this help nobody.
const MAX_DIAGNOSTICS: usize = 200;

/// Parses expanded text.
pub(crate) fn parse(text: &[u8], source: &SourceMap) -> (Config, Vec<Diagnostic>) {
    let lexed = lexer::lex(text);
    let mut parser = Parser {
        text,
        characters: std::str::from_utf8(text).ok(),
        statements: Vec::new(),
        source,
        tokens: lexed.tokens,
        at: 0,
        depth: 0,
        height: 0,
        reported_at: None,
        broken: Vec::new(),
        strays: Vec::new(),
        diagnostics: Vec::new(),
        flags: Flags::default(),
    };
    for (error, span) in lexed.errors {
        parser.lexical_error(error, span);
        match error {
            LexicalError::WideNumber => {}
            LexicalError::StrayByte => parser.strays.push(span),
            _ => parser.broken.push(span),
        }
    }
    let config = parser.config();
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary);
    (config, diagnostics)
}

struct Parser<'t> {
    text: &'t [u8],
    /// The text, if it is all characters: then its parts need not be looked at again.
    characters: Option<&'t str>,
    /// Statements of the lists that are being read, so that each list is made in its size.
    statements: Vec<Stmt>,
    source: &'t SourceMap,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Height of the expression that was parsed last.
    height: usize,
    /// The token that the last complaint was about: one complaint for one token.
    reported_at: Option<usize>,
    /// Tokens that the lexer complained about: what follows from them needs no second complaint.
    broken: Vec<Span>,
    /// Bytes that mean nothing; they were passed over.
    strays: Vec<Span>,
    diagnostics: Vec<Diagnostic>,
    flags: Flags,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &TokenKind {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &TokenKind {
        self.tokens
            .get(self.at + ahead)
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn is(&self, kind: &TokenKind) -> bool {
        self.peek() == kind
    }

    fn is_end(&self) -> bool {
        self.is(&TokenKind::End)
    }

    /// The place of the next token.
    fn span(&self) -> Span {
        self.span_at(0)
    }

    fn span_at(&self, ahead: usize) -> Span {
        let end = self.text.len() as u32;
        self.tokens
            .get(self.at + ahead)
            .map_or(Span { start: end, end }, |token| token.span)
    }

    /// The place of the token before the next one.
    fn last_span(&self) -> Span {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(Span::default(), |token| token.span)
    }

    /// From `start` to the end of the last token.
    fn span_from(&self, start: Span) -> Span {
        Span {
            start: start.start,
            end: self.last_span().end.max(start.start),
        }
    }

    fn text_of(&self, span: Span) -> String {
        let range = span.start as usize..span.end as usize;
        if let Some(text) = self.characters.and_then(|text| text.get(range.clone())) {
            return text.to_owned();
        }
        let bytes = self.text.get(range).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The next token's text when it is a word.
    fn word(&self) -> Option<&'t str> {
        self.word_at(0)
    }

    fn word_at(&self, ahead: usize) -> Option<&'t str> {
        let token = self.tokens.get(self.at + ahead)?;
        if token.kind != TokenKind::Word {
            return None;
        }
        let range = token.span.start as usize..token.span.end as usize;
        match self.characters {
            Some(text) => text.get(range),
            None => std::str::from_utf8(self.text.get(range)?).ok(),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    /// Takes the next token if it is of this kind.
    fn accept(&mut self, kind: &TokenKind) -> bool {
        let found = self.is(kind);
        if found {
            self.advance();
        }
        found
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    /// Takes one string literal.
    fn opt_literal(&mut self) -> Option<Bytes> {
        if !self.is(&TokenKind::Str) {
            return None;
        }
        let span = self.span();
        self.advance();
        let quoted = self.text.get(span.start as usize..span.end as usize);
        Some(lexer::string_value(quoted.unwrap_or_default()))
    }

    /// Takes a string; neighbours are joined.
    fn opt_string(&mut self) -> Option<Spanned<Bytes>> {
        let mut node = self.opt_literal()?;
        let start = self.last_span();
        if self.is_joined() {
            let mut joined = Vec::from(&node[..]);
            while self.is_joined()
                && let Some(next) = self.opt_literal()
            {
                joined.extend_from_slice(&next);
            }
            node = joined.into();
        }
        Some(Spanned {
            node,
            span: self.span_from(start),
        })
    }

    /// Whether a string follows that belongs to the one before: only those in double quotes do.
    fn is_joined(&self) -> bool {
        let is_double = |span: Span| self.text.get(span.start as usize) == Some(&b'"');
        self.is(&TokenKind::Str) && is_double(self.span()) && is_double(self.last_span())
    }

    /// A string that is a name.
    fn opt_string_name(&mut self) -> Option<Name> {
        self.opt_string().map(|string| Spanned {
            node: String::from_utf8_lossy(&string.node).into_owned(),
            span: string.span,
        })
    }

    /// A string that is a name, or a complaint.
    fn string_name(&mut self, what: &str) -> Option<Name> {
        let name = self.opt_string_name();
        if name.is_none() {
            let found = self.found();
            let mut diagnostic = self.error_here(
                "string-expected",
                format!("{what} must be a string in quotes, found {found}"),
            );
            if let Some(word) = self.word() {
                diagnostic = diagnostic.with_help(format!("write \"{word}\""));
            }
            self.report(diagnostic);
        }
        name
    }

    /// The next token for people.
    fn found(&self) -> String {
        match self.peek() {
            TokenKind::End => "the end of the configuration".to_owned(),
            _ => format!("`{}`", shorten(&self.text_of(self.span()))),
        }
    }

    fn origin(&self, span: Span) -> Origin {
        self.source.origin(span)
    }

    /// The place of the next token; at the end of the text, that of the last one.
    fn origin_here(&self) -> Origin {
        if self.is_end() {
            self.origin(self.last_span())
        } else {
            self.origin(self.span())
        }
    }

    fn error_here(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.origin_here(), message)
    }

    /// Adds a complaint about the next token, unless there is one already.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.reported_at == Some(self.at) {
            return;
        }
        self.reported_at = Some(self.at);
        if self.is_broken(self.span()) || self.is_broken(self.last_span()) {
            return;
        }
        if self.is_behind_stray() {
            return;
        }
        self.report_always(diagnostic);
    }

    fn is_broken(&self, span: Span) -> bool {
        // They are in the order of the text.
        self.broken
            .binary_search_by_key(&span.start, |broken| broken.start)
            .is_ok()
    }

    /// Whether a byte that means nothing stands before the next token. That was said already; now
    /// it is known to be more than noise.
    fn is_behind_stray(&mut self) -> bool {
        let (from, to) = (self.last_span().end, self.span().start);
        // They are in the order of the text.
        let first = self.strays.partition_point(|stray| stray.start < from);
        let Some(stray) = self.strays.get(first).filter(|stray| stray.end <= to) else {
            return false;
        };
        let origin = self.origin(*stray);
        for diagnostic in &mut self.diagnostics {
            if diagnostic.primary == origin {
                diagnostic.is_beyond = false;
            }
        }
        true
    }

    /// Adds a complaint about a place already passed.
    fn report_always(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn lexical_error(&mut self, error: LexicalError, span: Span) {
        let origin = self.origin(span);
        let text = shorten(&self.text_of(span));
        let diagnostic = match error {
            LexicalError::UnterminatedString => Diagnostic::error(
                "unterminated-string",
                origin,
                "this string has no closing quote",
            )
            .with_help("a quote inside a string is written \\\""),
            LexicalError::UnterminatedComment => {
                Diagnostic::error("unterminated-comment", origin, "this comment has no end")
                    .with_note("opened here")
                    .with_help("comments nest: each `/*` needs its own `*/`")
                    .beyond()
            }
            LexicalError::UnterminatedVariable if text == "$" => {
                Diagnostic::error("bad-variable", origin, "a name must follow `$`")
            }
            LexicalError::UnterminatedVariable => Diagnostic::error(
                "unterminated-variable",
                origin,
                "this variable has no closing parenthesis",
            ),
            LexicalError::UnterminatedSelect => Diagnostic::error(
                "unterminated-select",
                origin,
                "this select has no closing bracket",
            ),
            LexicalError::BadNumber => {
                Diagnostic::error("bad-number", origin, format!("`{text}` is no number"))
                    .with_help("numbers: 10, 0x1f (hexadecimal), 017 (octal), 101b (binary)")
            }
            LexicalError::WideNumber => Diagnostic::warning(
                "wide-number",
                origin,
                format!("only 32 bits are kept of `{text}`"),
            ),
            LexicalError::StrayByte => Diagnostic::error(
                "stray-character",
                origin,
                format!("`{text}` means nothing here"),
            )
            .beyond(),
        };
        self.report_always(diagnostic);
    }
}

/// Text that fits in a message.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 40 {
        return line.to_owned();
    }
    let start: String = line.chars().take(37).collect();
    format!("{start}...")
}

#[cfg(test)]
mod tests;
