//! Comparisons with the operands of the core: `src_ip == 10.0.0.0/8`, `method == INVITE`. They are
//! no values: they stand on the left of a comparison, and each kind has its own right sides.

use super::Parser;
use super::expressions::{EQUALITY, RELATION};
use crate::ast::{BinaryOp, Expr, ExprKind, Span, Spanned};
use crate::diagnostic::Diagnostic;
use crate::lexer::token::TokenKind;
use crate::lexer::{KeywordKind, find_keyword};

/// What an operand is compared as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operand {
    /// `method`: words are texts.
    Method,
    /// `uri`, `status`.
    Text,
    /// `src_ip`: addresses, networks and host names stand for themselves.
    Address,
    /// `src_port`, `msg:len`, `af`.
    Number,
    /// `proto`: a number that has names.
    Transport,
    /// `myself`: stands on either side.
    Myself,
    /// `UDP`: stands on the right only.
    Constant,
}

impl Operand {
    fn of(word: &str) -> Self {
        match word {
            "method" => Self::Method,
            "uri" | "from_uri" | "to_uri" | "status" => Self::Text,
            "proto" | "snd_proto" | "to_proto" => Self::Transport,
            "myself" => Self::Myself,
            "msg:len" | "af" | "snd_af" | "to_af" => Self::Number,
            _ if word.ends_with("_ip") => Self::Address,
            _ if word.ends_with("_port") => Self::Number,
            _ => Self::Constant,
        }
    }

    /// Numbers have an order and no patterns, texts have patterns and no order.
    fn operators(self) -> (&'static [BinaryOp], &'static str) {
        use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, Match, NotEqual};
        match self {
            Self::Method | Self::Text | Self::Address => {
                (&[Equal, NotEqual, Match], "==, != or =~")
            }
            Self::Number => (
                &[Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual],
                "==, !=, <, <=, > or >=",
            ),
            Self::Transport | Self::Myself | Self::Constant => (&[Equal, NotEqual], "== or !="),
        }
    }

    /// Whether another operand or constant can stand on its right.
    fn takes(self, right: Self) -> bool {
        match self {
            Self::Text | Self::Address => right == Self::Myself,
            Self::Transport => right == Self::Constant,
            Self::Myself => matches!(right, Self::Text | Self::Address),
            Self::Method | Self::Number | Self::Constant => false,
        }
    }

    /// What a word that is none of the language would have to be.
    fn wanted(self, word: &str) -> (&'static str, &'static str) {
        match self {
            Self::Transport => ("transport", "known are UDP, TCP, TLS, SCTP, WS, WSS"),
            Self::Number if word.ends_with("af") => ("address family", "known are INET, INET6"),
            Self::Number => ("number", "ports and sizes are compared with numbers"),
            Self::Method | Self::Text | Self::Address | Self::Myself | Self::Constant => {
                ("value", "a text is written in quotes")
            }
        }
    }
}

