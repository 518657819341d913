//! Blocks that nothing arms: `failure_route[X]` without `t_on_failure("X")`.

use std::collections::HashSet;

use script::ast::{BlockKind, Config, Expr, ExprKind, Item, ParamValue};
use script::host::Problem;

use super::{Findings, walk};
use crate::catalog::block_word;

/// Names that the configuration mentions anywhere.
#[derive(Default)]
struct Names {
    mentioned: HashSet<String>,
    /// A name is computed: it could be any.
    is_open: bool,
}

impl Names {
    fn mention(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        for word in text.split([';', '=', ',', '|', '\n', ' ']) {
            self.mentioned.insert(word.to_owned());
        }
        self.mentioned.insert(text.into_owned());
    }

    fn expression(&mut self, expr: &Expr) {
        walk::expression(expr, &mut |part| match &part.node {
            ExprKind::Str(text) => self.mention(text),
            ExprKind::Int(number) => {
                self.mentioned.insert(number.to_string());
            }
            ExprKind::Call { name, args } if name.node.starts_with("t_") => {
                self.is_open |= args.iter().any(is_computed);
            }
            _ => {}
        });
    }
}

fn is_computed(arg: &Expr) -> bool {
    match &arg.node {
        ExprKind::Str(text) => text.contains(&b'$'),
        ExprKind::Int(_) => false,
        _ => true,
    }
}

/// Warns of hook blocks whose name nothing mentions.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    let mut names = Names::default();
    for item in &config.items {
        match item {
            Item::ModParam(param) => {
                if let ParamValue::Str(text) = &param.value.node {
                    names.mention(text);
                }
            }
            Item::Block(block) => walk::statements(&block.body, &mut |statement| {
                if let Some(expr) = walk::own_expressions(statement) {
                    names.expression(expr);
                }
            }),
            _ => {}
        }
    }
    if names.is_open {
        return;
    }
    for item in &config.items {
        let Item::Block(block) = item else { continue };
        let is_hook = matches!(
            block.kind,
            BlockKind::Failure | BlockKind::Branch | BlockKind::OnReply
        );
        let Some(name) = block.name.as_ref().filter(|_| is_hook) else {
            continue;
        };
        if !names.mentioned.contains(&name.node) {
            let heading = block_word(block.kind);
            findings.add(
                block.span,
                Problem::warning(
                    "unused-route",
                    format!("{heading}[{}] is never run", name.node),
                )
                .with_help(format!(
                    "arm it with {}(\"{}\")",
                    arms(block.kind),
                    name.node
                )),
            );
        }
    }
}

/// The function that arms a hook.
fn arms(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Failure => "t_on_failure",
        BlockKind::Branch => "t_on_branch",
        _ => "t_on_reply",
    }
}
