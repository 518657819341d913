//! What a configuration says and hardly means: warnings about traps that newcomers fall into.
//!
//! A warning never changes what runs. Each check keeps to what it can see for certain, so that a
//! configuration that works has none.

mod blocks;
mod events;
mod flow;
mod headers;
mod text;
mod variables;
mod walk;

#[cfg(test)]
mod tests;

use script::ast::{Config, Item, Span};
use script::host::Problem;

use crate::module::Module;

/// A warning and its place.
pub(crate) struct Finding {
    /// Where.
    pub(crate) span: Span,
    /// What.
    pub(crate) problem: Problem,
}

/// What the checks collect.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, span: Span, problem: Problem) {
        self.0.push(Finding { span, problem });
    }
}

/// Checks a configuration; `loaded` are its modules, `all` those that there are.
pub(crate) fn check(config: &Config, loaded: &[&Module], all: &[&Module]) -> Vec<Finding> {
    let mut findings = Findings::default();
    variables::check(config, &mut findings);
    blocks::check(config, &mut findings);
    for item in &config.items {
        let Item::Block(block) = item else { continue };
        events::check(block, loaded, all, &mut findings);
        flow::check(&block.body, &mut findings);
        headers::check(&block.body, &mut findings);
    }
    findings.0
}