impl Parser<'_> {
    /// What follows an operand of the core: comparisons with it bind tighter than `!`.
    pub(super) fn comparison(&mut self, word: &str, span: Span) -> Option<Expr> {
        let operator = self.opt_binary_operator();
        let operand = Spanned {
            node: ExprKind::Keyword(word.to_owned()),
            span,
        };
        let Some((op, EQUALITY | RELATION)) = operator else {
            self.lone_operand(word, span);
            return Some(operand);
        };
        let kind = Operand::of(word);
        if kind == Operand::Constant {
            self.lone_operand(word, span);
        }
        let (operators, named) = kind.operators();
        if !operators.contains(&op) {
            let message = format!("`{word}` can be compared with {named} only");
            let diagnostic = self.error_here("bad-operator", message);
            self.report(diagnostic);
        }
        self.advance();
        let value = self.compared_value(word, kind)?;
        self.height += 1;
        Some(Spanned {
            node: ExprKind::Binary(op, Box::new(operand), Box::new(value)),
            span: self.span_from(span),
        })
    }

    /// What an operand is compared with.
    fn compared_value(&mut self, operand: &str, kind: Operand) -> Option<Expr> {
        self.height = 1;
        let span = self.span();
        if matches!(self.peek(), TokenKind::Ip | TokenKind::LeftBracket) {
            let address = self.opt_host_argument()?;
            if kind != Operand::Address {
                self.lone_address(&address);
            }
            return Some(address);
        }
        let is_called = *self.peek_at(1) == TokenKind::LeftParen;
        if let Some(word) = self.word().filter(|_| !is_called) {
            match find_keyword(word).map(|keyword| keyword.kind) {
                Some(KeywordKind::Operand | KeywordKind::Constant) => {
                    self.compared_operand(operand, word);
                    return Some(Spanned {
                        node: ExprKind::Keyword(word.to_owned()),
                        span,
                    });
                }
                Some(KeywordKind::Number(_) | KeywordKind::Operator) => {}
                _ if kind == Operand::Address => return self.opt_host_argument(),
                _ => return Some(self.compared_word(word, operand, kind)),
            }
        }
        let value = self.nested(|parser| parser.binary(EQUALITY + 1))?;
        if kind == Operand::Myself {
            let value = self.origin(value.span);
            let message = "`myself` can be compared with operands of the core only";
            let diagnostic = Diagnostic::error("lone-operand", value, message)
                .with_help("for other values there is is_myself(\"…\")");
            self.report(diagnostic);
        }
        Some(value)
    }

    /// Another operand or constant.
    fn compared_operand(&mut self, operand: &str, word: &str) {
        let right = Operand::of(word);
        if !Operand::of(operand).takes(right) {
            let message = format!("`{operand}` cannot be compared with `{word}`");
            let mut diagnostic = self.error_here("bad-comparison", message);
            if let Some(help) = value_of(word) {
                diagnostic = diagnostic.with_help(help);
            }
            self.report(diagnostic);
        }
        self.advance();
    }

    /// A bare word as a string: the name of a method.
    fn compared_word(&mut self, word: &str, operand: &str, kind: Operand) -> Expr {
        let span = self.span();
        let is_host = *self.peek_at(1) == TokenKind::Dot && self.span_at(1).start == span.end;
        if kind != Operand::Method && !is_host {
            let (what, help) = kind.wanted(operand);
            let diagnostic = self
                .error_here("unknown-word", format!("`{word}` is no {what}"))
                .with_help(help);
            self.report(diagnostic);
        }
        self.advance();
        if is_host {
            let diagnostic = self
                .error_here("bare-word", format!("`{word}` cannot be followed by a dot"))
                .with_help("a text is written in quotes");
            self.report(diagnostic);
        }
        Spanned {
            node: ExprKind::Str(word.to_owned().into()),
            span,
        }
    }

    pub(super) fn lone_operand(&mut self, word: &str, span: Span) {
        let help = value_of(word).unwrap_or(match word {
            "myself" => {
                "only core operands can be compared with it: `uri == myself`; for other values there is is_myself(\"…\")"
            }
            _ => "a text is written in quotes, a value is read with a `$` variable",
        });
        let diagnostic = Diagnostic::error(
            "lone-operand",
            self.origin(span),
            format!("`{word}` can only stand on the left of a comparison"),
        )
        .with_help(help);
        self.report(diagnostic);
    }
}

/// How the value of an operand is had elsewhere.
fn value_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "uri" => "its value is `$ru`",
        "from_uri" => "its value is `$fu`",
        "to_uri" => "its value is `$tu`",
        "method" => "its value is `$rm`",
        "status" => "its value is `$rs`",
        "src_ip" => "its value is `$si`",
        "src_port" => "its value is `$sp`",
        "dst_ip" => "its value is `$Ri`",
        "dst_port" => "its value is `$Rp`",
        "proto" => "its value is `$pr`",
        "af" => "its value is `$af`",
        "msg:len" => "its value is `$ml`",
        _ => return None,
    })
}

/// Whether a word is a core operand or constant.
pub(super) fn is_special(word: &str) -> bool {
    matches!(
        find_keyword(word).map(|keyword| keyword.kind),
        Some(KeywordKind::Operand | KeywordKind::Constant)
    )
}
