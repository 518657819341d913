//! Runs a program: an explicit value stack and an explicit frame stack, so that nested routes do
//! not nest on the Rust stack and a route can be parked in the middle of an expression.

mod fused;
mod operate;
pub(crate) use operate::compute;
#[cfg(test)]
mod tests;

use crate::ast::Span;
use crate::host::{Continuation, Host, Outcome, RouteId, Wait};
use crate::program::{Address, Cases, Label, Op, Program};
use crate::regex::PatternCache;
use crate::value::Value;

/// The code of a `route(…)` whose computed name no block has.
const NOT_FOUND: i32 = -10;

/// How far a script may go for one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Turns of one `while` (Kamailio's `max_while_loops`); at the limit the loop is left with an
    /// error and the script goes on.
    pub max_while_loops: u32,
    /// Turns of all loops plus routes entered, for one start; at the limit the script ends.
    pub max_steps: u32,
    /// How deep blocks (routes, and the bodies of `if`, `while`, `switch`) may nest at run time
    /// (Kamailio's `max_recursive_level`).
    pub max_depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_while_loops: 100,
            max_steps: 1_000_000,
            max_depth: 256,
        }
    }
}

/// How far a `resume` came.
pub enum Step<H: Host> {
    /// The script ended.
    Done(Ended),
    /// It waits. Await this, give the result to [`Vm::continue_with`] and resume.
    Wait(Wait<H>),
}

/// The end of a script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ended {
    /// The code of `return`, `exit`, `drop` or of the last statement.
    pub code: i32,
    /// What ended it.
    pub how: How,
}

/// What ended a script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    /// The block's end or a `return` in it.
    Return,
    /// `exit`, a function's or a called route's code 0, or an exhausted budget.
    Exit,
    /// `drop`.
    Drop,
}

/// A virtual machine. Kept and reused from message to message: its stacks keep their memory.
pub struct Vm<H: Host> {
    limits: Limits,
    state: State<H>,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Turns taken by the loops that are running, innermost last.
    loops: Vec<u32>,
    current: Current,
    pc: Address,
    steps: u32,
    /// A route among other calls of one expression returned 0.
    ending: bool,
    patterns: PatternCache,
}

/// What the next `resume` does.
enum State<H: Host> {
    /// Nothing to run.
    Idle,
    /// Enter this block.
    Entering(RouteId),
    /// This call instruction waits for its outcome.
    Waiting(Op, Option<Continuation<H>>),
}

/// The running block.
#[derive(Clone, Copy)]
struct Current {
    route: RouteId,
    /// Length of the value stack when it was entered.
    base: usize,
    /// Number of running loops when it was entered.
    loops: usize,
    /// Blocks around it, itself included.
    depth: u32,
    /// The code with which it ends at its end.
    last: i32,
}

/// A calling block: what to go back to.
struct Frame {
    caller: Current,
    /// The call's instruction, which says what to do with the code.
    call: Address,
}

/// What the main loop does after an instruction.
pub(crate) enum Flow<H: Host> {
    Next,
    Done(Ended),
    Wait(Wait<H>),
}

/// How a block ended that another one called.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Leave {
    /// `return`: code 0 ends the script.
    Returned,
    /// The end of its statements, or `break` outside of loops.
    Fell,
}

