//! Statements.

use std::collections::HashSet;

use bytes::Bytes;

use super::Compiler;
use super::assembler::Place;
use super::expression::{Kind, Simplified, Wanted, is_variable, simplify};
use super::fold::{constant, label};
use crate::ast::{Case, CaseLabel, Expr, ExprKind, Span, Stmt, StmtKind};
use crate::host::{Catalog, Problem};
use crate::program::{Cases, Label, Op, Switch};
use crate::regex::{self, Pattern};
use crate::value::Value;

/// The code of a `return` whose expression fails.
const FAILED_RETURN: i32 = -5;

/// How deep statements may nest.
const MAX_NESTING: u16 = 200;

/// Whether a statement may be the last that its block runs, so that it decides the block's code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tail {
    Yes,
    No,
}

/// What `break` leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breakable {
    /// The loop's head; none for `switch`.
    head: Option<Place>,
    out: Place,
}

/// How a script or block is left.
#[derive(Clone, Copy)]
enum Way {
    Return,
    Exit,
    Drop,
}

/// The name in `route(NAME)`, when it is a literal.
pub(crate) fn route_name(expr: &Expr) -> Option<Bytes> {
    match (&expr.node, constant(expr)) {
        (_, Some(name)) => Some(name.to_bytes()),
        (ExprKind::Keyword(word), None) => Some(word.clone().into()),
        _ => None,
    }
}

