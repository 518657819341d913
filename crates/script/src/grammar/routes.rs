//! Route blocks.

use super::Parser;
use crate::ast::{Block, BlockKind, Name, Spanned};
use crate::diagnostic::Diagnostic;
use crate::lexer::is_reserved;
use crate::lexer::token::TokenKind;

/// Words that head a route block, with the kind of a named and of an unnamed one.
const HEADINGS: [(&str, Option<BlockKind>, Option<BlockKind>); 8] = [
    ("request_route", None, Some(BlockKind::Request)),
    ("reply_route", None, Some(BlockKind::Reply)),
    ("route", Some(BlockKind::Route), Some(BlockKind::Request)),
    (
        "onreply_route",
        Some(BlockKind::OnReply),
        Some(BlockKind::Reply),
    ),
    (
        "failure_route",
        Some(BlockKind::Failure),
        Some(BlockKind::Failure),
    ),
    (
        "branch_route",
        Some(BlockKind::Branch),
        Some(BlockKind::Branch),
    ),
    (
        "onsend_route",
        Some(BlockKind::OnSend),
        Some(BlockKind::OnSend),
    ),
    ("event_route", Some(BlockKind::Event), None),
];

/// What a word is to be that names a block.
const ROUTE_NAME: &str = "the name of a route";

/// Whether somewhere a letter follows a group's name and a colon.
fn is_event_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut colons = memchr::memchr_iter(b':', bytes);
    colons.any(|at| {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let mut group = bytes[..at].iter().rev().take_while(is_part);
        bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
            && group.any(|byte| !byte.is_ascii_digit())
    })
}

impl Parser<'_> {
    /// Whether a route block's heading begins here.
    pub(super) fn is_block_start(&self) -> bool {
        self.word()
            .is_some_and(|word| HEADINGS.iter().any(|(name, ..)| *name == word))
    }

    /// `heading[name] { statements }`.
    pub(super) fn block(&mut self) -> Option<Block> {
        let start = self.span();
        let word = self.word()?;
        let (_, named, unnamed) = HEADINGS.into_iter().find(|(name, ..)| *name == word)?;
        self.advance();
        let name = if self.is(&TokenKind::LeftBracket) {
            self.route_name(word == "event_route")?
        } else {
            None
        };
        let span = self.span_from(start);
        // The main blocks may be called 0.
        let is_main = name.as_ref().is_some_and(|name| name.node == "0") && unnamed.is_some();
        let (kind, name) = if is_main {
            (unnamed, None)
        } else if name.is_some() {
            (named, name)
        } else {
            (unnamed, None)
        };
        let Some(kind) = kind else {
            let message = if name.is_some() {
                format!("`{word}` has no name")
            } else {
                format!("`{word}` needs a name: `{word}[NAME]`")
            };
            let diagnostic = self.error_here("route-name", message);
            self.report(diagnostic);
            self.skip_to_item();
            return None;
        };
        if !self.is(&TokenKind::LeftBrace) {
            let found = self.found();
            let diagnostic = self.error_here(
                "missing-brace",
                format!("expected `{{` after `{word}`, found {found}"),
            );
            self.report(diagnostic);
            self.skip_to_item();
            return None;
        }
        let body = self.braced(&format!("`{}`", self.text_of(span)));
        Some(Block {
            kind,
            name,
            body,
            span,
        })
    }

    /// Takes a word that names a block. One that is a number names what that number names.
    pub(super) fn word_as_route_name(&mut self) -> Name {
        let span = self.span();
        let node = match self.opt_number() {
            Some(number) => number.node.to_string(),
            None => {
                self.must_be_free(ROUTE_NAME);
                self.advance();
                self.text_of(span)
            }
        };
        Name { node, span }
    }

    /// Complains when the next word is one of the language.
    pub(super) fn must_be_free(&mut self, what: &str) {
        let Some(word) = self.word().filter(|word| is_reserved(word)) else {
            return;
        };
        let message = format!("`{word}` is a word of the language, it cannot be {what}");
        let mut diagnostic = self.error_here("reserved-word", message);
        if what == ROUTE_NAME {
            diagnostic = diagnostic.with_help(format!("put it in quotes: \"{word}\""));
        }
        self.report_always(diagnostic);
    }

    /// `[NAME]`, `[1]`, `["name"]`.
    fn route_name(&mut self, is_event: bool) -> Option<Option<Name>> {
        let open = self.span();
        self.advance();
        let span = self.span();
        let name = match *self.peek() {
            TokenKind::Str => self.opt_string_name(),
            TokenKind::Int(number) => {
                self.advance();
                Some(Spanned {
                    node: number.to_string(),
                    span,
                })
            }
            TokenKind::Word => Some(self.word_as_route_name()),
            TokenKind::EventName => {
                self.advance();
                Some(Spanned {
                    node: self.text_of(span),
                    span,
                })
            }
            _ => None,
        };
        if is_event && name.as_ref().is_some_and(|name| !is_event_name(&name.node)) {
            let diagnostic = Diagnostic::error(
                "route-name",
                self.origin(span),
                "an event route's name has a group and an event: `group:event`",
            );
            self.report_always(diagnostic);
        }
        if name.is_some() && self.accept(&TokenKind::RightBracket) {
            return Some(name);
        }
        let found = self.found();
        let open = self.origin(open);
        let diagnostic = self
            .error_here(
                "route-name",
                format!("bad name of a route: {found} cannot stand here"),
            )
            .with_label(open, "the name begins here")
            .with_help("names are letters, digits and underscores; others are put in quotes");
        self.report(diagnostic);
        self.skip_to_item();
        None
    }
}
