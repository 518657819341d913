//! Calls and their arguments, which are wider than expressions.

use smallvec::SmallVec;

use super::Parser;
use super::comparisons::is_special;
use super::core_calls::takes_keyword;
use super::params::may_lack_parens;
use crate::ast::{Expr, ExprKind, Name, Span, Spanned};
use crate::lexer::token::TokenKind;
use crate::lexer::{KeywordKind, find_keyword};

impl Parser<'_> {
    /// `route(NAME)`, `route(expression)`.
    pub(super) fn route_call(&mut self) -> Option<Expr> {
        let start = self.span();
        self.advance();
        let open = self.span();
        self.advance();
        let target = match (self.word(), self.peek_at(1)) {
            (Some(word), TokenKind::RightParen) if !may_lack_parens(word) => {
                let name = self.word_as_route_name();
                Spanned {
                    node: ExprKind::Str(name.node.into()),
                    span: name.span,
                }
            }
            _ => self.expression()?,
        };
        self.close_paren(open);
        self.height += 1;
        Some(Spanned {
            node: ExprKind::Route(Box::new(target)),
            span: self.span_from(start),
        })
    }

    /// `name(argument, …)`, or a core function without parentheses.
    pub(super) fn call(&mut self) -> Option<Expr> {
        let start = self.span();
        let name = Name {
            node: self.text_of(start),
            span: start,
        };
        self.advance();
        // Most calls have few arguments: they are kept in a list of their number.
        let mut args: SmallVec<[Expr; 4]> = SmallVec::new();
        let mut height = 0;
        if self.is(&TokenKind::LeftParen) {
            let open = self.span();
            self.advance();
            while !self.is(&TokenKind::RightParen) {
                args.push(self.argument(&name.node, args.len())?);
                height = height.max(self.height);
                if !self.accept(&TokenKind::Comma) {
                    break;
                }
                if self.is(&TokenKind::RightParen) {
                    let diagnostic =
                        self.error_here("argument-expected", "an argument must follow the comma");
                    self.report(diagnostic);
                }
            }
            self.close_paren(open);
        }
        self.height = height + 1;
        Some(Spanned {
            node: ExprKind::Call {
                name,
                args: args.into_iter().collect(),
            },
            span: self.span_from(start),
        })
    }

    /// An argument; what core functions take is wider than an expression.
    fn argument(&mut self, function: &str, index: usize) -> Option<Expr> {
        self.height = 1;
        if super::flags::takes_avp_flag(function) {
            return self.avp_flag_argument(index);
        }
        if super::flags::takes_flag(function)
            && let Some(flag) = self.opt_flag()
        {
            return Some(flag);
        }
        if super::params::takes_host(function, index)
            && let Some(host) = self.opt_host_argument()
        {
            self.host_for_core(function, &host);
            return Some(host);
        }
        if let Some(keyword) = self.opt_keyword_argument(function, index) {
            return Some(keyword);
        }
        let argument = self.expression()?;
        self.not_an_assignment(&argument);
        self.constant_for_core(function, index, &argument);
        Some(argument)
    }

    /// `uri:host`, `TCP`: a keyword as a whole argument.
    fn opt_keyword_argument(&mut self, function: &str, index: usize) -> Option<Expr> {
        let span = self.span();
        let word = self.word()?;
        let is_whole = matches!(self.peek_at(1), TokenKind::Comma | TokenKind::RightParen);
        if !is_whole || !is_special(word) || !takes_keyword(function, index, word) {
            return None;
        }
        self.advance();
        Some(Spanned {
            node: ExprKind::Keyword(word.to_owned()),
            span,
        })
    }

    /// A bare host name or address as a string or address.
    pub(super) fn opt_host_argument(&mut self) -> Option<Expr> {
        let start = self.span();
        if matches!(self.peek(), TokenKind::Ip | TokenKind::LeftBracket)
            && !self.is_socket_literal()
        {
            return self.address();
        }
        let is_keyword = self.word().is_some_and(|word| {
            matches!(
                find_keyword(word).map(|keyword| keyword.kind),
                Some(KeywordKind::Operand | KeywordKind::Constant)
            ) && *self.peek_at(1) != TokenKind::Colon
        });
        if is_keyword
            || !matches!(
                self.peek(),
                TokenKind::Word | TokenKind::Ip | TokenKind::LeftBracket
            )
        {
            return None;
        }
        let span = self.take_socket_literal(start);
        Some(Spanned {
            node: ExprKind::Str(self.text_of(span).into()),
            span,
        })
    }

    fn is_socket_literal(&self) -> bool {
        let after = if self.is(&TokenKind::LeftBracket) {
            3
        } else {
            1
        };
        *self.peek_at(after) == TokenKind::Colon
    }

    /// Takes the tokens that stand together without space, such as `udp:10.0.0.1:5060`.
    fn take_socket_literal(&mut self, start: Span) -> Span {
        self.advance();
        while self.is_adjacent()
            && matches!(
                self.peek(),
                TokenKind::Word
                    | TokenKind::Int(_)
                    | TokenKind::Ip
                    | TokenKind::Dot
                    | TokenKind::Minus
                    | TokenKind::Colon
                    | TokenKind::LeftBracket
                    | TokenKind::RightBracket
            )
        {
            self.advance();
        }
        self.span_from(start)
    }

    /// No space stands before the next token.
    pub(super) fn is_adjacent(&self) -> bool {
        self.span().start == self.last_span().end
    }
}
