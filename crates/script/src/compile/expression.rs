//! Expressions. Kamailio types them as far as it can while loading: literals and results of
//! operators have a kind, variables get theirs when they are read.

use super::comparison::{is_null, is_special_comparison};
use super::fold::{constant, int_operator};
use super::{Compiler, Use, VariableOf};
use crate::ast::{BinaryOp, BlockKind, Choice, Expr, ExprKind, Name, Span, UnaryOp};
use crate::host::{Argument, Catalog, Problem, VariableName};
use crate::program::{DivideOp, IntOp, Op};
use crate::value::Value;

/// How deep expressions may nest; beyond any that a person writes.
pub(crate) const MAX_NESTING: u32 = 200;

/// Operands that speak of the message that is about to leave.
const SENDING: [&str; 8] = [
    "snd_af",
    "snd_ip",
    "snd_port",
    "snd_proto",
    "to_af",
    "to_ip",
    "to_port",
    "to_proto",
];

/// What is known of a value on the stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Int,
    Str,
    /// Known when it is read.
    Any,
    /// The code of a function or route: as an operand it counts as 1 (positive) or 0.
    Code,
}

/// What is wanted of a variable that is text and number at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    Number,
    /// What the operand below it on the stack is.
    AsLeft,
}

/// What remains of an expression once its constant parts are gone.
pub(crate) enum Simplified<'e> {
    Constant {
        value: Value,
        /// What the value does not depend on: it is checked, and never run.
        unused: Option<&'e Expr>,
    },
    Rest {
        expr: &'e Expr,
        /// It stands for `… && 1` or `… || 0`, whose value is an integer.
        as_int: bool,
    },
}

/// Removes constant operands of `&&`, `||` and `*`. As in Kamailio, calls that cannot change the
/// result any more are not made: `route(X) && 0` does not run X.
pub(crate) fn simplify(expr: &Expr) -> Simplified<'_> {
    let mut rest = expr;
    let mut as_int = false;
    for _ in 0..MAX_NESTING {
        if let Some(value) = constant(rest) {
            let unused = None;
            return Simplified::Constant { value, unused };
        }
        let ExprKind::Binary(op, left, right) = &rest.node else {
            break;
        };
        let (known, other) = match (constant(left), constant(right)) {
            (Some(known), None) => (known, right),
            (None, Some(known)) => (known, left),
            _ => break,
        };
        if !matches!(known, Value::Int(_)) {
            break;
        }
        let constant_of = |truth: bool| Simplified::Constant {
            value: Value::from(truth),
            unused: Some(other),
        };
        match (op, known.to_int()) {
            // Even by zero, or by what would have to be called first.
            (BinaryOp::Divide | BinaryOp::Modulo, 0) if constant(left).is_some() => {
                return constant_of(false);
            }
            (BinaryOp::And | BinaryOp::Multiply, 0) => return constant_of(false),
            // Kamailio drops `1 &&`, but computes `2 &&`, which yields 1.
            (BinaryOp::And, 1) | (BinaryOp::Or, 0) => {
                rest = other;
                as_int = true;
            }
            (BinaryOp::Or, _) => return constant_of(true),
            _ => break,
        }
    }
    Simplified::Rest { expr: rest, as_int }
}

