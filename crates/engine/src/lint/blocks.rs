//! Blocks that nothing arms: `failure_route[X]` without `t_on_failure("X")`.

use std::collections::HashMap;

use script::ast::{Block, BlockKind, Config, Expr, ExprKind, Item, ParamValue};
use script::compile::words;
use script::host::Problem;

use super::{Findings, walk};
use crate::catalog::block_word;

/// Hooks whose names were not met yet.
struct Names<'c> {
    unmet: HashMap<&'c [u8], Vec<&'c Block>>,
    /// A name is computed: it could be any.
    is_open: bool,
}

impl Names<'_> {
    fn mention(&mut self, text: &[u8]) {
        for word in words(text) {
            self.unmet.remove(word);
        }
    }

    fn expression(&mut self, expr: &Expr) {
        walk::expression(expr, &mut |part| match &part.node {
            ExprKind::Str(text) => self.mention(text),
            ExprKind::Int(number) => self.mention(number.to_string().as_bytes()),
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
    let mut names = Names {
        unmet: HashMap::new(),
        is_open: false,
    };
    for block in hooks(config) {
        let name = block.name.as_ref().map_or("", |name| name.node.as_str());
        names.unmet.entry(name.as_bytes()).or_default().push(block);
    }
    if names.unmet.is_empty() {
        return;
    }
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
    let mut unused: Vec<&Block> = names.unmet.into_values().flatten().collect();
    unused.sort_by_key(|block| block.span.start);
    for block in unused {
        let name = block.name.as_ref().map_or("", |name| name.node.as_str());
        let heading = block_word(block.kind);
        let problem = Problem::warning("unused-route", format!("{heading}[{name}] is never run"))
            .with_help(format!("arm it with {}(\"{name}\")", arms(block.kind)));
        findings.add(block.span, problem);
    }
}

/// Blocks with a name that something must arm.
fn hooks(config: &Config) -> impl Iterator<Item = &Block> {
    let blocks = config.items.iter().filter_map(|item| match item {
        Item::Block(block) => Some(block),
        _ => None,
    });
    blocks.filter(|block| {
        let is_hook = matches!(
            block.kind,
            BlockKind::Failure | BlockKind::Branch | BlockKind::OnReply
        );
        is_hook && block.name.is_some()
    })
}

/// The function that arms a hook.
fn arms(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Failure => "t_on_failure",
        BlockKind::Branch => "t_on_branch",
        _ => "t_on_reply",
    }
}