impl<C: Catalog> Compiler<'_, C> {
    pub(super) fn statements(&mut self, body: &[Stmt], tail: Tail) {
        let mut ended = false;
        for (index, statement) in body.iter().enumerate() {
            // A closing `return` behind another way out is a habit, not a mistake.
            if ended && !body[index..].iter().all(is_plain_end) {
                self.warn(statement.span, "unreachable", "this is never reached");
            }
            let is_last = index + 1 == body.len();
            self.statement(statement, if is_last { tail } else { Tail::No });
            ended = matches!(
                statement.node,
                StmtKind::Return(_)
                    | StmtKind::Exit(_)
                    | StmtKind::Drop(_)
                    | StmtKind::Break
                    | StmtKind::Continue
            );
        }
    }

    fn statement(&mut self, statement: &Stmt, tail: Tail) {
        let span = statement.span;
        if self.options.trace {
            self.assembler.emit(Op::Trace, span);
        }
        match &statement.node {
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => self.if_statement(condition, then, otherwise, span, tail),
            StmtKind::While { condition, body } => self.while_loop(condition, body, span, tail),
            StmtKind::Switch { subject, cases } => self.switch(subject, cases, span, tail),
            StmtKind::Break => self.break_statement(span),
            StmtKind::Continue => self.continue_statement(span),
            StmtKind::Return(code) => self.leave(Way::Return, code.as_ref(), span),
            StmtKind::Exit(code) => self.leave(Way::Exit, code.as_ref(), span),
            StmtKind::Drop(code) => self.leave(Way::Drop, code.as_ref(), span),
            StmtKind::Assign { target, value } => self.assign(target, value, span),
            StmtKind::Expr(expr) => self.expression_statement(expr),
            StmtKind::Block(body) => self.nested_statements(body, span, tail),
        }
    }

    /// The statements of a block inside this one.
    fn nested_statements(&mut self, body: &[Stmt], span: Span, tail: Tail) {
        if self.depth >= MAX_NESTING {
            self.error(span, "nesting-too-deep", "statements are nested too deeply");
            return;
        }
        self.depth += 1;
        self.statements(body, tail);
        self.depth -= 1;
    }

    /// Compiles the expression of a statement. A failing operator goes to `failed`. Yields whether
    /// it has several calls, so that the end of the script must be checked for after it.
    fn expression<T>(
        &mut self,
        expr: &Expr,
        failed: Place,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> (T, bool) {
        let outer = (
            self.failed.replace(failed),
            std::mem::replace(&mut self.many_calls, calls_in(expr, 0) > 1),
        );
        let result = compile(self);
        let many_calls = self.many_calls;
        (self.failed, self.many_calls) = outer;
        (result, many_calls)
    }

    fn check_exit(&mut self, many_calls: bool, span: Span) {
        if many_calls {
            self.assembler.emit(Op::CheckExit, span);
        }
    }

    /// Where a failing operator of the present statement goes.
    pub(super) fn fails_to(&mut self) -> Place {
        self.may_fail = true;
        match self.failed {
            Some(place) => place,
            None => self.assembler.place(),
        }
    }

    fn if_statement(
        &mut self,
        condition: &Expr,
        then: &[Stmt],
        otherwise: &[Stmt],
        span: Span,
        tail: Tail,
    ) {
        let no = self.assembler.place();
        let end = self.assembler.place();
        let ((), many_calls) =
            self.expression(condition, no, |compiler| compiler.condition(condition, no));
        self.check_exit(many_calls, span);
        if then.is_empty() && otherwise.is_empty() {
            self.warn(span, "empty-statement", "`if` without statements");
        }
        self.nested_statements(then, span, tail);
        let is_last = tail == Tail::Yes;
        if otherwise.is_empty() && !is_last && !many_calls {
            self.assembler.set(no);
        } else {
            self.assembler.emit(Op::Jump(end.0), span);
            self.assembler.set(no);
            self.check_exit(many_calls, span);
            if otherwise.is_empty() && is_last {
                self.assembler.emit(Op::Last(1), span);
            }
            self.nested_statements(otherwise, span, tail);
        }
        self.assembler.set(end);
    }

    fn while_loop(&mut self, condition: &Expr, body: &[Stmt], span: Span, tail: Tail) {
        let head = self.assembler.place();
        let out = self.assembler.place();
        if matches!(simplify(condition), Simplified::Constant { .. }) {
            self.warn(
                condition.span,
                "constant-condition",
                "constant value in while(...)",
            );
        }
        if tail == Tail::Yes {
            self.assembler.emit(Op::Last(1), span);
        }
        self.assembler.emit(Op::LoopEnter, span);
        self.assembler.set(head);
        let ((), many_calls) = self.expression(condition, out, |compiler| {
            compiler.loop_condition(condition, out)
        });
        self.check_exit(many_calls, span);
        self.assembler.emit(Op::LoopTurn(out.0), span);
        self.breaks.push(Breakable {
            head: Some(head),
            out,
        });
        self.nested_statements(body, span, Tail::No);
        self.breaks.pop();
        self.assembler.emit(Op::JumpBack(head.0), span);
        self.assembler.set(out);
        self.check_exit(many_calls, span);
        self.assembler.emit(Op::LoopLeave, span);
    }

    fn break_statement(&mut self, span: Span) {
        match self.breaks.last() {
            Some(&Breakable { out, .. }) => {
                self.assembler.emit(Op::Last(0), span);
                self.assembler.emit(Op::Jump(out.0), span);
            }
            None => self.assembler.emit(Op::EndBroken, span),
        }
    }

    fn continue_statement(&mut self, span: Span) {
        match self.breaks.iter().rev().find_map(|around| around.head) {
            Some(head) => self.assembler.emit(Op::JumpBack(head.0), span),
            None => self.error(span, "stray-continue", "`continue` outside of a loop"),
        }
    }

    fn switch(&mut self, subject: &Expr, cases: &[Case], span: Span, tail: Tail) {
        let out = self.assembler.place();
        let places: Vec<Place> = cases.iter().map(|_| self.assembler.place()).collect();
        let default = cases
            .iter()
            .zip(&places)
            .find(|(case, _)| case.label == CaseLabel::Default)
            .map_or(out, |(_, &place)| place);
        if cases.is_empty() {
            self.warn(span, "empty-statement", "empty switch()");
        }
        if tail == Tail::Yes {
            self.assembler.emit(Op::Last(1), span);
        }
        let cases_table = self.cases(cases, &places);
        let of_numbers = matches!(cases_table, Cases::Int(_));
        let (_, many_calls) = self.expression(subject, default, |compiler| match of_numbers {
            true if is_variable(subject) => compiler.variable_operand(subject, Wanted::Number),
            _ => compiler.operand(subject),
        });
        self.check_exit(many_calls, span);
        let table = self.assembler.switch(Switch {
            cases: cases_table,
            default: default.0,
        });
        self.assembler.emit(Op::Switch(table), span);
        self.breaks.push(Breakable { head: None, out });
        for (case, &place) in cases.iter().zip(&places) {
            self.assembler.set(place);
            self.nested_statements(&case.body, case.span, Tail::No);
        }
        self.breaks.pop();
        self.assembler.set(out);
    }

    /// The table of a `switch`.
    fn cases(&mut self, cases: &[Case], places: &[Place]) -> Cases {
        let mut numbers = Vec::new();
        let mut labels = Vec::new();
        let mut seen = HashSet::new();
        for (case, place) in cases.iter().zip(places) {
            if !seen.insert(LabelKey::of(&case.label, place)) {
                let mut problem = Problem::error("duplicate-case", "duplicate case");
                problem.is_beyond = case.label != CaseLabel::Default;
                self.problem(case.span, problem);
            }
            match &case.label {
                CaseLabel::Default => {}
                CaseLabel::Regex(expr) => match self.case_pattern(expr) {
                    Some(pattern) => labels.push((Label::Regex(pattern), place.0)),
                    None => continue,
                },
                CaseLabel::Value(expr) => match label(expr) {
                    Some(Value::Str(text)) => labels.push((Label::Str(text), place.0)),
                    Some(number) => numbers.push((number.to_int(), place.0)),
                    None => self.error(expr.span, "constant-expected", "constant expected"),
                },
            }
            if !numbers.is_empty() && !labels.is_empty() {
                self.error(
                    case.span,
                    "type-mismatch",
                    "type mismatch in case: integers and strings cannot be mixed",
                );
                numbers.clear();
            }
        }
        if labels.is_empty() {
            numbers.sort_by_key(|case| case.0);
            return Cases::Int(numbers);
        }
        if labels
            .iter()
            .any(|(label, _)| matches!(label, Label::Regex(_)))
        {
            return Cases::Ordered(labels);
        }
        let mut texts: Vec<(Bytes, u32)> = labels
            .into_iter()
            .filter_map(|(label, place)| match label {
                Label::Str(text) => Some((text, place)),
                Label::Regex(_) => None,
            })
            .collect();
        texts.sort();
        Cases::Str(texts)
    }

    /// The pattern of `case /expr`.
    fn case_pattern(&mut self, expr: &Expr) -> Option<Pattern> {
        let Some(source) = label(expr) else {
            self.error(expr.span, "constant-expected", "constant expected");
            return None;
        };
        Pattern::new(&source.to_bytes(), regex::Case::Sensitive)
            .map_err(|error| self.bad_regex(expr.span, &error))
            .ok()
    }

    fn leave(&mut self, way: Way, code: Option<&Expr>, span: Span) {
        let literal = match (way, code) {
            (Way::Return | Way::Exit, None) => Some(1),
            (Way::Drop, None) => Some(0),
            (_, Some(code)) => constant(code)
                .filter(|code| matches!(code, Value::Int(_)))
                .map(|code| code.to_int()),
        };
        let (with_literal, with_value): (fn(i32) -> Op, Op) = match way {
            Way::Return => (Op::ReturnConst, Op::Return),
            Way::Exit => (Op::ExitConst, Op::Exit),
            Way::Drop => (Op::DropConst, Op::Drop),
        };
        let (Some(code), None) = (code, literal) else {
            self.assembler
                .emit(with_literal(literal.unwrap_or(1)), span);
            return;
        };
        let failed = self.assembler.place();
        self.may_fail = false;
        let (kind, many_calls) =
            self.expression(code, failed, |compiler| match is_variable(code) {
                true => compiler.variable_operand(code, Wanted::Number),
                false => compiler.operand(code),
            });
        if kind == Kind::Str {
            self.problem(
                code.span,
                Problem::error("type-mismatch", "bad type, integer expected").beyond(),
            );
        }
        self.check_exit(many_calls, span);
        self.assembler.emit(with_value, span);
        if self.may_fail {
            self.assembler.set(failed);
            self.assembler.emit(with_literal(FAILED_RETURN), span);
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr, span: Span) {
        if self.copied(target, value, span, false) {
            return;
        }
        let failed = self.assembler.place();
        let (_, many_calls) = self.expression(value, failed, |compiler| compiler.assigned(value));
        self.check_exit(many_calls, span);
        if let Some(variable) = self.written(target) {
            if let Some(read) = self.known_as_read(target) {
                self.assembler.is_same(read, variable);
            }
            self.assembler.emit(Op::Write(variable), span);
        }
        self.assembler.set(failed);
    }

    fn expression_statement(&mut self, expr: &Expr) {
        let span = expr.span;
        match &expr.node {
            ExprKind::Call { name, args } => {
                let failed = self.assembler.place();
                let (call, _) =
                    self.expression(expr, failed, |compiler| compiler.call(name, args, span));
                if let Some(call) = call {
                    self.assembler.emit(Op::Call(call), span);
                }
                self.assembler.set(failed);
            }
            ExprKind::Route(name) => self.route_statement(name, span),
            _ => {
                let failed = self.assembler.place();
                self.warn(span, "no-effect", "this has no effect");
                let (_, many_calls) =
                    self.expression(expr, failed, |compiler| compiler.value(expr));
                self.check_exit(many_calls, span);
                self.assembler.emit(Op::Pop, span);
                self.assembler.set(failed);
            }
        }
    }

    fn route_statement(&mut self, name: &Expr, span: Span) {
        self.no_route_while_sending(span);
        let depth = self.depth;
        if let Some(name) = route_name(name) {
            if let Some(route) = self.called_route(&name, span) {
                self.assembler.emit(Op::Route { route, depth }, span);
            }
            return;
        }
        self.calls_by_value = true;
        let failed = self.assembler.place();
        self.expression(name, failed, |compiler| compiler.operand(name));
        self.assembler.emit(Op::RouteNamed { depth }, span);
        self.assembler.set(failed);
    }
}

/// `return`, `exit`, `drop` and `break` without a value.
fn is_plain_end(statement: &Stmt) -> bool {
    matches!(
        statement.node,
        StmtKind::Return(None) | StmtKind::Exit(None) | StmtKind::Drop(None) | StmtKind::Break
    )
}

/// What makes two labels the same.
#[derive(Eq, Hash, PartialEq)]
enum LabelKey {
    Default,
    Regex(Bytes),
    Value(Value),
    /// No constant, which is an error of its own.
    Unknown(u32),
}

impl LabelKey {
    fn of(case: &CaseLabel, place: &Place) -> Self {
        match case {
            CaseLabel::Default => Self::Default,
            CaseLabel::Regex(expr) => label(expr).map_or(Self::Unknown(place.0), |pattern| {
                Self::Regex(pattern.to_bytes())
            }),
            CaseLabel::Value(expr) => label(expr).map_or(Self::Unknown(place.0), Self::Value),
        }
    }
}

/// The number of calls of functions and routes in an expression, as far as it matters: none, one
/// or more.
fn calls_in(expr: &Expr, depth: u16) -> u32 {
    if depth > MAX_NESTING {
        return 2;
    }
    match &expr.node {
        ExprKind::Call { args, .. } => {
            1 + args.iter().map(|arg| calls_in(arg, depth + 1)).sum::<u32>()
        }
        ExprKind::Route(name) => 1 + calls_in(name, depth + 1),
        ExprKind::Unary(_, operand) => calls_in(operand, depth + 1),
        ExprKind::Assign { value, .. } => calls_in(value, depth + 1),
        ExprKind::Choice(choice) => {
            calls_in(&choice.condition, depth + 1)
                + calls_in(&choice.then, depth + 1)
                + calls_in(&choice.otherwise, depth + 1)
        }
        ExprKind::Binary(_, left, right) => calls_in(left, depth + 1) + calls_in(right, depth + 1),
        _ => 0,
    }
}