impl<C: Catalog> Compiler<'_, C> {
    /// Pushes an expression's value.
    pub(super) fn value(&mut self, expr: &Expr) -> Kind {
        match simplify(expr) {
            Simplified::Constant { value, unused } => {
                self.check_unused(unused);
                self.push_constant(value, expr.span)
            }
            Simplified::Rest { expr, as_int } => {
                self.nesting += 1;
                let kind = if self.nesting > MAX_NESTING {
                    self.error(
                        expr.span,
                        "nesting-too-deep",
                        "expression is nested too deeply",
                    );
                    Kind::Any
                } else if as_int && is_variable(expr) {
                    self.variable_operand(expr, Wanted::Number)
                } else {
                    self.push_value(expr)
                };
                self.nesting -= 1;
                match (kind, as_int) {
                    (Kind::Any, true) => {
                        self.assembler.emit(Op::ToInt, expr.span);
                        Kind::Int
                    }
                    (Kind::Str, true) => self.mismatch(expr.span, Kind::Str),
                    _ => kind,
                }
            }
        }
    }

    /// Assigns what is no more than a variable, and pushes the code of that if it is wanted. False:
    /// the value has to be computed.
    pub(super) fn copied(&mut self, target: &Expr, value: &Expr, span: Span, push: bool) -> bool {
        let Simplified::Rest {
            expr: value,
            as_int: false,
        } = simplify(value)
        else {
            return false;
        };
        if !is_variable(value) {
            return false;
        }
        let (from, to) = (self.readable(value), self.written(target));
        if let (Some(from), Some(to)) = (from, to) {
            self.assembler.emit(Op::Copy { from, to, push }, span);
        }
        true
    }

    /// Pushes the value that is assigned: there, a comparison that fails
    /// does not hold.
    pub(super) fn assigned(&mut self, expr: &Expr) {
        self.value(expr);
        if let Simplified::Rest { expr: rest, .. } = simplify(expr)
            && is_special_comparison(rest)
        {
            self.assembler.emit(Op::CodeToBool, expr.span);
        }
    }

    /// Says what is wrong with an operand that is never computed, as far as Kamailio's check finds
    /// it: what it would find when it prepares the routes is gone by then.
    pub(super) fn check_unused(&mut self, operand: Option<&Expr>) {
        let Some(operand) = operand else {
            return;
        };
        let mark = self.assembler.mark();
        let before = self.problems.len();
        self.nested(operand, |compiler| {
            compiler.int_operand(operand);
        });
        self.assembler.rewind(mark);
        let found = self.problems.split_off(before);
        let early = found
            .into_iter()
            .filter(|problem| !problem.problem.is_beyond);
        self.problems.extend(early);
    }

    /// Pushes an expression's value as an operand: codes of calls become 1 or 0.
    pub(super) fn operand(&mut self, expr: &Expr) -> Kind {
        let kind = self.value(expr);
        if kind == Kind::Code {
            self.assembler.emit(Op::CodeToBool, expr.span);
            return Kind::Int;
        }
        kind
    }

    /// An operand of an operator on integers.
    pub(super) fn int_operand(&mut self, expr: &Expr) {
        if self.int_context(expr) == Kind::Str {
            self.mismatch(expr.span, Kind::Str);
        }
    }

    /// Pushes a value of which only the number counts. There, a sum that would join texts if its
    /// first part was one when it runs adds numbers instead; the kind is that of the sum.
    pub(super) fn int_context(&mut self, expr: &Expr) -> Kind {
        if is_variable(expr) {
            return self.variable_operand(expr, Wanted::Number);
        }
        let ExprKind::Binary(BinaryOp::Add, left, right) = &expr.node else {
            return self.operand(expr);
        };
        if constant(expr).is_some() || is_text(left) {
            return self.operand(expr);
        }
        let mut kind = Kind::Any;
        self.nested(expr, |compiler| {
            kind = compiler.int_context(left);
            let right_kind = compiler.int_context(right);
            if kind == Kind::Int && right_kind == Kind::Str {
                compiler.mismatch(right.span, Kind::Str);
            }
            compiler.assembler.emit(Op::Int2(IntOp::Add), expr.span);
        });
        kind
    }

    /// Pushes a variable; of one that is text and number at once, what is wanted.
    pub(super) fn variable_operand(&mut self, expr: &Expr, wanted: Wanted) -> Kind {
        if let Some(index) = self.readable(expr) {
            let op = match (self.number_of(expr, index), wanted) {
                (None, _) => Op::Read(index),
                (Some(number), Wanted::Number) => Op::Read(number),
                (Some(number), Wanted::AsLeft) => Op::ReadAsLeft {
                    text: index,
                    number,
                },
            };
            self.assembler.emit(op, expr.span);
        }
        Kind::Any
    }

    /// The number of a variable that has one of its own.
    fn number_of(&mut self, expr: &Expr, index: u32) -> Option<u32> {
        let variable = self.assembler.resolved(index)?;
        if !self.catalog.has_number(variable) {
            return None;
        }
        self.variable(Use::Number, variable_name(expr)?, expr.span)
    }

    /// The right operand of an operator whose left one decides whether texts or numbers are meant.
    pub(super) fn right_operand(&mut self, left: Kind, right: &Expr) -> Kind {
        match left {
            Kind::Str => self.operand(right),
            Kind::Any if is_variable(right) => self.variable_operand(right, Wanted::AsLeft),
            Kind::Int | Kind::Code if is_variable(right) => {
                self.variable_operand(right, Wanted::Number)
            }
            _ => self.operand(right),
        }
    }

    pub(super) fn mismatch(&mut self, span: Span, found: Kind) -> Kind {
        let message = match found {
            Kind::Str => "type mismatch: string where an integer is needed",
            _ => "type mismatch: integer where a string is needed",
        };
        self.error(span, "type-mismatch", message);
        found
    }

    /// What is no regular expression: Kamailio finds it only when it starts.
    pub(super) fn late_mismatch(&mut self, span: Span, found: &str) {
        let message = format!("type mismatch: {found} where a regular expression is needed");
        self.problem(span, Problem::error("type-mismatch", message).beyond());
    }

    pub(super) fn bad_regex(&mut self, span: Span, error: &impl std::fmt::Display) {
        let message = format!("bad regular expression: {error}");
        self.problem(span, Problem::error("bad-regex", message).beyond());
    }

    fn push_constant(&mut self, value: Value, span: Span) -> Kind {
        match value {
            Value::Int(number) => {
                let op = Op::Int(crate::value::wrap(number));
                self.assembler.emit(op, span);
                Kind::Int
            }
            value => {
                if let Value::Str(text) = &value {
                    self.mention(text);
                }
                let index = self.assembler.constant(value);
                self.assembler.emit(Op::Constant(index), span);
                Kind::Str
            }
        }
    }

    fn push_value(&mut self, expr: &Expr) -> Kind {
        match &expr.node {
            ExprKind::Int(number) => self.push_constant(Value::Int(*number), expr.span),
            ExprKind::Str(text) => self.push_constant(Value::Str(text.clone()), expr.span),
            ExprKind::Variable(_)
            | ExprKind::Select(_)
            | ExprKind::Keyword(_)
            | ExprKind::Ip(_) => {
                if let Some(index) = self.readable(expr) {
                    self.assembler.emit(Op::Read(index), expr.span);
                }
                match &expr.node {
                    ExprKind::Select(_) => Kind::Str,
                    _ => Kind::Any,
                }
            }
            ExprKind::Call { name, args } => {
                if let Some(call) = self.call(name, args, expr.span) {
                    self.assembler.emit(Op::CallPush(call), expr.span);
                }
                Kind::Code
            }
            ExprKind::Route(name) => {
                self.route_push(name, expr.span);
                Kind::Code
            }
            ExprKind::Choice(choice) => self.choice(choice, expr.span),
            ExprKind::Assign { target, value } => {
                if self.copied(target, value, expr.span, true) {
                    return Kind::Code;
                }
                self.assigned(value);
                if let Some(variable) = self.written(target) {
                    self.assembler.emit(Op::WritePush(variable), expr.span);
                }
                Kind::Code
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand, expr.span),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, expr.span),
        }
    }

    /// `selval(…)`: of its values only the chosen one is computed, and null becomes a text. Of which
    /// kind it is shows when it runs, even if both values are of one.
    fn choice(&mut self, choice: &Choice, span: Span) -> Kind {
        let no = self.assembler.place();
        let end = self.assembler.place();
        self.condition(&choice.condition, no);
        let then = self.operand(&choice.then);
        self.assembler.emit(Op::Jump(end.0), span);
        self.assembler.set(no);
        let otherwise = self.operand(&choice.otherwise);
        self.assembler.set(end);
        if then == Kind::Any || otherwise == Kind::Any {
            self.assembler.emit(Op::NullToStr, span);
        }
        Kind::Any
    }

    fn route_push(&mut self, name: &Expr, span: Span) {
        self.no_route_while_sending(span);
        let depth = self.depth;
        if let Some(name) = super::statement::route_name(name) {
            if let Some(route) = self.called_route(&name, span) {
                let op = if self.many_calls {
                    Op::RouteSoft { route, depth }
                } else {
                    Op::RoutePush { route, depth }
                };
                self.assembler.emit(op, span);
            }
            return;
        }
        self.calls_by_value = true;
        self.operand(name);
        self.assembler.emit(Op::RouteNamedPush { depth }, span);
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Expr, span: Span) -> Kind {
        match op {
            UnaryOp::Not | UnaryOp::BitNot | UnaryOp::Minus | UnaryOp::Plus => {
                self.int_operand(operand);
                self.assembler.emit(
                    match op {
                        UnaryOp::Not => Op::Not,
                        UnaryOp::BitNot => Op::BitNot,
                        UnaryOp::Minus => Op::Minus,
                        _ => Op::ToInt,
                    },
                    span,
                );
                Kind::Int
            }
            UnaryOp::CastInt => {
                if self.int_context(operand) != Kind::Int {
                    self.assembler.emit(Op::ToInt, span);
                }
                Kind::Int
            }
            UnaryOp::CastStr => {
                if self.operand(operand) != Kind::Str {
                    self.assembler.emit(Op::ToStr, span);
                }
                Kind::Str
            }
            UnaryOp::Defined | UnaryOp::StrLen | UnaryOp::StrEmpty => {
                if self.operand(operand) == Kind::Int {
                    self.mismatch(operand.span, Kind::Int);
                }
                self.assembler.emit(
                    match op {
                        UnaryOp::Defined => Op::Defined,
                        UnaryOp::StrLen => Op::StrLen,
                        _ => Op::StrEmpty,
                    },
                    span,
                );
                Kind::Int
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Kind {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logical(op, left, right, span),
            BinaryOp::Add => self.add(left, right, span),
            BinaryOp::Equal | BinaryOp::NotEqual => {
                self.equality(op == BinaryOp::NotEqual, left, right, span)
            }
            BinaryOp::StrEqual | BinaryOp::StrNotEqual => {
                self.text_equality(op == BinaryOp::StrNotEqual, left, right, span)
            }
            BinaryOp::Match | BinaryOp::NotMatch => {
                self.matching(op == BinaryOp::NotMatch, left, right, span)
            }
            BinaryOp::Divide | BinaryOp::Modulo => self.divide(op, left, right, span),
            BinaryOp::IntEqual | BinaryOp::IntNotEqual if is_null(right) => {
                self.null_test(op == BinaryOp::IntNotEqual, left, span)
            }
            _ if matches!(left.node, ExprKind::Keyword(_)) => self.order(op, left, right, span),
            _ => {
                self.int_operand(left);
                self.int_operand(right);
                if let Some(op) = int_operator(op) {
                    self.assembler.emit(Op::Int2(op), span);
                }
                Kind::Int
            }
        }
    }

    /// `&&` and `||` as a value: 1 or 0.
    fn logical(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Kind {
        let is_and = op == BinaryOp::And;
        let decided = self.assembler.place();
        let end = self.assembler.place();
        self.int_operand(left);
        let jump = if is_and {
            Op::JumpZero(decided.0)
        } else {
            Op::JumpNonZero(decided.0)
        };
        self.assembler.emit(jump, left.span);
        self.int_operand(right);
        self.assembler.emit(Op::ToBool, right.span);
        self.assembler.emit(Op::Jump(end.0), span);
        self.assembler.set(decided);
        self.assembler.emit(Op::Int(i32::from(!is_and)), span);
        self.assembler.set(end);
        Kind::Int
    }

    fn add(&mut self, left: &Expr, right: &Expr, span: Span) -> Kind {
        let kind = self.operand(left);
        let right_kind = self.right_operand(kind, right);
        let op = match kind {
            Kind::Str => Op::Join,
            Kind::Any => Op::Plus,
            Kind::Int | Kind::Code => {
                if right_kind == Kind::Str {
                    self.mismatch(right.span, Kind::Str);
                }
                Op::Int2(IntOp::Add)
            }
        };
        self.assembler.emit(op, span);
        kind
    }

    fn divide(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Kind {
        self.int_operand(left);
        self.int_operand(right);
        if constant(right).is_some_and(|right| right.to_int() == 0) {
            self.warn(span, "division-by-zero", "division by zero");
        }
        let op = if op == BinaryOp::Divide {
            DivideOp::Quotient
        } else {
            DivideOp::Remainder
        };
        let failed = self.fails_to();
        self.assembler.emit(Op::Divide(op, failed.0), span);
        Kind::Int
    }

    /// Resolves a variable that is read.
    pub(super) fn readable(&mut self, expr: &Expr) -> Option<u32> {
        if let ExprKind::Keyword(word) = &expr.node
            && SENDING.contains(&word.as_str())
            && self.block != BlockKind::OnSend
        {
            let message = format!("`{word}` has a value in onsend_route only");
            self.error(expr.span, "wrong-route", message);
        }
        self.variable(Use::Read, variable_name(expr)?, expr.span)
    }

    /// Functions cannot be called in the arguments of others.
    fn no_call_in(&mut self, arg: &Expr, depth: u32) {
        match &arg.node {
            _ if depth > MAX_NESTING => {}
            ExprKind::Call { name, .. } => {
                let problem = Problem::error(
                    "call-in-argument",
                    format!("`{}` cannot be called in an argument", name.node),
                )
                .with_help("call it before and keep $rc in a variable");
                self.problem(arg.span, problem);
            }
            ExprKind::Assign { .. } => {
                let message = "an argument cannot assign";
                self.error(arg.span, "call-in-argument", message);
            }
            ExprKind::Choice(choice) => {
                for part in [&choice.condition, &choice.then, &choice.otherwise] {
                    self.no_call_in(part, depth + 1);
                }
            }
            ExprKind::Unary(_, operand) => self.no_call_in(operand, depth + 1),
            ExprKind::Binary(_, left, right) => {
                self.no_call_in(left, depth + 1);
                self.no_call_in(right, depth + 1);
            }
            _ => {}
        }
    }

    /// Resolves a variable that is written.
    pub(super) fn written(&mut self, target: &Expr) -> Option<u32> {
        let Some(name) = variable_name(target) else {
            self.error(target.span, "not-assignable", "this cannot be assigned to");
            return None;
        };
        self.variable(Use::Write, name, target.span)
    }

    /// The variable of an assignment, if it was resolved for reading before.
    pub(super) fn known_as_read(&mut self, target: &Expr) -> Option<u32> {
        match variable_name(target)? {
            VariableName::Pseudo(text) => self.variables.of(Use::Read).get(text).copied(),
            _ => None,
        }
    }

    /// Resolves a variable, or finds that it was resolved before.
    fn variable(&mut self, how: Use, name: VariableName<'_>, span: Span) -> Option<u32> {
        let VariableName::Pseudo(text) = name else {
            let found = self.look_up(how, name);
            let variable = self.resolved(found, span)?;
            return Some(self.assembler.variable(variable));
        };
        if let Some(known) = self.variables.of(how).get(text) {
            return Some(*known);
        }
        let problems = self.problems.len();
        let found = self.look_up(how, name);
        let variable = self.resolved(found, span)?;
        let index = self.assembler.variable(variable);
        // What is odd about a variable is said at each of its places.
        if self.problems.len() == problems {
            self.variables.of(how).insert(text.to_owned(), index);
        }
        Some(index)
    }

    fn look_up(&mut self, how: Use, name: VariableName<'_>) -> Result<VariableOf<C>, Vec<Problem>> {
        match how {
            Use::Read => self.catalog.readable(name),
            Use::Number => self.catalog.numeric(name),
            Use::Write => self.catalog.writable(name),
        }
    }

    /// Resolves a function and pushes the arguments that must be computed.
    pub(super) fn call(&mut self, name: &Name, args: &[Expr], span: Span) -> Option<u32> {
        let mut dynamic = 0;
        let mut arguments = Vec::with_capacity(args.len());
        for arg in args {
            self.no_call_in(arg, 0);
            let argument = match (&arg.node, constant(arg)) {
                (_, Some(Value::Int(number))) => Argument::Int(number),
                (_, Some(Value::Str(text))) => {
                    self.mention(&text);
                    Argument::Str(text)
                }
                (ExprKind::Variable(name), _) => Argument::Variable(name.clone()),
                (ExprKind::Select(name), _) => Argument::Select(name.clone()),
                (ExprKind::Keyword(word) | ExprKind::Ip(word), _) => {
                    Argument::Str(word.clone().into())
                }
                _ => {
                    self.operand(arg);
                    dynamic += 1;
                    Argument::Dynamic(dynamic - 1)
                }
            };
            arguments.push(argument);
        }
        let found = self
            .catalog
            .function(&name.node, &arguments, self.block, span);
        let call = self.resolved(found, name.span)?;
        let dynamic = u32::try_from(dynamic).unwrap_or(u32::MAX);
        Some(self.assembler.call(call, dynamic))
    }
}

/// The name of a variable-like operand.
pub(crate) fn variable_name(expr: &Expr) -> Option<VariableName<'_>> {
    match &expr.node {
        ExprKind::Variable(name) => Some(VariableName::Pseudo(name)),
        ExprKind::Select(name) => Some(VariableName::Select(name)),
        ExprKind::Keyword(word) => Some(VariableName::Keyword(word)),
        ExprKind::Ip(text) => Some(VariableName::Ip(text)),
        _ => None,
    }
}

/// Whether an expression is a text whatever its parts are when it runs.
fn is_text(expr: &Expr) -> bool {
    let mut expr = expr;
    while let ExprKind::Binary(BinaryOp::Add, left, _) = &expr.node {
        expr = left;
    }
    matches!(
        expr.node,
        ExprKind::Str(_) | ExprKind::Unary(UnaryOp::CastStr, _)
    )
}

pub(super) fn is_variable(expr: &Expr) -> bool {
    matches!(expr.node, ExprKind::Variable(_))
}
