//! Collects instructions and side tables; places in the code are labels until the end.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use crate::ast::Span;
use crate::host::Host;
use crate::program::{
    Address, CallSite, Cases, EqualTest, Fused, Op, Program, Route, RouteIndex, Switch,
};
use crate::regex::Pattern;
use crate::value::Value;

/// A place in the code that may not be known yet. While compiling, jumps hold its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place(pub(crate) u32);

/// A program in the making.
pub(crate) struct Assembler<H: Host> {
    code: Vec<Op>,
    spans: Vec<Span>,
    places: Vec<Address>,
    constants: Vec<Value>,
    known: AHashMap<Value, u32>,
    calls: Vec<CallSite<H::Call>>,
    variables: Vec<H::Variable>,
    patterns: Vec<Pattern>,
    tests: Vec<EqualTest>,
    fused: Fused,
    /// Variables that are read and written, as both.
    same: AHashSet<(u32, u32)>,
    switches: Vec<Switch>,
    /// How much of the code and of the switches was resolved before: what a program is appended to.
    resolved: (usize, usize),
}

impl<H: Host> Default for Assembler<H> {
    fn default() -> Self {
        Self {
            code: Vec::new(),
            spans: Vec::new(),
            places: Vec::new(),
            constants: Vec::new(),
            known: AHashMap::new(),
            calls: Vec::new(),
            variables: Vec::new(),
            patterns: Vec::new(),
            tests: Vec::new(),
            fused: Fused::default(),
            same: AHashSet::new(),
            switches: Vec::new(),
            resolved: (0, 0),
        }
    }
}

impl<H: Host> Assembler<H>
where
    H::Call: Clone,
    H::Variable: Clone,
{
    /// Goes on behind what a program has.
    pub(crate) fn behind(program: &Program<H>) -> Self {
        Self {
            code: program.code.clone(),
            spans: program.spans.clone(),
            constants: program.constants.clone(),
            calls: program.calls.clone(),
            variables: program.variables.clone(),
            patterns: program.patterns.clone(),
            tests: program.tests.clone(),
            fused: program.fused.clone(),
            switches: program.switches.clone(),
            resolved: (program.code.len(), program.switches.len()),
            ..Self::default()
        }
    }
}

impl<H: Host> Assembler<H> {
    pub(crate) fn emit(&mut self, op: Op, span: Span) {
        self.code.push(op);
        self.spans.push(span);
    }

    /// Where to go back to with [`Self::rewind`].
    pub(crate) fn mark(&self) -> usize {
        self.code.len()
    }

    /// Forgets the instructions since a mark.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.code.truncate(mark);
        self.spans.truncate(mark);
    }

    /// The address of the next instruction.
    pub(crate) fn address(&self) -> Address {
        index(self.code.len())
    }

    /// A place to be set later.
    pub(crate) fn place(&mut self) -> Place {
        self.places.push(Address::MAX);
        Place(index(self.places.len() - 1))
    }

    /// Sets a place to the next instruction.
    pub(crate) fn set(&mut self, place: Place) {
        let here = self.address();
        if let Some(address) = self.places.get_mut(place.0 as usize) {
            *address = here;
        }
    }

    pub(crate) fn constant(&mut self, value: Value) -> u32 {
        if let Some(known) = self.known.get(&value) {
            return *known;
        }
        let number = index(push(&mut self.constants, value.clone()));
        self.known.insert(value, number);
        number
    }

    /// A variable that was resolved.
    pub(crate) fn resolved(&self, index: u32) -> Option<&H::Variable> {
        self.variables.get(index as usize)
    }

    pub(crate) fn call(&mut self, call: H::Call, dynamic: u32) -> u32 {
        index(push(&mut self.calls, CallSite { call, dynamic }))
    }

    pub(crate) fn variable(&mut self, variable: H::Variable) -> u32 {
        index(push(&mut self.variables, variable))
    }

    /// Notes that two variables are one, as it is read and as it is written.
    pub(crate) fn is_same(&mut self, read: u32, written: u32) {
        self.same.insert((read, written));
    }

    pub(crate) fn pattern(&mut self, pattern: Pattern) -> u32 {
        index(push(&mut self.patterns, pattern))
    }

    pub(crate) fn test(&mut self, test: EqualTest) -> u32 {
        index(push(&mut self.tests, test))
    }

    pub(crate) fn switch(&mut self, switch: Switch) -> u32 {
        index(push(&mut self.switches, switch))
    }

    /// Replaces places by addresses.
    pub(crate) fn finish(mut self, routes: Vec<Route>, index: RouteIndex) -> Program<H> {
        let places = std::mem::take(&mut self.places);
        let resolve = |target: &mut Address| {
            *target = places.get(*target as usize).copied().unwrap_or(*target);
        };
        let (code, switches) = self.resolved;
        for op in self.code.iter_mut().skip(code) {
            if let Some(target) = target_of(op) {
                resolve(target);
            }
        }
        for switch in self.switches.iter_mut().skip(switches) {
            resolve(&mut switch.default);
            match &mut switch.cases {
                Cases::Int(cases) => cases.iter_mut().for_each(|case| resolve(&mut case.1)),
                Cases::Str(cases) => cases.iter_mut().for_each(|case| resolve(&mut case.1)),
                Cases::Ordered(cases) => cases.iter_mut().for_each(|case| resolve(&mut case.1)),
            }
        }
        if let Some(code) = self.code.get_mut(self.resolved.0..) {
            super::fuse::fuse(code, &self.constants, &self.same, &mut self.fused);
        }
        Program {
            code: self.code,
            spans: self.spans,
            constants: self.constants,
            calls: self.calls,
            variables: self.variables,
            patterns: self.patterns,
            tests: self.tests,
            fused: self.fused,
            switches: self.switches,
            routes,
            index,
            source: Arc::default(),
        }
    }
}

/// Where an instruction may go besides the next one.
fn target_of(op: &mut Op) -> Option<&mut Address> {
    match op {
        Op::Jump(target)
        | Op::JumpBack(target)
        | Op::JumpUnless(target)
        | Op::JumpZero(target)
        | Op::JumpNonZero(target)
        | Op::EqualUnless(_, target)
        | Op::CallUnless(_, target)
        | Op::CallIf(_, target)
        | Op::LoopTurn(target)
        | Op::Divide(_, target)
        | Op::MatchDynamic { failed: target, .. } => Some(target),
        _ => None,
    }
}

fn push<T>(table: &mut Vec<T>, item: T) -> usize {
    table.push(item);
    table.len() - 1
}

/// Tables hold far fewer than 2³² entries: the source's places are 32 bits wide themselves.
fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
