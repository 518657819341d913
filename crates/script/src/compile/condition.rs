//! Conditions: expressions that end in a jump.
//!
//! A whole condition holds when its value is positive. Operands of `&&`, `||` and `!` count as
//! true when they are not zero; only codes of calls must be positive there, too.

use super::Compiler;
use super::assembler::Place;
use super::comparison::is_special_comparison;
use super::expression::{Kind, Simplified, Wanted, is_variable, simplify};
use super::fold::constant;
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::host::Catalog;
use crate::program::{EqualTest, Op};
use crate::value::Value;

impl<C: Catalog> Compiler<'_, C> {
    /// Goes on with the next instruction if the condition holds, else to `no`.
    pub(super) fn condition(&mut self, expr: &Expr, no: Place) {
        match simplify(expr) {
            Simplified::Constant { value, unused } => {
                self.check_unused(unused);
                if !value.holds() {
                    self.assembler.emit(Op::Jump(no.0), expr.span);
                }
            }
            Simplified::Rest { expr: rest, .. } if is_branch(rest) => {
                self.branch(expr, false, no);
            }
            Simplified::Rest { expr: rest, .. } if is_sum(rest) => {
                self.int_context(rest);
                self.assembler.emit(Op::JumpUnless(no.0), expr.span);
            }
            Simplified::Rest { expr: rest, .. } if is_variable(rest) => {
                self.variable_operand(rest, Wanted::Number);
                self.assembler.emit(Op::JumpUnless(no.0), expr.span);
            }
            Simplified::Rest { .. } => {
                self.value(expr);
                self.assembler.emit(Op::JumpUnless(no.0), expr.span);
            }
        }
    }

    /// As [`Self::condition`], but a negative number holds as well: so does Kamailio's `while`. (The
    /// code of a call counts as for `if`.)
    pub(super) fn loop_condition(&mut self, expr: &Expr, no: Place) {
        match simplify(expr) {
            Simplified::Rest { expr: rest, .. } if !is_branch(rest) => {
                self.int_context(rest);
                self.assembler.emit(Op::JumpZero(no.0), expr.span);
            }
            Simplified::Constant { value, .. } if value.to_int() < 0 => {}
            _ => self.condition(expr, no),
        }
    }

    /// Goes to `target` if the truth of the operand is `when`.
    fn branch(&mut self, expr: &Expr, when: bool, target: Place) {
        let (expr, as_int) = match simplify(expr) {
            Simplified::Constant { value, unused } => {
                self.check_unused(unused);
                if matches!(value, Value::Str(_)) {
                    self.mismatch(expr.span, Kind::Str);
                }
                if (value.to_int() != 0) == when {
                    self.assembler.emit(Op::Jump(target.0), expr.span);
                }
                return;
            }
            Simplified::Rest { expr, as_int } => (expr, as_int),
        };
        match &expr.node {
            ExprKind::Unary(UnaryOp::Not, operand) => self.nested(expr, |compiler| {
                compiler.branch(operand, !when, target);
            }),
            ExprKind::Binary(BinaryOp::And, left, right) => self.nested(expr, |compiler| {
                compiler.pair(left, right, false, when, target);
            }),
            ExprKind::Binary(BinaryOp::Or, left, right) => self.nested(expr, |compiler| {
                compiler.pair(left, right, true, when, target);
            }),
            ExprKind::Call { name, args } => {
                if let Some(call) = self.call(name, args, expr.span) {
                    let op = if when {
                        Op::CallIf(call, target.0)
                    } else {
                        Op::CallUnless(call, target.0)
                    };
                    self.assembler.emit(op, expr.span);
                }
            }
            _ if !as_int && self.equal_test(expr, when, target) => {}
            _ => {
                self.int_operand(expr);
                let op = if when {
                    Op::JumpNonZero(target.0)
                } else {
                    Op::JumpZero(target.0)
                };
                self.assembler.emit(op, expr.span);
            }
        }
    }

    /// `left && right` (decided by false) or `left || right` (decided by true).
    fn pair(&mut self, left: &Expr, right: &Expr, decided_by: bool, when: bool, target: Place) {
        if when == decided_by {
            self.branch(left, when, target);
            self.branch(right, when, target);
        } else {
            let skip = self.assembler.place();
            self.branch(left, decided_by, skip);
            self.branch(right, when, target);
            self.assembler.set(skip);
        }
    }

    /// `variable == literal` in one instruction. False: it is something else.
    fn equal_test(&mut self, expr: &Expr, when: bool, target: Place) -> bool {
        let ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right) = &expr.node
        else {
            return false;
        };
        let (ExprKind::Variable(_) | ExprKind::Select(_), Some(literal)) =
            (&left.node, constant(right))
        else {
            return false;
        };
        if literal.is_empty() {
            return false;
        }
        if let Value::Str(text) = &literal {
            self.mention(text);
        }
        if let Some(variable) = self.readable(left) {
            let test = self.assembler.test(EqualTest {
                variable,
                text: literal.to_bytes(),
                constant: literal,
                negated: (*op == BinaryOp::NotEqual) != when,
            });
            let op = Op::EqualUnless(test, target.0);
            self.assembler.emit(op, expr.span);
        }
        true
    }

    /// Guards the compiler's own stack against endless nesting.
    pub(super) fn nested(&mut self, expr: &Expr, compile: impl FnOnce(&mut Self)) {
        self.nesting += 1;
        if self.nesting > super::expression::MAX_NESTING {
            self.error(
                expr.span,
                "nesting-too-deep",
                "expression is nested too deeply",
            );
        } else {
            compile(self);
        }
        self.nesting -= 1;
    }
}

fn is_sum(expr: &Expr) -> bool {
    matches!(expr.node, ExprKind::Binary(BinaryOp::Add, ..))
}

/// Whether an expression is made of truths, so that it can be compiled to jumps alone.
fn is_branch(expr: &Expr) -> bool {
    match &expr.node {
        ExprKind::Unary(op, _) => *op == UnaryOp::Not,
        ExprKind::Call { .. } => true,
        // It may fail, which is no truth by itself.
        ExprKind::Binary(..) if is_special_comparison(expr) => false,
        ExprKind::Binary(op, ..) => matches!(
            op,
            BinaryOp::And | BinaryOp::Or | BinaryOp::Equal | BinaryOp::NotEqual
        ),
        _ => false,
    }
}
