//! Expressions, by precedence climbing.
//!
//! From loosest to tightest, all grouping to the left, as Kamailio 5.6.3 does:
//! `||`, `&&`, `|`, `&`, `^`, shifts, `== != =~ eq ne ieq ine`, `< <= > >=`, `+ -`, `* / mod`,
//! operators with one operand.

use super::Parser;
use crate::ast::{BinaryOp, Choice, Expr, ExprKind, Span, Spanned, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lexer::token::TokenKind;
use crate::lexer::{KeywordKind, find_keyword, scan};

/// An expression's tree may be this high.
const MAX_HEIGHT: usize = 1000;

impl Parser<'_> {
    /// An expression, or a complaint.
    pub(super) fn expression(&mut self) -> Option<Expr> {
        self.nested(|parser| parser.binary(0))
    }

    /// Whether an expression may begin here.
    pub(super) fn is_expression_start(&self) -> bool {
        !matches!(
            self.peek(),
            TokenKind::Semicolon
                | TokenKind::RightBrace
                | TokenKind::RightParen
                | TokenKind::Comma
                | TokenKind::End
        )
    }

    pub(super) fn binary(&mut self, least: u8) -> Option<Expr> {
        let start = self.span();
        let mut left = self.unary()?;
        let mut height = self.height;
        while let Some((op, power)) = self.opt_binary_operator() {
            if power < least {
                break;
            }
            self.advance();
            let right = self.nested(|parser| parser.binary(power + 1))?;
            height = height.max(self.height) + 1;
            if height > MAX_HEIGHT {
                let diagnostic = self.error_here("nesting-too-deep", "this expression is too long");
                self.report(diagnostic);
                return None;
            }
            let span = self.span_from(start);
            left = Spanned {
                node: ExprKind::Binary(op, Box::new(left), Box::new(right)),
                span,
            };
        }
        self.height = height;
        Some(left)
    }

    pub(super) fn opt_binary_operator(&self) -> Option<(BinaryOp, u8)> {
        use BinaryOp as B;
        let found = match self.peek() {
            TokenKind::Or => (B::Or, 1),
            TokenKind::And => (B::And, 2),
            TokenKind::BitOr => (B::BitOr, 3),
            TokenKind::BitAnd => (B::BitAnd, 4),
            TokenKind::BitXor => (B::BitXor, 5),
            TokenKind::ShiftLeft => (B::ShiftLeft, 6),
            TokenKind::ShiftRight => (B::ShiftRight, 7),
            TokenKind::Equal => (B::Equal, EQUALITY),
            TokenKind::NotEqual => (B::NotEqual, EQUALITY),
            TokenKind::Match => (B::Match, EQUALITY),
            TokenKind::Less => (B::Less, RELATION),
            TokenKind::LessEqual => (B::LessEqual, RELATION),
            TokenKind::Greater => (B::Greater, RELATION),
            TokenKind::GreaterEqual => (B::GreaterEqual, RELATION),
            TokenKind::Plus => (B::Add, 10),
            TokenKind::Minus => (B::Subtract, 10),
            TokenKind::Star => (B::Multiply, 11),
            TokenKind::Slash => (B::Divide, 11),
            TokenKind::Word => return self.word().and_then(word_operator),
            _ => return None,
        };
        Some(found)
    }

    fn unary(&mut self) -> Option<Expr> {
        let start = self.span();
        let op = match self.peek() {
            TokenKind::Not => UnaryOp::Not,
            TokenKind::BitNot => UnaryOp::BitNot,
            TokenKind::Minus => {
                if let TokenKind::Int(value) = *self.peek_at(1) {
                    self.advance();
                    self.advance();
                    self.height = 1;
                    let node = ExprKind::Int(i64::from(value.wrapping_neg()));
                    return Some(Spanned {
                        node,
                        span: self.span_from(start),
                    });
                }
                UnaryOp::Minus
            }
            TokenKind::LeftParen if *self.peek_at(2) == TokenKind::RightParen => {
                match self.word_at(1) {
                    Some("int") => UnaryOp::CastInt,
                    Some("str") => UnaryOp::CastStr,
                    _ => return self.primary(),
                }
            }
            TokenKind::Word => match self.word() {
                Some("not") => UnaryOp::Not,
                Some("defined") => UnaryOp::Defined,
                _ => return self.primary(),
            },
            _ => return self.primary(),
        };
        self.advance();
        if matches!(op, UnaryOp::CastInt | UnaryOp::CastStr) {
            self.advance();
            self.advance();
        }
        let operand = self.nested(Self::unary)?;
        self.height += 1;
        Some(Spanned {
            node: ExprKind::Unary(op, Box::new(operand)),
            span: self.span_from(start),
        })
    }

    fn primary(&mut self) -> Option<Expr> {
        self.height = 1;
        let span = self.span();
        let node = match self.peek() {
            TokenKind::Int(value) => ExprKind::Int(i64::from(*value)),
            TokenKind::Variable if *self.peek_at(1) == TokenKind::LeftBracket => {
                return Some(self.attribute());
            }
            TokenKind::Variable => ExprKind::Variable(self.text_of(span)),
            TokenKind::Select => ExprKind::Select(self.text_of(span)),
            TokenKind::Attribute => return Some(self.attribute()),
            TokenKind::Str => {
                let string = self.opt_string()?;
                return Some(Spanned {
                    node: ExprKind::Str(string.node),
                    span: string.span,
                });
            }
            TokenKind::Ip | TokenKind::LeftBracket => {
                let address = self.address()?;
                if !matches!(self.peek(), TokenKind::Equal | TokenKind::NotEqual) {
                    self.lone_address(&address);
                }
                return Some(address);
            }
            TokenKind::LeftParen => return self.group(),
            TokenKind::Word => return self.word_expression(),
            _ => {
                self.no_expression();
                return None;
            }
        };
        self.advance();
        Some(Spanned { node, span })
    }

    /// An attribute that is read: the AVP of that name, or with `[index]` one of several. The
    /// oldest is number 1, the newest number -1.
    fn attribute(&mut self) -> Expr {
        let start = self.span();
        let name = self.attribute_name();
        let is_plain = name.bytes().all(|byte| scan::is_name(byte) || byte == b'.');
        let mut text = match self.peek() {
            TokenKind::Attribute => format!("$avp({name})"),
            _ => self.text_of(start),
        };
        self.advance();
        let is_negative = *self.peek_at(1) == TokenKind::Minus;
        let sign = usize::from(is_negative);
        if is_plain
            && self.is(&TokenKind::LeftBracket)
            && let TokenKind::Int(index) = *self.peek_at(1 + sign)
            && *self.peek_at(2 + sign) == TokenKind::RightBracket
        {
            for _ in 0..3 + sign {
                self.advance();
            }
            text = match index {
                0 => "$null".to_owned(),
                _ if is_negative => format!("$(avp({name})[{}])", index - 1),
                _ => format!("$(avp({name})[{}])", index.wrapping_neg()),
            };
        }
        Spanned {
            node: ExprKind::Variable(text),
            span: self.span_from(start),
        }
    }

    /// The name of the attribute that the next token is.
    pub(super) fn attribute_name(&mut self) -> String {
        let span = self.span();
        let mut text = self.text_of(span);
        if text.starts_with('$') && !self.source.has_attributes(span) {
            let diagnostic = self
                .error_here(
                    "dialect",
                    format!("`{text}` is an attribute, which the native dialect does not know"),
                )
                .with_help(format!("write `%{}`", &text[1..]))
                .with_help(
                    "or have no `#!KAMAILIO` in the configuration, or `#!MAXCOMPAT` after it",
                );
            self.report(diagnostic);
        }
        text.split_off(1)
    }

    pub(super) fn lone_address(&mut self, address: &Expr) {
        let text = self.text_of(address.span);
        let diagnostic = Diagnostic::error(
            "lone-operand",
            self.origin(address.span),
            format!("the address `{text}` can only be compared with a core operand"),
        )
        .with_help(format!("a text is written in quotes: \"{text}\""))
        .with_help("addresses are compared with `src_ip`, `dst_ip`, `snd_ip`, `to_ip`");
        self.report(diagnostic);
    }

    fn no_expression(&mut self) {
        let found = self.found();
        let mut diagnostic = self.error_here(
            "expression-expected",
            format!("expected an expression, found {found}"),
        );
        match self.peek() {
            TokenKind::Assign => {
                diagnostic = diagnostic.with_help("`==` compares, `=` assigns");
            }
            TokenKind::Plus => diagnostic = diagnostic.with_help("there is no sign `+`"),
            TokenKind::BitNot => {
                diagnostic = diagnostic.with_help("to negate a match write `!(… =~ …)`");
            }
            _ => {}
        }
        self.report(diagnostic);
    }

    /// `(expression)`.
    fn group(&mut self) -> Option<Expr> {
        let open = self.span();
        self.advance();
        let inner = self.assignment_or_binary()?;
        if self.odd_operator() {
            return None;
        }
        self.close_paren(open);
        Some(Spanned {
            node: inner.node,
            span: self.span_from(open),
        })
    }

    /// An expression that may be an assignment, as in a condition: `$var(x) = …` writes and says
    /// whether that worked, which is hardly ever what was meant.
    pub(super) fn assignment_or_binary(&mut self) -> Option<Expr> {
        let start = self.span();
        let left = self.nested(|parser| parser.binary(0))?;
        let is_target = matches!(left.node, ExprKind::Variable(_)) && !self.was_grouped(start);
        if !self.is(&TokenKind::Assign) || !is_target {
            self.not_an_assignment(&left);
            return Some(left);
        }
        let place = self.origin(left.span);
        let diagnostic = Diagnostic::warning(
            "assignment-in-condition",
            self.origin_here(),
            "`=` assigns here, and what it yields is not the value",
        )
        .with_note("did you mean `==`?")
        .with_label(place, "this is overwritten");
        self.report_always(diagnostic);
        self.advance();
        let value = self.nested(|parser| parser.binary(0))?;
        self.not_an_assignment(&value);
        self.height += 1;
        Some(Spanned {
            node: ExprKind::Assign {
                target: Box::new(left),
                value: Box::new(value),
            },
            span: self.span_from(start),
        })
    }

    /// Whether the expression that began at `start` stands in parentheses of its own.
    fn was_grouped(&self, start: Span) -> bool {
        self.text.get(start.start as usize) == Some(&b'(')
    }

    /// `=` behind what cannot be assigned to: says so and skips it.
    pub(super) fn not_an_assignment(&mut self, left: &Expr) {
        if !self.is(&TokenKind::Assign) {
            return;
        }
        let left = self.origin(left.span);
        let diagnostic = self
            .error_here(
                "assignment-in-condition",
                "`=` assigns: it cannot stand here",
            )
            .with_note("did you mean `==`?")
            .with_label(left, "this would be overwritten");
        self.report(diagnostic);
        self.advance();
        let _ = self.nested(|parser| parser.binary(0));
    }

    /// `10.0.0.1`, `10.0.0.0/8`, `1.2.3.4/255.0.0.0`, `[::1]`, `[2001:db8::]/32`.
    pub(super) fn address(&mut self) -> Option<Expr> {
        let start = self.span();
        let bracketed = self.accept(&TokenKind::LeftBracket);
        if !self.is(&TokenKind::Ip) {
            let found = self.found();
            let diagnostic = self.error_here(
                "address-expected",
                format!("expected an address, found {found}"),
            );
            self.report(diagnostic);
            return None;
        }
        let mut text = self.text_of(self.span());
        self.advance();
        if bracketed && !self.accept(&TokenKind::RightBracket) {
            let diagnostic = self.error_here("missing-bracket", "expected `]` after the address");
            self.report(diagnostic);
        }
        if self.is(&TokenKind::Slash)
            && matches!(self.peek_at(1), TokenKind::Int(_) | TokenKind::Ip)
        {
            self.advance();
            text.push('/');
            text.push_str(&self.text_of(self.span()));
            self.advance();
        }
        Some(Spanned {
            node: ExprKind::Ip(text),
            span: self.span_from(start),
        })
    }

    fn word_expression(&mut self) -> Option<Expr> {
        let span = self.span();
        let word = self.word()?;
        let is_call = *self.peek_at(1) == TokenKind::LeftParen;
        match word {
            "strlen" | "strempty" => return self.string_operator(word),
            "selval" => return self.choice(),
            "route" if is_call => return self.route_call(),
            _ => {}
        }
        match find_keyword(word).map(|keyword| keyword.kind) {
            Some(KeywordKind::Number(value)) => {
                self.advance();
                return Some(Spanned {
                    node: ExprKind::Int(value),
                    span,
                });
            }
            Some(KeywordKind::Operand | KeywordKind::Constant) if !is_call => {
                self.advance();
                return self.comparison(word, span);
            }
            _ => {}
        }
        if is_call || super::params::may_lack_parens(word) {
            return self.call();
        }
        let diagnostic = self
            .error_here(
                "bare-word",
                format!("`{word}` is neither a value nor a call"),
            )
            .with_help(format!("a text is written in quotes: \"{word}\""))
            .with_help(format!("a function is called with parentheses: {word}()"));
        self.report(diagnostic);
        self.advance();
        Some(Spanned {
            node: ExprKind::Str(word.to_owned().into()),
            span,
        })
    }

    /// `selval(condition, value, other)`.
    fn choice(&mut self) -> Option<Expr> {
        let start = self.span();
        self.advance();
        let open = self.span();
        if !self.accept(&TokenKind::LeftParen) {
            let diagnostic = self.error_here("missing-paren", "`selval` needs parentheses");
            self.report(diagnostic);
            return None;
        }
        let condition = self.expression()?;
        let mut height = self.height;
        self.comma()?;
        let then = self.expression()?;
        height = height.max(self.height);
        self.comma()?;
        let otherwise = self.expression()?;
        self.height = height.max(self.height) + 1;
        self.close_paren(open);
        Some(Spanned {
            node: ExprKind::Choice(Box::new(Choice {
                condition,
                then,
                otherwise,
            })),
            span: self.span_from(start),
        })
    }

    /// `strlen(…)`, `strempty(…)`.
    fn string_operator(&mut self, word: &str) -> Option<Expr> {
        let start = self.span();
        self.advance();
        let op = if word == "strlen" {
            UnaryOp::StrLen
        } else {
            UnaryOp::StrEmpty
        };
        if !self.is(&TokenKind::LeftParen) {
            let diagnostic =
                self.error_here("missing-paren", format!("`{word}` needs parentheses"));
            self.report(diagnostic);
            return None;
        }
        let operand = self.group()?;
        self.height += 1;
        Some(Spanned {
            node: ExprKind::Unary(op, Box::new(operand)),
            span: self.span_from(start),
        })
    }

    /// Reports a bad operator such as `!~` with what to write instead.
    fn odd_operator(&mut self) -> bool {
        if !(self.is(&TokenKind::Not) && *self.peek_at(1) == TokenKind::BitNot) {
            return false;
        }
        let diagnostic = Diagnostic::error(
            "unknown-operator",
            self.origin(Span {
                start: self.span().start,
                end: self.span_at(1).end,
            }),
            "there is no operator `!~`",
        )
        .with_help("write `!(… =~ …)`");
        self.report(diagnostic);
        true
    }
}

/// How tightly `==` and its kin bind.
pub(super) const EQUALITY: u8 = 8;
/// How tightly `<` and its kin bind.
pub(super) const RELATION: u8 = 9;

fn word_operator(word: &str) -> Option<(BinaryOp, u8)> {
    let found = match word {
        "or" => (BinaryOp::Or, 1),
        "and" => (BinaryOp::And, 2),
        "eq" => (BinaryOp::StrEqual, EQUALITY),
        "ne" => (BinaryOp::StrNotEqual, EQUALITY),
        "ieq" => (BinaryOp::IntEqual, EQUALITY),
        "ine" => (BinaryOp::IntNotEqual, EQUALITY),
        "mod" => (BinaryOp::Modulo, 11),
        _ => return None,
    };
    Some(found)
}
