//! Instructions that do the work of several: see `compile::fuse`.

use super::{Vm, compute};
use crate::host::Host;
use crate::program::{Address, IntOp, Program, Right};
use crate::value::{Value, wrap};
use crate::view::View;

impl<H: Host> Vm<H> {
    pub(super) fn fused_compare(
        &mut self,
        test: u32,
        target: Address,
        program: &Program<H>,
        host: &mut H,
    ) {
        // Behind the three that this one stands for.
        self.pc += 3;
        if let Some(test) = program.fused.compares.get(test as usize)
            && let Some(variable) = program.variables.get(test.variable as usize)
        {
            let left = host.look(variable, |value| value.to_int());
            if (compute(test.op, left, test.constant) != 0) == test.jumps_if {
                self.pc = target;
            }
        }
    }

    pub(super) fn fused_match(
        &mut self,
        test: u32,
        target: Address,
        program: &Program<H>,
        host: &mut H,
    ) {
        // Behind the two that this one stands for.
        self.pc += 2;
        if let Some(test) = program.fused.matches.get(test as usize)
            && let Some(variable) = program.variables.get(test.variable as usize)
            && let Some(pattern) = program.patterns.get(test.pattern as usize)
        {
            let matched = host.look(variable, |value| {
                value.with_bytes(|text| pattern.is_match(text))
            });
            if matched == test.jumps_if {
                self.pc = target;
            }
        }
    }

    pub(super) fn fused_int2(
        &mut self,
        variable: u32,
        constant: i32,
        op: Option<IntOp>,
        program: &Program<H>,
        host: &mut H,
    ) {
        // Behind the two that this one stands for.
        self.pc += 2;
        let Some(variable) = program.variables.get(variable as usize) else {
            return self.stack.push(Value::Null);
        };
        let result = host.look(variable, |value| match (op, value) {
            (Some(op), value) => Value::from(compute(op, value.to_int(), constant)),
            (None, View::Int(left)) => Value::from(wrap(left).wrapping_add(constant)),
            (None, text) => text.join(View::Int(i64::from(constant))),
        });
        self.stack.push(result);
    }

    pub(super) fn fused_join(
        &mut self,
        constant: u32,
        variable: u32,
        program: &Program<H>,
        host: &mut H,
    ) {
        // Behind the two that this one stands for.
        self.pc += 2;
        let left = program.constants.get(constant as usize);
        let variable = program.variables.get(variable as usize);
        let (Some(left), Some(variable)) = (left, variable) else {
            return self.stack.push(Value::Null);
        };
        let joined = host.look(variable, |right| match right {
            right if right.is_empty() => left.clone(),
            right => left.view().join(right),
        });
        self.stack.push(joined);
    }

    pub(super) fn fused_append(&mut self, append: u32, program: &Program<H>, host: &mut H) {
        // Behind the three that this one stands for.
        self.pc += 3;
        let Some(append) = program.fused.appends.get(append as usize) else {
            return;
        };
        let right = match append.right {
            Right::Constant(index) => program.constants.get(index as usize).cloned(),
            Right::Variable(index) => {
                let variable = program.variables.get(index as usize);
                variable.map(|variable| host.read(variable))
            }
        };
        let left = program.variables.get(append.read as usize);
        let (Some(left), Some(right)) = (left.map(|left| host.take(left)), right) else {
            return;
        };
        self.stack.push(match append.joins {
            true => left.into_joined(&right),
            false => left.into_sum(&right),
        });
        self.write(append.write, program, host);
    }
}
