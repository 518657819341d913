//! Going on after a mistake.

use super::Parser;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use crate::lexer::token::TokenKind;

/// Whether a word can only begin a top-level element.
fn begins_item(word: &str) -> bool {
    matches!(
        word,
        "loadmodule"
            | "loadmodulex"
            | "modparam"
            | "modparamx"
            | "loadpath"
            | "mpath"
            | "cfgengine"
            | "request_route"
            | "reply_route"
            | "onreply_route"
            | "failure_route"
            | "branch_route"
            | "onsend_route"
            | "event_route"
            | "bind"
            | "listen"
    )
}

impl Parser<'_> {
    /// Whether a top-level element surely begins here: used to notice a block that was not closed.
    pub(super) fn is_item_start(&self) -> bool {
        match self.word() {
            Some("route") => {
                matches!(
                    self.peek_at(1),
                    TokenKind::LeftBrace | TokenKind::LeftBracket
                )
            }
            Some(word) => {
                begins_item(word)
                    && !matches!(self.peek_at(1), TokenKind::LeftParen if !word.starts_with("modparam"))
            }
            None => false,
        }
    }

    /// Skips to the next place where a top-level element may begin: a line that starts with a
    /// word, outside braces.
    pub(super) fn skip_to_item(&mut self) {
        let mut depth = 0_usize;
        while !self.is_end() {
            match self.peek() {
                TokenKind::LeftBrace => depth += 1,
                TokenKind::RightBrace => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        self.advance();
                        return;
                    }
                }
                TokenKind::Word if self.is_item_start() || depth == 0 && self.is_line_start() => {
                    return;
                }
                TokenKind::Semicolon if depth == 0 => return,
                _ => {}
            }
            self.advance();
        }
    }

    /// Skips to the end of a statement: behind `;`, or before a brace or a statement's word on a
    /// new line.
    pub(super) fn skip_statement(&mut self) {
        let mut depth = 0_usize;
        while !self.is_end() {
            match self.peek() {
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                TokenKind::LeftBrace | TokenKind::RightBrace => return,
                TokenKind::Semicolon if depth == 0 => {
                    self.advance();
                    return;
                }
                TokenKind::Word | TokenKind::Variable if self.is_line_start() => return,
                _ => {}
            }
            self.advance();
        }
    }

    /// Whether the next token is the first on its line.
    pub(super) fn is_line_start(&self) -> bool {
        let start = self.span().start as usize;
        let from = self.last_span().end as usize;
        self.at == 0
            || self
                .text
                .get(from..start)
                .is_some_and(|gap| gap.contains(&b'\n'))
    }

    /// Takes `)`, or complains and points at the opening.
    pub(super) fn close_paren(&mut self, open: Span) {
        if self.accept(&TokenKind::RightParen) {
            return;
        }
        let found = self.found();
        let open = self.origin(open);
        let diagnostic = self
            .error_here("missing-paren", format!("expected `)`, found {found}"))
            .with_label(open, "opened here");
        self.report(diagnostic);
    }

    /// Takes `;` behind the statement that begins with a word, or complains.
    pub(super) fn semicolon(&mut self, word: &str) {
        if !self.accept(&TokenKind::Semicolon) {
            self.missing_semicolon(&format!("`{word}`"));
        }
    }

    /// Complains of a statement without its end, the most common mistake.
    pub(super) fn missing_semicolon(&mut self, what: &str) {
        if self.reported_at == Some(self.at) {
            return;
        }
        let last = self.last_span();
        let end = Span {
            start: last.end.saturating_sub(1),
            end: last.end,
        };
        let found = self.found();
        let mut diagnostic = Diagnostic::error(
            "missing-semicolon",
            self.origin(end),
            format!("missing `;` after {what}"),
        )
        .with_note("`;` expected after this");
        if !self.is_line_start() && !matches!(self.peek(), TokenKind::RightBrace | TokenKind::End) {
            diagnostic = diagnostic.with_help(format!("{found} cannot follow here"));
        }
        self.report(diagnostic);
    }

    /// Runs a production one level deeper; beyond the limit it is not run at all.
    pub(super) fn nested<T>(
        &mut self,
        production: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.depth >= super::MAX_DEPTH {
            let diagnostic = self
                .error_here("nesting-too-deep", "this is nested too deep")
                .with_help(format!("at most {} levels are allowed", super::MAX_DEPTH));
            self.report(diagnostic);
            return None;
        }
        self.depth += 1;
        let result = production(self);
        self.depth -= 1;
        result
    }
}
