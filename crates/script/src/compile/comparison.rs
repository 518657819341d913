//! Comparisons, also those with operands of the core.

use std::net::IpAddr;

use super::Compiler;
use super::expression::{Kind, variable_name};
use super::fold::{constant, int_operator};
use crate::ast::{BinaryOp, Expr, ExprKind, Span, UnaryOp};
use crate::host::{Catalog, Comparison};
use crate::program::{IntOp, Op};
use crate::regex::{Case, Pattern};
use crate::value::Value;

impl<C: Catalog> Compiler<'_, C> {
    pub(super) fn equality(
        &mut self,
        negated: bool,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Kind {
        if self.special_comparison(negated, Comparison::Equal, left, right, span) {
            return Kind::Int;
        }
        if is_null(right) {
            return self.null_test(negated, left, span);
        }
        if !negated && is_empty_string(right) {
            return self.unary(UnaryOp::StrEmpty, left, span);
        }
        let kind = self.operand(left);
        let right_kind = self.right_operand(kind, right);
        let op = match kind {
            Kind::Str => Op::TextEqual { negated },
            Kind::Any => Op::Equal { negated },
            Kind::Int | Kind::Code => {
                if right_kind == Kind::Str {
                    self.mismatch(right.span, Kind::Str);
                }
                Op::Int2(if negated {
                    IntOp::NotEqual
                } else {
                    IntOp::Equal
                })
            }
        };
        self.assembler.emit(op, span);
        Kind::Int
    }

    pub(super) fn text_equality(
        &mut self,
        negated: bool,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Kind {
        if is_null(right) {
            return self.null_test(negated, left, span);
        }
        self.text_operand(left);
        self.operand(right);
        self.assembler.emit(Op::TextEqual { negated }, span);
        Kind::Int
    }

    /// Pushes an operand that must not be an integer.
    fn text_operand(&mut self, operand: &Expr) {
        if self.operand(operand) == Kind::Int {
            self.mismatch(operand.span, Kind::Int);
        }
    }

    /// `… == $null` asks whether something is defined, whatever its kind.
    pub(super) fn null_test(&mut self, negated: bool, left: &Expr, span: Span) -> Kind {
        self.text_operand(left);
        self.assembler.emit(Op::Defined, span);
        if !negated {
            self.assembler.emit(Op::Not, span);
        }
        Kind::Int
    }

    pub(super) fn matching(
        &mut self,
        negated: bool,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Kind {
        if is_special(left) && is_no_pattern(left, right) {
            self.late_mismatch(right.span, "address");
            self.assembler.emit(Op::Int(0), span);
            return Kind::Int;
        }
        if self.special_comparison(negated, Comparison::Match, left, right, span) {
            return Kind::Int;
        }
        if is_null(right) {
            return self.null_test(negated, left, span);
        }
        self.text_operand(left);
        if let Some(pattern) = constant(right) {
            let Value::Str(pattern) = pattern else {
                self.late_mismatch(right.span, "integer");
                return Kind::Int;
            };
            match Pattern::new(&pattern, Case::Insensitive) {
                Ok(pattern) => {
                    let pattern = self.assembler.pattern(pattern);
                    let op = match left.node {
                        ExprKind::Keyword(_) => Op::MatchPresent { pattern },
                        _ => Op::Match { pattern, negated },
                    };
                    self.assembler.emit(op, span);
                }
                Err(error) => {
                    self.bad_regex(right.span, &error);
                }
            }
            return Kind::Int;
        }
        if self.operand(right) == Kind::Int {
            self.late_mismatch(right.span, "integer");
        }
        let failed = self.fails_to().0;
        let op = Op::MatchDynamic { negated, failed };
        self.assembler.emit(op, span);
        Kind::Int
    }

    /// A comparison whose operands the host knows better than their values (`uri == myself`,
    /// `src_ip == 10.0.0.0/8`, `method == "options"`). False: it is not one.
    fn special_comparison(
        &mut self,
        negated: bool,
        how: Comparison,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> bool {
        if !is_special(left) && !is_special(right) {
            return false;
        }
        if is_address(left) && matches!(constant(right), Some(Value::Int(_))) {
            self.mismatch(right.span, Kind::Int);
        }
        if variable_name(left).is_some() && variable_name(right).is_some() {
            if let (Some(left), Some(right)) = (self.readable(left), self.readable(right)) {
                let op = Op::CompareSpecial {
                    left,
                    right,
                    how,
                    negated,
                };
                self.assembler.emit(op, span);
            }
            return true;
        }
        let (true, Comparison::Equal, Some(literal)) = (is_special(left), how, constant(right))
        else {
            return false;
        };
        if let Some(left) = self.readable(left) {
            let constant = self.assembler.constant(literal);
            let op = Op::CompareLiteral {
                left,
                constant,
                negated,
            };
            self.assembler.emit(op, span);
        }
        true
    }

    /// `msg:len > 4096`: texts have no order, so that one is never right.
    pub(super) fn order(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Kind {
        let text = matches!(right.node, ExprKind::Select(_)) || is_text_constant(right);
        if text {
            let value = self.readable(right);
            self.assembler.emit(Op::Int(-1), span);
            return value.map_or(Kind::Int, |_| Kind::Int);
        }
        self.int_operand(left);
        if self.int_context(right) == Kind::Str {
            self.assembler.emit(Op::ToInt, right.span);
        }
        if let Some(op) = int_operator(op) {
            self.assembler.emit(Op::Int2(op), span);
        }
        Kind::Int
    }
}

fn is_special(expr: &Expr) -> bool {
    matches!(expr.node, ExprKind::Keyword(_) | ExprKind::Ip(_))
}

/// Whether an expression compares what the host knows better; such a comparison may fail.
pub(super) fn is_special_comparison(expr: &Expr) -> bool {
    match &expr.node {
        ExprKind::Binary(_, left, right) => is_special(left) || is_special(right),
        _ => false,
    }
}

/// Whether an operand of the core is an address.
fn is_address(expr: &Expr) -> bool {
    matches!(&expr.node, ExprKind::Keyword(word) if word.ends_with("_ip"))
}

/// `=~ myself`, `src_ip =~ "10.0.0.1"`: addresses are no patterns.
fn is_no_pattern(left: &Expr, right: &Expr) -> bool {
    match constant(right) {
        Some(Value::Str(text)) => {
            let text = std::str::from_utf8(&text).unwrap_or_default();
            is_address(left) && text.parse::<IpAddr>().is_ok()
        }
        _ => is_special(right),
    }
}

fn is_text_constant(expr: &Expr) -> bool {
    matches!(constant(expr), Some(Value::Str(_)))
}

pub(super) fn is_null(expr: &Expr) -> bool {
    matches!(&expr.node, ExprKind::Variable(name) if name == "$null" || name == "$(null)")
}

fn is_empty_string(expr: &Expr) -> bool {
    matches!(constant(expr), Some(Value::Str(text)) if text.is_empty())
}
