//! The instructions that only compute: operands from the stack, result onto the stack.

use super::Vm;
use crate::host::{Compared, Comparison, Host};
use crate::program::{DivideOp, IntOp, Op, Program};
use crate::value::{Value, wrap};

impl<H: Host> Vm<H> {
    #[inline(always)]
    pub(super) fn operate(&mut self, op: Op, program: &Program<H>, host: &mut H) {
        match op {
            Op::Int(number) => self.stack.push(Value::from(number)),
            Op::Constant(index) => {
                let value = program.constants.get(index as usize).cloned();
                self.stack.push(value.unwrap_or_default());
            }
            Op::Read(index) => {
                let value = self.read(index, program, host);
                self.stack.push(value);
            }
            Op::ReadAsLeft { text, number } => {
                let index = match self.stack.last() {
                    Some(Value::Int(_)) => number,
                    _ => text,
                };
                let value = self.read(index, program, host);
                self.stack.push(value);
            }
            Op::Write(index) => self.write(index, program, host),
            Op::WritePush(index) => {
                self.write(index, program, host);
                self.stack.push(Value::from(self.current.last));
            }
            Op::Copy { from, to, push } => {
                self.copy(from, to, program, host);
                if push {
                    self.stack.push(Value::from(self.current.last));
                }
            }
            Op::Pop => {
                self.pop();
            }
            Op::Int2(op) => {
                let right = self.pop().to_int();
                let left = self.pop().to_int();
                self.stack.push(Value::from(compute(op, left, right)));
            }
            Op::FusedInt2 {
                variable,
                constant,
                op,
            } => self.fused_int2(variable, constant, op, program, host),
            Op::FusedJoin { constant, variable } => {
                self.fused_join(constant, variable, program, host);
            }
            Op::FusedAppend(append) => self.fused_append(append, program, host),
            Op::Divide(op, failed) => self.divide(op, failed, program, host),
            Op::Plus => {
                let right = self.pop();
                let left = self.pop();
                self.stack.push(left.plus(&right));
            }
            Op::Join => {
                let right = self.pop();
                let left = self.pop();
                self.stack.push(left.join(&right));
            }
            Op::Equal { negated } => {
                let right = self.pop();
                let left = self.pop();
                self.stack.push(Value::from(left.equals(&right) != negated));
            }
            Op::TextEqual { negated } => {
                let right = self.pop();
                let left = self.pop();
                let equal = left.equals_as_text(&right);
                self.stack.push(Value::from(equal != negated));
            }
            Op::Match { .. } | Op::MatchPresent { .. } | Op::MatchDynamic { .. } => {
                self.matches(op, program, host)
            }
            Op::CompareSpecial { .. } | Op::CompareLiteral { .. } => {
                self.compare_special(op, program, host);
            }
            unary => self.operate_on_top(unary),
        }
    }

    #[inline(never)]
    fn operate_on_top(&mut self, op: Op) {
        let top = self.pop();
        let result = match op {
            Op::ToInt => Value::from(top.to_int()),
            Op::NullToStr if top == Value::Null => Value::Str(bytes::Bytes::new()),
            Op::ToStr => Value::Str(top.to_bytes()),
            Op::CodeToBool => Value::from(top.holds()),
            Op::ToBool => Value::from(top.to_int() != 0),
            Op::Not => Value::from(top.to_int() == 0),
            Op::BitNot => Value::from(!top.to_int()),
            Op::Minus => Value::from(top.to_int().wrapping_neg()),
            Op::Defined => Value::from(top != Value::Null),
            Op::StrLen => Value::from(top.with_bytes(|text| wrap(text.len() as i64))),
            Op::StrEmpty => Value::from(top.is_empty()),
            // Jumps and calls are not sent here.
            _ => top,
        };
        self.stack.push(result);
    }

    fn read(&mut self, index: u32, program: &Program<H>, host: &mut H) -> Value {
        match program.variables.get(index as usize) {
            Some(variable) => host.read(variable),
            None => Value::Null,
        }
    }

    pub(super) fn write(&mut self, index: u32, program: &Program<H>, host: &mut H) {
        let value = self.pop();
        self.current.last = 1;
        let Some(variable) = program.variables.get(index as usize) else {
            return;
        };
        if !host.write(variable, value) {
            self.current.last = -1;
        }
    }

    fn copy(&mut self, from: u32, to: u32, program: &Program<H>, host: &mut H) {
        let variable = |index: u32| program.variables.get(index as usize);
        let (Some(from), Some(to)) = (variable(from), variable(to)) else {
            return;
        };
        self.current.last = if host.copy(from, to) { 1 } else { -1 };
    }

