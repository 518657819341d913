//! Order of statements in one list: what follows a final reply, `record_route` behind `t_relay`.

use script::ast::{Expr, ExprKind, Span, Stmt, StmtKind};
use script::host::Problem;

use super::{Findings, walk};

/// What happened to the request so far in this list of statements.
#[derive(Default)]
struct Seen {
    /// A final reply, sent by a function of this name.
    reply: Option<(String, Span)>,
    relay: Option<String>,
}

/// Warns of statements that come too late.
pub(super) fn check(body: &[Stmt], findings: &mut Findings) {
    list(body, findings);
    walk::statements(body, &mut |statement| {
        walk::lists(statement, &mut |inner| list(inner, findings));
    });
}

fn list(body: &[Stmt], findings: &mut Findings) {
    let mut seen = Seen::default();
    for statement in body {
        if let StmtKind::Return(_) | StmtKind::Exit(_) | StmtKind::Drop(_) | StmtKind::Break =
            statement.node
        {
            return;
        }
        if (seen.reply.is_some() || seen.relay.is_some())
            && let Some(expr) = walk::own_expressions(statement)
        {
            follows(expr, &seen, findings);
        }
        // What a condition calls may not have worked; only plain statements are certain.
        match &statement.node {
            StmtKind::Expr(Expr {
                node: ExprKind::Call { name, args },
                span,
            }) => note(&name.node, args, *span, &mut seen),
            StmtKind::If { condition, .. } => {
                walk::expression(condition, &mut |part| {
                    if let ExprKind::Call { name, .. } = &part.node
                        && relays(&name.node)
                    {
                        seen.relay = Some(name.node.clone());
                    }
                });
            }
            _ => {}
        }
    }
}

fn note(function: &str, args: &[Expr], span: Span, seen: &mut Seen) {
    if replies(function) && is_final(args) {
        seen.reply = Some((function.to_owned(), span));
    }
    if relays(function) {
        seen.relay = Some(function.to_owned());
    }
}

/// Complains of calls that make no sense after what was seen.
fn follows(expr: &Expr, seen: &Seen, findings: &mut Findings) {
    walk::expression(expr, &mut |part| {
        let ExprKind::Call { name, .. } = &part.node else {
            return;
        };
        let function = name.node.as_str();
        if let Some((reply, _)) = &seen.reply
            && (replies(function) || relays(function))
        {
            findings.add(
                part.span,
                Problem::warning(
                    "missing-exit",
                    format!("{function}() runs although {reply}() gave a final reply before"),
                )
                .with_help(format!(
                    "{reply}() does not end the script: write exit after it"
                )),
            );
        }
        if let Some(relay) = &seen.relay
            && matches!(function, "record_route" | "record_route_preset")
        {
            findings.add(
                part.span,
                Problem::warning(
                    "late-record-route",
                    format!("{function}() comes too late: {relay}() has sent the request"),
                )
                .with_help(format!("move it before {relay}()")),
            );
        }
    });
}

fn replies(function: &str) -> bool {
    matches!(function, "sl_send_reply" | "send_reply" | "t_reply")
}

fn relays(function: &str) -> bool {
    matches!(
        function,
        "t_relay" | "t_relay_to_udp" | "t_relay_to_tcp" | "t_relay_to_tls" | "forward"
    )
}

/// Whether the code of a reply is a literal of a final one.
fn is_final(args: &[Expr]) -> bool {
    let code = match args.first().map(|code| &code.node) {
        Some(ExprKind::Int(code)) => Some(*code),
        Some(ExprKind::Str(text)) => std::str::from_utf8(text).ok().and_then(|t| t.parse().ok()),
        _ => None,
    };
    code.is_some_and(|code| (200..700).contains(&code))
}
