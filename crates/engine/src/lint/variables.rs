//! `$var(x)` and `$avp(x)` that are read and never set.
//!
//! Functions may set what they are given, and modules what their parameters name: every mention
//! there counts as setting. What is left is read in expressions and log lines only.

use ahash::{AHashMap, AHashSet};
use script::ast::{Config, Expr, ExprKind, Item, ParamValue, Span, StmtKind};
use script::diagnostic::nearest;
use script::host::Problem;

use super::text::{Mention, mentions};
use super::{Findings, walk};

/// So many variables are compared with all that are set.
const MAX_HINTS: usize = 20;

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
struct Uses<'c> {
    set: AHashSet<Mention<'c>>,
    /// The first place that reads each.
    read: AHashMap<Mention<'c>, Span>,
    /// A name is computed: it could be any.
    is_open: bool,
}

impl<'c> Uses<'c> {
    fn read(&mut self, text: &'c [u8], span: Span) {
        mentions(text, &mut |mention| {
            if matches!(mention.class, b"var" | b"avp") {
                let first = self.read.entry(mention).or_insert(span);
                if span.start < first.start {
                    *first = span;
                }
            }
        });
    }

    fn set(&mut self, text: &'c [u8]) {
        mentions(text, &mut |mention| {
            if matches!(mention.class, b"var" | b"avp") {
                self.is_open |= mention.name.contains(&b'$');
                self.set.insert(mention);
            }
        });
    }

    fn expression(&mut self, expr: &'c Expr) {
        walk::expression(expr, &mut |part| match &part.node {
            ExprKind::Variable(text) => self.read(text.as_bytes(), part.span),
            ExprKind::Str(text) => self.read(text, part.span),
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

    fn argument(&mut self, arg: &'c Expr) {
        walk::expression(arg, &mut |part| match &part.node {
            ExprKind::Variable(text) => self.set(text.as_bytes()),
            ExprKind::Str(text) => self.set(text),
            _ => {}
        });
    }

    fn target(&mut self, target: &'c Expr) {
        if let ExprKind::Variable(text) = &target.node {
            self.set(text.as_bytes());
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
                    uses.set(text);
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

fn report(uses: &Uses<'_>, findings: &mut Findings) {
    let mut unset: Vec<_> = uses
        .read
        .iter()
        .filter(|(mention, _)| !uses.set.contains(mention) && !mention.name.contains(&b'$'))
        .collect();
    unset.sort_by_key(|(_, span)| span.start);
    for (index, (mention, span)) in unset.into_iter().enumerate() {
        let (class, name) = (text(mention.class), text(mention.name));
        let mut problem = Problem::warning(
            "never-set",
            format!("${class}({name}) is read, but nothing sets it"),
        );
        if index < MAX_HINTS
            && let Some(near) = near(uses, mention)
        {
            problem = problem.with_help(format!("did you mean ${class}({near})?"));
        }
        findings.add(*span, problem);
    }
}

/// The variable of the same class that is set and has the nearest name.
fn near(uses: &Uses<'_>, mention: &Mention<'_>) -> Option<String> {
    let of_class = uses.set.iter().filter(|known| known.class == mention.class);
    let mut known: Vec<_> = of_class.map(|known| text(known.name)).collect();
    known.sort_unstable();
    let known = known.iter().map(AsRef::as_ref);
    nearest(&text(mention.name), known).map(str::to_owned)
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
