//! Walks over statements and expressions.

use script::ast::{Expr, ExprKind, Stmt, StmtKind};

/// Deeper trees are refused by the compiler.
const MAX_DEPTH: usize = 250;

/// Calls `visit` with each statement, outer ones first. Statements nest no deeper than the grammar
/// lets them.
pub(super) fn statements<'a>(body: &'a [Stmt], visit: &mut dyn FnMut(&'a Stmt)) {
    for statement in body {
        visit(statement);
        lists(statement, &mut |list| statements(list, visit));
    }
}

/// Calls `visit` with each list of statements inside a statement.
pub(super) fn lists<'a>(statement: &'a Stmt, visit: &mut dyn FnMut(&'a [Stmt])) {
    match &statement.node {
        StmtKind::If {
            then, otherwise, ..
        } => {
            visit(then);
            visit(otherwise);
        }
        StmtKind::While { body, .. } | StmtKind::Block(body) => visit(body),
        StmtKind::Switch { cases, .. } => cases.iter().for_each(|case| visit(&case.body)),
        _ => {}
    }
}

/// The expressions that a statement computes itself, not those of statements inside it. What is
/// assigned to is not among them.
pub(super) fn own_expressions(statement: &Stmt) -> Option<&Expr> {
    match &statement.node {
        StmtKind::If { condition, .. } | StmtKind::While { condition, .. } => Some(condition),
        StmtKind::Switch { subject, .. } => Some(subject),
        StmtKind::Return(value) | StmtKind::Exit(value) | StmtKind::Drop(value) => value.as_ref(),
        StmtKind::Assign { value, .. } | StmtKind::Expr(value) => Some(value),
        StmtKind::Break | StmtKind::Continue | StmtKind::Block(_) => None,
    }
}

/// Calls `visit` with each part of an expression, outer ones first.
pub(super) fn expression<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    descend(expr, 0, visit);
}

fn descend<'a>(expr: &'a Expr, depth: usize, visit: &mut dyn FnMut(&'a Expr)) {
    if depth > MAX_DEPTH {
        return;
    }
    visit(expr);
    let mut inner = |part: &'a Expr| descend(part, depth + 1, visit);
    match &expr.node {
        ExprKind::Call { args, .. } => args.iter().for_each(inner),
        ExprKind::Route(operand) | ExprKind::Unary(_, operand) => inner(operand),
        ExprKind::Binary(_, left, right) => {
            inner(left);
            inner(right);
        }
        ExprKind::Assign { target, value } => {
            inner(target);
            inner(value);
        }
        ExprKind::Choice(choice) => {
            inner(&choice.condition);
            inner(&choice.then);
            inner(&choice.otherwise);
        }
        ExprKind::Int(_)
        | ExprKind::Str(_)
        | ExprKind::Variable(_)
        | ExprKind::Select(_)
        | ExprKind::Keyword(_)
        | ExprKind::Ip(_) => {}
    }
}
