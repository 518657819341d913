//! Statements.

use super::Parser;
use super::params::may_lack_parens;
use crate::ast::{Case, CaseLabel, Expr, ExprKind, Span, Spanned, Stmt, StmtKind};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::token::TokenKind;
use crate::lexer::{KEYWORDS, KeywordKind};

impl Parser<'_> {
    /// `{ statements }`; at least a `;` must stand between the braces.
    pub(super) fn braced(&mut self, what: &str) -> Vec<Stmt> {
        let open = self.span();
        self.advance();
        if self.is(&TokenKind::RightBrace) {
            let diagnostic = Diagnostic::error(
                "empty-block",
                self.origin(Span {
                    start: open.start,
                    end: self.span().end,
                }),
                format!("{what} has no statements"),
            )
            .with_help("write `{ ; }` when nothing is to be done");
            self.report(diagnostic);
        }
        let body = self.statements(false);
        self.close_brace(open, what);
        body
    }

    pub(super) fn close_brace(&mut self, open: Span, what: &str) {
        if self.accept(&TokenKind::RightBrace) {
            return;
        }
        let found = self.found();
        let open = self.origin(open);
        let diagnostic = self
            .error_here(
                "missing-brace",
                format!("missing `}}` of {what}, found {found}"),
            )
            .with_label(open, "opened here");
        self.report(diagnostic);
    }

    /// Statements up to a `}`, up to something that begins a top-level element, or in a switch up
    /// to the next label.
    fn statements(&mut self, in_case: bool) -> Vec<Stmt> {
        let first = self.statements.len();
        while !self.is_end() && !self.is(&TokenKind::RightBrace) && !self.is_item_start() {
            if in_case && matches!(self.word(), Some("case" | "default")) {
                break;
            }
            let before = self.at;
            if !self.accept(&TokenKind::Semicolon) {
                match self.statement() {
                    Some(statement) => self.statements.push(statement),
                    None => self.skip_statement(),
                }
            }
            if self.at == before && !self.is(&TokenKind::RightBrace) {
                self.advance();
            }
        }
        self.statements.split_off(first)
    }

    fn statement(&mut self) -> Option<Stmt> {
        self.nested(|parser| {
            let start = parser.span();
            let node = parser.statement_kind()?;
            Some(Spanned {
                node,
                span: parser.span_from(start),
            })
        })
    }

    fn statement_kind(&mut self) -> Option<StmtKind> {
        match self.peek() {
            TokenKind::Variable | TokenKind::Attribute => return self.assignment(),
            TokenKind::Word => {}
            TokenKind::LeftBrace => {
                let diagnostic = self
                    .error_here("stray-block", "a block must belong to a statement")
                    .with_help("`{` may follow if (…), else, while (…) and a route's name");
                self.report(diagnostic);
                return Some(StmtKind::Block(self.braced("this block")));
            }
            _ => {
                let found = self.found();
                let diagnostic = self.error_here(
                    "statement-expected",
                    format!("expected a statement, found {found}"),
                );
                self.report(diagnostic);
                return None;
            }
        }
        match self.word()? {
            "if" => self.if_statement(),
            "while" => self.while_statement(),
            "switch" => self.switch_statement(),
            "break" => {
                self.advance();
                self.semicolon("break");
                Some(StmtKind::Break)
            }
            "return" => Some(StmtKind::Return(self.result("return"))),
            "exit" => Some(StmtKind::Exit(self.result("exit"))),
            "drop" => Some(StmtKind::Drop(self.result("drop"))),
            "else" => {
                let diagnostic = self
                    .error_here("stray-else", "`else` without `if`")
                    .with_help("no `;` may stand between `}` and `else`");
                self.report(diagnostic);
                self.advance();
                None
            }
            _ => self.call_statement(),
        }
    }

    /// What follows `return`, `exit` and `drop`.
    fn result(&mut self, word: &str) -> Option<Expr> {
        self.advance();
        let is_empty = self.is(&TokenKind::LeftParen) && *self.peek_at(1) == TokenKind::RightParen;
        let value = if is_empty {
            self.advance();
            self.advance();
            None
        } else if self.is(&TokenKind::Semicolon)
            || !self.is_expression_start()
            || self.is_line_start()
        {
            None
        } else {
            self.expression()
        };
        self.semicolon(word);
        value
    }

    fn assignment(&mut self) -> Option<StmtKind> {
        let span = self.span();
        // An attribute has one value: what is assigned takes the place of all before.
        let target = Spanned {
            node: ExprKind::Variable(match self.peek() {
                TokenKind::Attribute => format!("$(avp({})[*])", self.attribute_name()),
                _ => self.text_of(span),
            }),
            span,
        };
        self.advance();
        if !self.accept(&TokenKind::Assign) {
            let found = self.found();
            let mut diagnostic = self.error_here(
                "assignment-expected",
                format!("expected `=` after `{}`, found {found}", self.text_of(span)),
            );
            match self.peek() {
                TokenKind::PlusAssign => {
                    let name = self.text_of(span);
                    diagnostic = diagnostic.with_help(format!("write `{name} = {name} + …`"));
                }
                TokenKind::Equal => {
                    diagnostic = diagnostic.with_help("`=` assigns, `==` compares");
                }
                _ => {}
            }
            self.report(diagnostic);
            return None;
        }
        let value = self.expression()?;
        if !self.accept(&TokenKind::Semicolon) {
            self.missing_semicolon("this assignment");
        }
        Some(StmtKind::Assign { target, value })
    }

    fn call_statement(&mut self) -> Option<StmtKind> {
        let word = self.word()?;
        let is_call = *self.peek_at(1) == TokenKind::LeftParen;
        let call = if word == "route" && is_call {
            self.route_call()
        } else if is_call || may_lack_parens(word) {
            self.call()
        } else {
            self.unknown_statement(word);
            return None;
        }?;
        self.semicolon(word);
        Some(StmtKind::Expr(call))
    }

    fn unknown_statement(&mut self, word: &str) {
        let mut diagnostic =
            self.error_here("unknown-statement", format!("`{word}` begins no statement"));
        let statements = KEYWORDS
            .iter()
            .filter(|keyword| keyword.kind == KeywordKind::Statement)
            .map(|keyword| keyword.name);
        diagnostic = match word {
            "elseif" | "elsif" | "elif" => diagnostic.with_help("write `else if`"),
            "for" | "foreach" => diagnostic.with_help("loops are written with `while`"),
            "continue" => diagnostic.with_help("loops have no `continue`: put the rest in an `if`"),
            _ => match nearest(word, statements) {
                Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")),
                None => diagnostic
                    .with_help(format!("a function is called with parentheses: {word}();")),
            },
        };
        self.report(diagnostic);
    }

    fn if_statement(&mut self) -> Option<StmtKind> {
        self.advance();
        let condition = self.condition("if")?;
        let then = self.body("`if`");
        let otherwise = if self.accept_word("else") {
            self.body("`else`")
        } else {
            Vec::new()
        };
        Some(StmtKind::If {
            condition,
            then,
            otherwise,
        })
    }

    fn while_statement(&mut self) -> Option<StmtKind> {
        self.advance();
        let condition = self.condition("while")?;
        let body = self.body("`while`");
        Some(StmtKind::While { condition, body })
    }

    /// A condition; parentheses around it are common but not needed.
    fn condition(&mut self, word: &str) -> Option<Expr> {
        let start = self.span();
        if let Some(condition) = self.expression() {
            self.not_an_assignment(&condition);
            return Some(condition);
        }
        let diagnostic =
            self.error_here("condition-expected", format!("`{word}` needs a condition"));
        self.report(diagnostic);
        self.skip_condition();
        // The body is still worth reading.
        (!self.is_end()).then(|| Spanned {
            node: ExprKind::Int(0),
            span: self.span_from(start),
        })
    }

    /// Skips to what looks like the body behind a condition that made no sense.
    fn skip_condition(&mut self) {
        while !matches!(
            self.peek(),
            TokenKind::LeftBrace | TokenKind::RightBrace | TokenKind::Semicolon | TokenKind::End
        ) && !self.is_item_start()
        {
            self.advance();
        }
    }

    /// A block or a single statement.
    fn body(&mut self, what: &str) -> Vec<Stmt> {
        if self.is(&TokenKind::LeftBrace) {
            return self
                .nested(|parser| Some(parser.braced(what)))
                .unwrap_or_default();
        }
        if self.accept(&TokenKind::Semicolon) {
            return Vec::new();
        }
        match self.statement() {
            Some(statement) => vec![statement],
            None => {
                self.skip_statement();
                Vec::new()
            }
        }
    }

    fn switch_statement(&mut self) -> Option<StmtKind> {
        self.advance();
        let subject = self.condition("switch")?;
        let open = self.span();
        if !self.accept(&TokenKind::LeftBrace) {
            let found = self.found();
            let diagnostic = self.error_here(
                "missing-brace",
                format!("expected `{{` after the switch, found {found}"),
            );
            self.report(diagnostic);
            return None;
        }
        let mut cases = Vec::new();
        while !self.is_end() && !self.is(&TokenKind::RightBrace) && !self.is_item_start() {
            let before = self.at;
            if let Some(case) = self.opt_case() {
                cases.push(case);
            } else {
                let found = self.found();
                let diagnostic = self.error_here(
                    "case-expected",
                    format!("expected `case` or `default`, found {found}"),
                );
                self.report(diagnostic);
                self.skip_statement();
            }
            if self.at == before {
                self.advance();
            }
        }
        self.close_brace(open, "the switch");
        Some(StmtKind::Switch { subject, cases })
    }

    fn opt_case(&mut self) -> Option<Case> {
        let start = self.span();
        let label = match self.word()? {
            "default" => {
                self.advance();
                CaseLabel::Default
            }
            "case" => {
                self.advance();
                if self.accept(&TokenKind::Slash) {
                    if matches!(self.peek(), TokenKind::BitXor | TokenKind::Colon) {
                        self.string_name("the regular expression")?;
                    }
                    CaseLabel::Regex(self.expression()?)
                } else {
                    CaseLabel::Value(self.expression()?)
                }
            }
            _ => return None,
        };
        let span = self.span_from(start);
        if !self.accept(&TokenKind::Colon) {
            let found = self.found();
            let diagnostic = self.error_here(
                "missing-colon",
                format!("expected `:` after the label, found {found}"),
            );
            self.report(diagnostic);
        }
        let body = self.statements(true);
        Some(Case { label, body, span })
    }
}
