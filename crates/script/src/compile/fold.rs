//! Constant expressions are computed once, while loading.

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::program::IntOp;
use crate::value::{Value, wrap};
use crate::vm::compute;

/// How deep an expression is looked into; deeper ones are refused by the compiler anyway.
const MAX_DEPTH: u32 = 200;

/// Whether `selval(…)` may be constant.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Choices {
    /// As a label of a `switch`.
    Folded,
    /// Everywhere else its kind shows when it runs.
    Kept,
}

/// The value of a constant expression. None when it is not constant, or would fail.
pub(crate) fn constant(expr: &Expr) -> Option<Value> {
    fold(expr, Choices::Kept, 0)
}

/// The value of a label.
pub(crate) fn label(expr: &Expr) -> Option<Value> {
    fold(expr, Choices::Folded, 0)
}

fn fold(expr: &Expr, choices: Choices, depth: u32) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &expr.node {
        ExprKind::Int(number) => Some(Value::from(wrap(*number))),
        ExprKind::Str(text) => Some(Value::Str(text.clone())),
        ExprKind::Unary(op, operand) => unary(*op, &fold(operand, choices, depth + 1)?),
        ExprKind::Binary(op, left, right) => binary(
            *op,
            &fold(left, choices, depth + 1)?,
            &fold(right, choices, depth + 1)?,
        ),
        ExprKind::Choice(choice) if choices == Choices::Folded => {
            let Value::Int(condition) = fold(&choice.condition, choices, depth + 1)? else {
                return None;
            };
            let then = fold(&choice.then, choices, depth + 1)?;
            let otherwise = fold(&choice.otherwise, choices, depth + 1)?;
            Some(if condition != 0 { then } else { otherwise })
        }
        _ => None,
    }
}

fn unary(op: UnaryOp, operand: &Value) -> Option<Value> {
    let is_int = matches!(operand, Value::Int(_));
    let number = operand.to_int();
    match op {
        UnaryOp::CastInt => Some(Value::from(number)),
        UnaryOp::CastStr => Some(Value::Str(operand.to_bytes())),
        UnaryOp::Not if is_int => Some(Value::from(number == 0)),
        UnaryOp::BitNot if is_int => Some(Value::from(!number)),
        UnaryOp::Minus if is_int => Some(Value::from(number.wrapping_neg())),
        UnaryOp::Plus if is_int => Some(Value::from(number)),
        UnaryOp::Defined if !is_int => Some(Value::from(true)),
        UnaryOp::StrLen if !is_int => {
            Some(operand.with_bytes(|text| Value::from(wrap(text.len() as i64))))
        }
        UnaryOp::StrEmpty if !is_int => Some(Value::from(operand.is_empty())),
        // A mistake in types: the compiler tells.
        _ => None,
    }
}

fn binary(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let left_int = matches!(left, Value::Int(_));
    let right_int = matches!(right, Value::Int(_));
    let numbers = (left.to_int(), right.to_int());
    match op {
        BinaryOp::Add if left_int && right_int => Some(left.plus(right)),
        BinaryOp::Add if !left_int => Some(left.join(right)),
        BinaryOp::Equal if left_int == right_int || !left_int => Some(left.equals(right).into()),
        BinaryOp::NotEqual if left_int == right_int || !left_int => {
            Some((!left.equals(right)).into())
        }
        BinaryOp::StrEqual if !left_int => Some(left.equals_as_text(right).into()),
        BinaryOp::StrNotEqual if !left_int => Some((!left.equals_as_text(right)).into()),
        _ if !left_int || !right_int => None,
        BinaryOp::And => Some((numbers.0 != 0 && numbers.1 != 0).into()),
        BinaryOp::Or => Some((numbers.0 != 0 || numbers.1 != 0).into()),
        BinaryOp::Divide if numbers.1 != 0 => Some(numbers.0.wrapping_div(numbers.1).into()),
        BinaryOp::Modulo if numbers.1 != 0 => Some(numbers.0.wrapping_rem(numbers.1).into()),
        _ => int_operator(op).map(|op| compute(op, numbers.0, numbers.1).into()),
    }
}

/// The operator on two integers that a binary operator always is.
pub(crate) fn int_operator(op: BinaryOp) -> Option<IntOp> {
    Some(match op {
        BinaryOp::BitOr => IntOp::BitOr,
        BinaryOp::BitXor => IntOp::BitXor,
        BinaryOp::BitAnd => IntOp::BitAnd,
        BinaryOp::ShiftLeft => IntOp::ShiftLeft,
        BinaryOp::ShiftRight => IntOp::ShiftRight,
        BinaryOp::IntEqual => IntOp::Equal,
        BinaryOp::IntNotEqual => IntOp::NotEqual,
        BinaryOp::Less => IntOp::Less,
        BinaryOp::LessEqual => IntOp::LessEqual,
        BinaryOp::Greater => IntOp::Greater,
        BinaryOp::GreaterEqual => IntOp::GreaterEqual,
        BinaryOp::Subtract => IntOp::Subtract,
        BinaryOp::Multiply => IntOp::Multiply,
        _ => return None,
    })
}