impl<H: Host> Vm<H> {
    /// A machine with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Idle,
            stack: Vec::with_capacity(32),
            frames: Vec::with_capacity(16),
            loops: Vec::with_capacity(8),
            current: Current {
                route: RouteId::at(0),
                base: 0,
                loops: 0,
                depth: 1,
                last: 1,
            },
            pc: 0,
            steps: 0,
            ending: false,
            patterns: PatternCache::default(),
        }
    }

    /// Changes the limits, from the next start on.
    pub fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Makes the next [`Vm::resume`] run this block from its beginning; what was running is gone.
    pub fn start(&mut self, route: RouteId) {
        self.stack.clear();
        self.frames.clear();
        self.loops.clear();
        self.steps = 0;
        self.ending = false;
        self.state = State::Entering(route);
    }

    /// Hands in the result of a wait.
    pub fn continue_with(&mut self, continuation: Continuation<H>) {
        if let State::Waiting(_, slot) = &mut self.state {
            *slot = Some(continuation);
        }
    }

    /// The block that runs or waits now.
    #[must_use]
    pub fn route(&self) -> RouteId {
        self.current.route
    }

    /// Where the instruction stands that runs or waits now.
    #[must_use]
    pub fn span(&self, program: &Program<H>) -> Span {
        let index = self.pc.saturating_sub(1) as usize;
        program.spans.get(index).copied().unwrap_or_default()
    }

    /// Runs until the script ends or waits. Without something to run it ends at once.
    ///
    /// The program must be the one that the script was started with.
    pub fn resume(&mut self, program: &Program<H>, host: &mut H) -> Step<H> {
        let flow = match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => return Step::Done(returned(1)),
            State::Entering(route) => match program.route(route) {
                Some(block) => {
                    self.pc = block.entry;
                    self.current = Current {
                        route,
                        base: 0,
                        loops: 0,
                        depth: 1,
                        last: 1,
                    };
                    host.enter_route(route);
                    Flow::Next
                }
                None => return Step::Done(returned(1)),
            },
            State::Waiting(op, Some(continuation)) => {
                let outcome = continuation(host);
                self.take_outcome(op, outcome, program, host)
            }
            // Resumed without a result: the work was given up, so the call failed.
            State::Waiting(op, None) => self.finish_call(op, -1),
        };
        self.run(flow, program, host)
    }

    fn run(&mut self, first: Flow<H>, program: &Program<H>, host: &mut H) -> Step<H> {
        let mut flow = first;
        loop {
            match flow {
                Flow::Next => {}
                Flow::Done(ended) => return Step::Done(ended),
                Flow::Wait(wait) => return Step::Wait(wait),
            }
            let Some(&op) = program.code.get(self.pc as usize) else {
                return Step::Done(returned(self.current.last));
            };
            self.pc += 1;
            flow = self.execute(op, program, host);
        }
    }

    /// Runs one instruction: jumps and calls here, the rest in `operate`. Inlined into its only
    /// caller, the loop, so that nothing is handed over for the instructions that just go on.
    #[inline(always)]
    fn execute(&mut self, op: Op, program: &Program<H>, host: &mut H) -> Flow<H> {
        match op {
            Op::Jump(target) => self.pc = target,
            Op::JumpBack(target) => {
                self.pc = target;
                return self.pay(program, host);
            }
            Op::JumpUnless(target) => {
                if !self.pop().holds() {
                    self.pc = target;
                }
            }
            Op::JumpZero(target) => {
                if self.pop().to_int() == 0 {
                    self.pc = target;
                }
            }
            Op::JumpNonZero(target) => {
                if self.pop().to_int() != 0 {
                    self.pc = target;
                }
            }
            Op::EqualUnless(test, target) => {
                if let Some(test) = program.tests.get(test as usize)
                    && let Some(variable) = program.variables.get(test.variable as usize)
                    && host.look(variable, |value| test.passes(value)) == test.negated
                {
                    self.pc = target;
                }
            }
            Op::FusedCompare(test, target) => self.fused_compare(test, target, program, host),
            Op::FusedMatch(test, target) => self.fused_match(test, target, program, host),
            Op::Call(call) | Op::CallPush(call) | Op::CallUnless(call, _) | Op::CallIf(call, _) => {
                return self.call(op, call, program, host);
            }
            Op::Route { route, depth }
            | Op::RoutePush { route, depth }
            | Op::RouteSoft { route, depth } => {
                return self.enter(op, route, depth, program, host);
            }
            Op::RouteNamed { depth } | Op::RouteNamedPush { depth } => {
                return self.enter_named(op, depth, program, host);
            }
            Op::CheckExit => {
                if self.ending {
                    return Flow::Done(exited(0));
                }
            }
            Op::Last(code) => self.current.last = code,
            Op::LoopEnter => self.loops.push(0),
            Op::LoopTurn(out) => self.turn(out, program, host),
            Op::LoopLeave => {
                self.loops.pop();
            }
            Op::Switch(table) => self.switch(table, program),
            Op::End => return self.leave(self.current.last, Leave::Fell, program, host),
            Op::EndBroken => return self.leave(0, Leave::Fell, program, host),
            Op::Return => {
                let code = self.pop().to_int();
                return self.leave(code, Leave::Returned, program, host);
            }
            Op::ReturnConst(code) => return self.leave(code, Leave::Returned, program, host),
            Op::Exit => return Flow::Done(exited(self.pop().to_int())),
            Op::ExitConst(code) => return Flow::Done(exited(code)),
            Op::Drop => return Flow::Done(dropped(self.pop().to_int())),
            Op::DropConst(code) => return Flow::Done(dropped(code)),
            Op::Trace => host.trace(self.span(program)),
            operator => self.operate(operator, program, host),
        }
        Flow::Next
    }

    /// Takes one step from the budget.
    fn pay(&mut self, program: &Program<H>, host: &mut H) -> Flow<H> {
        self.steps += 1;
        if self.steps <= self.limits.max_steps {
            return Flow::Next;
        }
        host.report(
            self.span(program),
            "script took too many steps for one message and was ended",
        );
        Flow::Done(exited(0))
    }

    fn turn(&mut self, out: Address, program: &Program<H>, host: &mut H) {
        let Some(turns) = self.loops.last_mut() else {
            return;
        };
        *turns += 1;
        if *turns > self.limits.max_while_loops {
            let message = format!(
                "runaway while: more than {} loops",
                self.limits.max_while_loops
            );
            host.report(self.span(program), &message);
            self.current.last = -1;
            self.pc = out;
        }
    }

    fn switch(&mut self, table: u32, program: &Program<H>) {
        let subject = self.pop();
        let Some(switch) = program.switches.get(table as usize) else {
            return;
        };
        let found = match &switch.cases {
            Cases::Int(cases) => {
                let number = subject.to_int();
                cases
                    .binary_search_by_key(&number, |case| case.0)
                    .ok()
                    .map(|index| cases[index].1)
            }
            Cases::Str(cases) => subject.with_bytes(|text| {
                cases
                    .binary_search_by(|case| case.0.as_ref().cmp(text))
                    .ok()
                    .map(|index| cases[index].1)
            }),
            Cases::Ordered(cases) => subject.with_bytes(|text| {
                let case = cases.iter().find(|(label, _)| match label {
                    Label::Str(label) => label.as_ref() == text,
                    Label::Regex(pattern) => pattern.is_match(text),
                });
                case.map(|case| case.1)
            }),
        };
        self.pc = found.unwrap_or(switch.default);
    }

    fn call(&mut self, op: Op, call: u32, program: &Program<H>, host: &mut H) -> Flow<H> {
        let Some(site) = program.calls.get(call as usize) else {
            return Flow::Next;
        };
        self.ending = false;
        forget_code(op, host);
        let outcome = if site.dynamic == 0 {
            host.call(&site.call, &[])
        } else {
            let first = self.stack.len().saturating_sub(site.dynamic as usize);
            let outcome = host.call(&site.call, &self.stack[first..]);
            self.stack.truncate(first);
            outcome
        };
        self.take_outcome(op, outcome, program, host)
    }

    fn take_outcome(
        &mut self,
        op: Op,
        outcome: Outcome<H>,
        program: &Program<H>,
        host: &mut H,
    ) -> Flow<H> {
        match outcome {
            Outcome::Return(code) => {
                let code = crate::value::wrap(code);
                if code == 0 {
                    return Flow::Done(exited(0));
                }
                self.finish_call(op, code)
            }
            Outcome::Wait(wait) => {
                self.state = State::Waiting(op, None);
                Flow::Wait(wait)
            }
            Outcome::Route(route) => self.enter(op, route, 0, program, host),
        }
    }

    /// Does with a call's code what its instruction says.
    fn finish_call(&mut self, op: Op, code: i32) -> Flow<H> {
        match op {
            Op::CallUnless(_, target) if code <= 0 => self.pc = target,
            Op::CallIf(_, target) if code > 0 => self.pc = target,
            Op::CallUnless(..) | Op::CallIf(..) => {}
            Op::Call(_) | Op::Route { .. } | Op::RouteNamed { .. } => self.current.last = code,
            _ => self.stack.push(Value::from(code)),
        }
        Flow::Next
    }

    fn enter(
        &mut self,
        op: Op,
        route: RouteId,
        depth: u16,
        program: &Program<H>,
        host: &mut H,
    ) -> Flow<H> {
        self.ending = false;
        forget_code(op, host);
        let Some(block) = program.route(route) else {
            return self.finish_call(op, -1);
        };
        let depth = self.current.depth + u32::from(depth) + 1;
        if depth > self.limits.max_depth {
            host.report(self.span(program), "too many nested routes");
            host.returned(-1);
            return self.finish_call(op, -1);
        }
        self.frames.push(Frame {
            caller: self.current,
            call: self.pc - 1,
        });
        self.current = Current {
            route,
            base: self.stack.len(),
            loops: self.loops.len(),
            depth,
            last: 1,
        };
        self.pc = block.entry;
        host.enter_route(route);
        self.pay(program, host)
    }

    fn enter_named(&mut self, op: Op, depth: u16, program: &Program<H>, host: &mut H) -> Flow<H> {
        let name = self.pop().to_bytes();
        let route = std::str::from_utf8(&name)
            .ok()
            .and_then(|name| program.find(crate::ast::BlockKind::Route, name));
        match route {
            Some(route) => self.enter(op, route, depth, program, host),
            None => {
                let message = format!("route \"{}\" not found", name.escape_ascii());
                host.report(self.span(program), &message);
                forget_code(op, host);
                self.finish_call(op, NOT_FOUND)
            }
        }
    }

    /// Ends the running block and goes on in its caller.
    fn leave(&mut self, code: i32, how: Leave, program: &Program<H>, host: &mut H) -> Flow<H> {
        let Some(frame) = self.frames.pop() else {
            return Flow::Done(returned(code));
        };
        host.returned(code);
        self.stack.truncate(self.current.base);
        self.loops.truncate(self.current.loops);
        self.current = frame.caller;
        self.pc = frame.call + 1;
        host.enter_route(self.current.route);
        let Some(&op) = program.code.get(frame.call as usize) else {
            return Flow::Done(returned(code));
        };
        if code == 0 && how == Leave::Returned {
            if !matches!(op, Op::RouteSoft { .. }) {
                return Flow::Done(exited(0));
            }
            self.ending = true;
        }
        self.finish_call(op, code)
    }

    #[inline]
    fn pop(&mut self) -> Value {
        // The compiler balances the stack; null keeps a mistake of its from being a panic.
        self.stack.pop().unwrap_or_default()
    }
}

/// A call in an expression begins with no code returned; one that is a statement leaves the last.
fn forget_code<H: Host>(op: Op, host: &mut H) {
    if !matches!(op, Op::Call(_) | Op::Route { .. } | Op::RouteNamed { .. }) {
        host.returned(0);
    }
}

fn returned(code: i32) -> Ended {
    Ended {
        code,
        how: How::Return,
    }
}

fn exited(code: i32) -> Ended {
    Ended {
        code,
        how: How::Exit,
    }
}

fn dropped(code: i32) -> Ended {
    Ended {
        code,
        how: How::Drop,
    }
}
