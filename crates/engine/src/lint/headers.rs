//! Reading a header that was changed just before: changes show after `msg_apply_changes()`.

use script::ast::{Expr, ExprKind, Stmt, StmtKind};
use script::host::Problem;

use super::text::mentions;
use super::{Findings, walk};

/// A header that an earlier statement of the list changed.
struct Changed {
    name: String,
    function: String,
}

/// Warns of headers that are read before their change can be seen.
pub(super) fn check(body: &[Stmt], findings: &mut Findings) {
    list(body, findings);
    walk::statements(body, &mut |statement| {
        walk::lists(statement, &mut |inner| list(inner, findings));
    });
}

fn list(body: &[Stmt], findings: &mut Findings) {
    let mut changed: Vec<Changed> = Vec::new();
    for statement in body {
        if !changed.is_empty() {
            reads(statement, &mut changed, findings);
            if is_opaque(statement) {
                changed.clear();
            }
        }
        let StmtKind::Expr(Expr {
            node: ExprKind::Call { name, args },
            ..
        }) = &statement.node
        else {
            continue;
        };
        if let Some(header) = changed_header(&name.node, args) {
            changed.push(Changed {
                name: header,
                function: name.node.clone(),
            });
        }
    }
}

/// Whether other blocks run, or the changes are applied, somewhere in a statement.
fn is_opaque(statement: &Stmt) -> bool {
    let mut found = false;
    walk::statements(std::slice::from_ref(statement), &mut |inner| {
        if let Some(expr) = walk::own_expressions(inner) {
            walk::expression(expr, &mut |part| {
                found |= match &part.node {
                    ExprKind::Route(_) => true,
                    ExprKind::Call { name, .. } => name.node == "msg_apply_changes",
                    _ => false,
                };
            });
        }
    });
    found
}

/// Complains once of each changed header that a statement reads.
fn reads(statement: &Stmt, changed: &mut Vec<Changed>, findings: &mut Findings) {
    let mut stop = false;
    walk::statements(std::slice::from_ref(statement), &mut |inner| {
        let Some(expr) = walk::own_expressions(inner).filter(|_| !stop) else {
            return;
        };
        walk::expression(expr, &mut |part| {
            let text = match &part.node {
                ExprKind::Variable(text) => text.as_bytes(),
                ExprKind::Str(text) => text,
                ExprKind::Route(_) => {
                    stop = true;
                    return;
                }
                ExprKind::Call { name, .. } if name.node == "msg_apply_changes" => {
                    stop = true;
                    return;
                }
                _ => return,
            };
            mentions(text, &mut |mention| {
                let is_read =
                    |one: &Changed| one.name.as_bytes().eq_ignore_ascii_case(mention.name);
                if mention.class != b"hdr" || stop {
                    return;
                }
                if let Some(at) = changed.iter().position(is_read) {
                    let one = changed.swap_remove(at);
                    findings.add(part.span, too_early(&one));
                }
            });
        });
    });
}

fn too_early(changed: &Changed) -> Problem {
    let Changed { name, function } = changed;
    Problem::warning(
        "change-not-visible",
        format!("$hdr({name}) does not show yet what {function}() changed"),
    )
    .with_help("call msg_apply_changes() between the two")
}

/// The name of the header that a call changes, when it is a literal.
fn changed_header(function: &str, args: &[Expr]) -> Option<String> {
    let Some(ExprKind::Str(text)) = args.first().map(|arg| &arg.node) else {
        return None;
    };
    let text = std::str::from_utf8(text).ok()?;
    let name = match function {
        "append_hf" | "insert_hf" => text.split_once(':')?.0,
        "remove_hf" => text,
        _ => return None,
    };
    let name = name.trim();
    (!name.is_empty() && !name.contains('$')).then(|| name.to_owned())
}
