//! Joins frequent sequences of instructions into one.
//!
//! The first instruction of a sequence is replaced by one that does the work of all and goes on
//! behind them. The others stay where they are, so that no address changes and a jump into the
//! middle of a sequence still finds what it means.

use ahash::AHashSet;

use crate::program::{Append, Fused, IntOp, IntTest, MatchTest, Op, Right};
use crate::value::Value;

/// Fuses what can be; jumps must hold addresses already. Operands that do not fit into an
/// instruction are added to `fused`. `same` holds variables as read and as written.
pub(super) fn fuse(
    code: &mut [Op],
    constants: &[Value],
    same: &AHashSet<(u32, u32)>,
    fused: &mut Fused,
) {
    for at in 0..code.len() {
        let rest = &code[at..];
        if let Some(op) = append(rest, same, fused).or_else(|| sequence(rest, constants, fused)) {
            code[at] = op;
        }
    }
}

/// The one instruction for the sequence that begins here.
fn sequence(code: &[Op], constants: &[Value], fused: &mut Fused) -> Option<Op> {
    match *code {
        [
            Op::Read(variable),
            Op::Int(constant),
            Op::Int2(op),
            jump,
            ..,
        ] if is_comparison(op) && condition(jump).is_some() => {
            let (jumps_if, target) = condition(jump)?;
            fused.compares.push(IntTest {
                variable,
                op,
                constant,
                jumps_if,
            });
            Some(Op::FusedCompare(last(&fused.compares), target))
        }
        [Op::Read(variable), Op::Int(constant), Op::Int2(op), ..] => Some(Op::FusedInt2 {
            variable,
            constant,
            op: Some(op),
        }),
        [Op::Read(variable), Op::Int(constant), Op::Plus, ..] => Some(Op::FusedInt2 {
            variable,
            constant,
            op: None,
        }),
        [Op::Read(variable), Op::Match { pattern, negated }, jump, ..] => {
            let (when, target) = condition(jump)?;
            fused.matches.push(MatchTest {
                variable,
                pattern,
                jumps_if: when != negated,
            });
            Some(Op::FusedMatch(last(&fused.matches), target))
        }
        [Op::Constant(constant), Op::Read(variable), Op::Join, ..]
            if constants
                .get(constant as usize)
                .is_some_and(|constant| !constant.is_empty()) =>
        {
            Some(Op::FusedJoin { constant, variable })
        }
        _ => None,
    }
}

/// A text that grows piece by piece is not copied for each piece.
fn append(code: &[Op], same: &AHashSet<(u32, u32)>, fused: &mut Fused) -> Option<Op> {
    let [Op::Read(read), right, plus, Op::Write(write), ..] = *code else {
        return None;
    };
    let right = match right {
        Op::Constant(constant) => Right::Constant(constant),
        Op::Read(variable) => Right::Variable(variable),
        _ => return None,
    };
    if !matches!(plus, Op::Plus | Op::Join) || !same.contains(&(read, write)) {
        return None;
    }
    fused.appends.push(Append {
        read,
        write,
        right,
        joins: matches!(plus, Op::Join),
    });
    Some(Op::FusedAppend(last(&fused.appends)))
}

/// When a jump that sees 1 or 0 is taken, and where to.
fn condition(jump: Op) -> Option<(bool, u32)> {
    match jump {
        Op::JumpUnless(target) | Op::JumpZero(target) => Some((false, target)),
        Op::JumpNonZero(target) => Some((true, target)),
        _ => None,
    }
}

fn is_comparison(op: IntOp) -> bool {
    matches!(
        op,
        IntOp::Equal
            | IntOp::NotEqual
            | IntOp::Less
            | IntOp::LessEqual
            | IntOp::Greater
            | IntOp::GreaterEqual
    )
}

/// As an index: tables hold far fewer than 2³² entries.
fn last<T>(table: &[T]) -> u32 {
    u32::try_from(table.len() - 1).unwrap_or(u32::MAX)
}
