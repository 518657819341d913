//! The table of blocks: declaration, lookup with suggestions, unused blocks.

use std::collections::HashSet;

use super::{Compiler, words};
use crate::ast::{BlockKind, Config, Item, Span};
use crate::host::{Catalog, Problem, RouteId};
use crate::program::{Address, Route, RouteIndex};

/// Behind so many mistakes an unknown name is no longer compared with all that are known.
const MAX_HINTS: usize = 200;

/// Blocks by index and by name.
#[derive(Default)]
pub(crate) struct RouteTable {
    routes: Vec<Route>,
    index: RouteIndex,
    /// False for a block whose name another one already has.
    compiled: Vec<bool>,
}

impl RouteTable {
    pub(crate) fn is_compiled(&self, index: u32) -> bool {
        self.compiled.get(index as usize).copied().unwrap_or(false)
    }

    pub(crate) fn set_entry(&mut self, index: u32, entry: Address) {
        if let Some(route) = self.routes.get_mut(index as usize) {
            route.entry = entry;
        }
    }

    pub(crate) fn find(&self, kind: BlockKind, name: &str) -> Option<RouteId> {
        self.index.find(kind, name)
    }

    pub(crate) fn finish(self) -> (Vec<Route>, RouteIndex) {
        (self.routes, self.index)
    }
}

impl<C: Catalog> Compiler<'_, C> {
    /// Gives every block its index and tells the catalog, before any statement is compiled.
    pub(super) fn declare_blocks(&mut self, config: &Config) {
        for item in &config.items {
            let Item::Block(block) = item else { continue };
            let id = RouteId(u32::try_from(self.routes.routes.len()).unwrap_or(u32::MAX));
            let name = block.name.as_ref().map(|name| name.node.as_str());
            let key = name.unwrap_or_default();
            let is_new = self.routes.index.find(block.kind, key).is_none();
            if is_new {
                self.routes.index.insert(block.kind, key, id);
                self.catalog.declare_block(block.kind, name, id, block.span);
            } else if key.is_empty() {
                let message = format!(
                    "{} is written twice: this one goes on where the first ends",
                    heading(block.kind, key)
                );
                self.warn(block.span, "duplicate-route", message);
            } else {
                let message = format!("{} is defined twice", heading(block.kind, key));
                self.error(block.span, "duplicate-route", message);
            }
            self.routes.compiled.push(is_new);
            self.routes.routes.push(Route {
                kind: block.kind,
                name: key.to_owned(),
                entry: 0,
                span: block.span,
            });
        }
    }

    /// The block that `route(name)` runs.
    pub(super) fn called_route(&mut self, name: &[u8], span: Span) -> Option<RouteId> {
        let name = String::from_utf8_lossy(name);
        if let Some(route) = self.routes.find(BlockKind::Route, &name) {
            self.called.insert(route);
            return Some(route);
        }
        let known = self
            .routes
            .routes
            .iter()
            .filter(|route| route.kind == BlockKind::Route);
        let is_hinting = self.problems.len() < MAX_HINTS;
        let nearest = known
            .filter(|_| is_hinting)
            .map(|route| (distance(&route.name, &name), route.name.as_str()))
            .filter(|&(distance, _)| distance <= name.len() / 3 + 1)
            .min();
        let mut problem =
            Problem::error("undefined-route", format!("route \"{name}\" not found")).beyond();
        if let Some((_, nearest)) = nearest {
            problem = problem.with_help(format!("did you mean `route({nearest})`?"));
        }
        self.problem(span, problem);
        None
    }

    pub(super) fn warn_of_unused(&mut self) {
        if self.calls_by_value {
            return;
        }
        let mut unused: Vec<(String, Span)> = self
            .routes
            .routes
            .iter()
            .enumerate()
            .filter(|(index, route)| {
                let id = RouteId(u32::try_from(*index).unwrap_or(u32::MAX));
                route.kind == BlockKind::Route
                    && self.routes.is_compiled(id.0)
                    && !self.called.contains(&id)
            })
            .map(|(_, route)| (route.name.clone(), route.span))
            .collect();
        if unused.is_empty() {
            return;
        }
        let mentioned: HashSet<&[u8]> = self.mentioned.iter().flat_map(|t| words(t)).collect();
        unused.retain(|(name, _)| !mentioned.contains(name.as_bytes()));
        for (name, span) in unused {
            self.warn(span, "unused-route", format!("route[{name}] is never run"));
        }
    }
}

fn heading(kind: BlockKind, name: &str) -> String {
    let keyword = match kind {
        BlockKind::Request => "request_route",
        BlockKind::Reply => "reply_route",
        BlockKind::Route => "route",
        BlockKind::Branch => "branch_route",
        BlockKind::Failure => "failure_route",
        BlockKind::OnReply => "onreply_route",
        BlockKind::OnSend => "onsend_route",
        BlockKind::Event => "event_route",
    };
    if name.is_empty() {
        keyword.to_owned()
    } else {
        format!("{keyword}[{name}]")
    }
}

/// Edit distance without regard to case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<u8> = right.bytes().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.bytes().enumerate() {
        let mut diagonal = line;
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
        for (column, to) in right.iter().enumerate() {
            let substitution = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            diagonal = row[column + 1];
            row[column + 1] = substitution.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