    /// Division by zero makes the whole expression fail: nothing of it stays on the stack, and
    /// the statement goes its way out (an assignment is not done, a condition does not hold).
    fn divide(&mut self, op: DivideOp, failed: u32, program: &Program<H>, host: &mut H) {
        let right = self.pop().to_int();
        let left = self.pop().to_int();
        if right == 0 {
            host.report(self.span(program), "division by zero");
            self.fail(failed);
            return;
        }
        self.stack.push(Value::from(match op {
            DivideOp::Quotient => left.wrapping_div(right),
            DivideOp::Remainder => left.wrapping_rem(right),
        }));
    }

    /// Gives up the expression that is being computed.
    fn fail(&mut self, failed: u32) {
        self.stack.truncate(self.current.base);
        self.current.last = -1;
        self.pc = failed;
    }

    fn matches(&mut self, op: Op, program: &Program<H>, host: &mut H) {
        let (matched, negated) = match op {
            Op::Match { pattern, negated } => {
                let subject = self.pop();
                let pattern = program.patterns.get(pattern as usize);
                let matched = pattern
                    .is_some_and(|pattern| subject.with_bytes(|text| pattern.is_match(text)));
                (matched, negated)
            }
            Op::MatchDynamic { negated, failed } => {
                let pattern = self.pop().to_bytes();
                let subject = self.pop();
                let matched = match self.patterns.pattern(&pattern) {
                    Ok(pattern) => subject.with_bytes(|text| pattern.is_match(text)),
                    Err(error) => {
                        let message = format!("bad regular expression: {error}");
                        host.report(self.span(program), &message);
                        self.fail(failed);
                        return;
                    }
                };
                (matched, negated)
            }
            Op::MatchPresent { pattern } => {
                let subject = self.pop();
                let pattern = program.patterns.get(pattern as usize);
                let matched = pattern
                    .filter(|_| subject != Value::Null)
                    .is_some_and(|pattern| subject.with_bytes(|text| pattern.is_match(text)));
                (matched, false)
            }
            _ => return,
        };
        self.stack.push(Value::from(matched != negated));
    }

    fn compare_special(&mut self, op: Op, program: &Program<H>, host: &mut H) {
        let variable = |index: u32| program.variables.get(index as usize);
        let (compared, negated) = match op {
            Op::CompareSpecial {
                left,
                right,
                how,
                negated,
            } => {
                let (Some(left), Some(right)) = (variable(left), variable(right)) else {
                    return;
                };
                let special = host.compare(left, right, how);
                let compared = special.unwrap_or_else(|| {
                    let (left, right) = (host.read(left), host.read(right));
                    Compared::from_equal(match how {
                        Comparison::Equal => left.equals(&right),
                        Comparison::Match => self
                            .patterns
                            .pattern(&right.to_bytes())
                            .is_ok_and(|regex| left.with_bytes(|text| regex.is_match(text))),
                    })
                });
                (compared, negated)
            }
            Op::CompareLiteral {
                left,
                constant,
                negated,
            } => {
                let right = program.constants.get(constant as usize);
                let (Some(left), Some(right)) = (variable(left), right) else {
                    return;
                };
                let special = host.compare_literal(left, right);
                let compared =
                    special.unwrap_or_else(|| Compared::from_equal(host.read(left).equals(right)));
                (compared, negated)
            }
            _ => return,
        };
        self.stack.push(Value::from(compared.result(negated)));
    }
}

/// An operator on integers: 32 bits that wrap; a shift takes its distance modulo 32.
pub(crate) fn compute(op: IntOp, left: i32, right: i32) -> i32 {
    match op {
        IntOp::Add => left.wrapping_add(right),
        IntOp::Subtract => left.wrapping_sub(right),
        IntOp::Multiply => left.wrapping_mul(right),
        IntOp::BitAnd => left & right,
        IntOp::BitOr => left | right,
        IntOp::BitXor => left ^ right,
        // The sign is of no matter to a distance that counts modulo 32.
        IntOp::ShiftLeft => left.wrapping_shl(right as u32),
        IntOp::ShiftRight => left.wrapping_shr(right as u32),
        IntOp::Equal => i32::from(left == right),
        IntOp::NotEqual => i32::from(left != right),
        IntOp::Less => i32::from(left < right),
        IntOp::LessEqual => i32::from(left <= right),
        IntOp::Greater => i32::from(left > right),
        IntOp::GreaterEqual => i32::from(left >= right),
    }
}
