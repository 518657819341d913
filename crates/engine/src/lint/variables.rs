//! `$var(x)` and `$avp(x)` that are read and never set.
//!
//! Functions may set what they are given, and modules what their parameters name: every mention
//! there counts as setting. What is left is read in expressions and log lines only.

use std::collections::{HashMap, HashSet};

use script::ast::{Config, Expr, ExprKind, Item, ParamValue, Span, StmtKind};
use script::diagnostic::nearest;
use script::host::Problem;

use super::text::{Mention, mentions};
use super::{Findings, walk};

/// Functions that only print what they are given.
const PRINTERS: [&str; 14] = [
    "xlog",
    "xdbg",
    "xinfo",
    "xnotice",
    "xwarn",
    "xerr",
    "xcrit",
    "xalert",
    "xbug",
    "xlogl",
    "xlogm",
    "log",
    "append_hf",
    "append_to_reply",
];

/// What a configuration does with its variables.
#[derive(Default)]
struct Uses {
    set: HashSet<(String, String)>,
    /// In the order of the source.
    read: Vec<((String, String), Span)>,
    /// A name is computed: it could be any.
    is_open: bool,
}

impl Uses {
    fn key(mention: &Mention<'_>) -> Option<(String, String)> {
        matches!(mention.class, "var" | "avp")
            .then(|| (mention.class.to_owned(), mention.name.to_owned()))
    }

    fn read(&mut self, text: &str, span: Span) {
        for mention in mentions(text) {
            if let Some(key) = Self::key(&mention) {
                self.read.push((key, span));
            }
        }
    }

    fn set(&mut self, text: &str) {
        for mention in mentions(text) {
            if let Some(key) = Self::key(&mention) {
                self.is_open |= key.1.contains('$');
                self.set.insert(key);
            }
        }
    }

    fn expression(&mut self, expr: &Expr) {
        walk::expression(expr, &mut |part| match &part.node {
            ExprKind::Variable(text) => self.read(text, part.span),
            ExprKind::Str(text) => self.read(&String::from_utf8_lossy(text), part.span),
            ExprKind::Assign { target, .. } => self.target(target),
            ExprKind::Call { name, args } => {
                self.is_open |= sets_any(&name.node);
                if !PRINTERS.contains(&name.node.as_str()) {
                    args.iter().for_each(|arg| self.argument(arg));
                }
            }
            _ => {}
        });
    }

    fn argument(&mut self, arg: &Expr) {
        walk::expression(arg, &mut |part| match &part.node {
            ExprKind::Variable(text) => self.set(text),
            ExprKind::Str(text) => self.set(&String::from_utf8_lossy(text)),
            _ => {}
        });
    }

    fn target(&mut self, target: &Expr) {
        if let ExprKind::Variable(text) = &target.node {
            self.set(text);
        }
    }
}

/// Whether a function sets AVPs that it does not name.
fn sets_any(function: &str) -> bool {
    function.starts_with("avp_")
        || function.starts_with("load_")
        || matches!(
            function,
            "lua_run" | "python_exec" | "perl_exec" | "radius_load_caller_avps"
        )
}

/// Warns of variables that are read and never set.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    let mut uses = Uses::default();
    for item in &config.items {
        match item {
            Item::ModParam(param) => {
                if let ParamValue::Str(text) = &param.value.node {
                    uses.set(&String::from_utf8_lossy(text));
                }
            }
            Item::LoadModule(name) if name.node.contains("app_") => uses.is_open = true,
            Item::Block(block) => walk::statements(&block.body, &mut |statement| {
                if let StmtKind::Assign { target, .. } = &statement.node {
                    uses.target(target);
                }
                if let Some(expr) = walk::own_expressions(statement) {
                    uses.expression(expr);
                }
            }),
            _ => {}
        }
    }
    if uses.is_open {
        return;
    }
    report(&uses, findings);
}

fn report(uses: &Uses, findings: &mut Findings) {
    let mut first: HashMap<&(String, String), ()> = HashMap::new();
    for (key, span) in &uses.read {
        if uses.set.contains(key) || key.1.contains('$') || first.insert(key, ()).is_some() {
            continue;
        }
        let (class, name) = key;
        let known = uses
            .set
            .iter()
            .filter(|known| known.0 == *class)
            .map(|known| known.1.as_str());
        let mut problem = Problem::warning(
            "never-set",
            format!("${class}({name}) is read, but nothing sets it"),
        );
        if let Some(near) = nearest(name, known) {
            problem = problem.with_help(format!("did you mean ${class}({near})?"));
        }
        findings.add(*span, problem);
    }
}
