//! The table of blocks: declaration, lookup with suggestions, unused blocks.

use std::collections::HashSet;

use super::{Compiler, words};
use crate::ast::{Block, BlockKind, Config, Item, Span};
use crate::host::{Catalog, Host, Problem, RouteId};
use crate::program::{Address, GONE, Program, Route, RouteIndex};

/// Behind so many mistakes an unknown name is no longer compared with all that are known.
const MAX_HINTS: usize = 200;

/// Blocks by index and by name.
#[derive(Default)]
pub(crate) struct RouteTable {
    routes: Vec<Route>,
    index: RouteIndex,
    /// Indices that an earlier program gave to blocks; taken by those that are still there.
    earlier: RouteIndex,
    /// The index of each block that is compiled; none when another one already has its name.
    indices: Vec<Option<u32>>,
}

impl RouteTable {
    /// Blocks get the indices that they have in a program, if it has them.
    pub(crate) fn over<H: Host>(program: &Program<H>) -> Self {
        let mut table = Self::default();
        for (index, route) in (0..).zip(&program.routes) {
            table
                .earlier
                .insert(route.kind, &route.name, RouteId::at(index));
            table.routes.push(Route {
                entry: GONE,
                ..route.clone()
            });
        }
        table
    }

    /// The blocks of a program, to which others come.
    pub(crate) fn behind<H: Host>(program: &Program<H>) -> Self {
        Self {
            index: program.index.clone(),
            routes: program.routes.clone(),
            ..Self::over(program)
        }
    }

    /// The index of a block by its number in the source.
    pub(crate) fn index_of(&self, block: usize) -> Option<u32> {
        self.indices.get(block).copied().flatten()
    }

    fn declare(&mut self, kind: BlockKind, name: &str, span: Span) -> RouteId {
        let route = Route {
            kind,
            name: name.to_owned(),
            entry: GONE,
            span,
        };
        let id = match self.earlier.find(kind, name) {
            Some(id) => id,
            None => RouteId::at(u32::try_from(self.routes.len()).unwrap_or(u32::MAX)),
        };
        match self.routes.get_mut(id.index() as usize) {
            Some(place) => *place = route,
            None => self.routes.push(route),
        }
        self.index.insert(kind, name, id);
        self.indices.push(Some(id.index()));
        id
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
            let name = block.name.as_ref().map(|name| name.node.as_str());
            let key = name.unwrap_or_default();
            if self.routes.index.find(block.kind, key).is_none() {
                let id = self.routes.declare(block.kind, key, block.span);
                self.catalog.declare_block(block.kind, name, id, block.span);
                continue;
            }
            self.routes.indices.push(None);
            let heading = heading(block.kind, key);
            if key.is_empty() && self.goes_on(block) {
                let message =
                    format!("{heading} is written twice: this one goes on where the first ends");
                self.warn(block.span, "duplicate-route", message);
            } else {
                let message = format!("{heading} is defined twice");
                self.error(block.span, "duplicate-route", message);
            }
        }
    }

    /// Whether a block without a name belongs to a program that is compiled as a whole, where it
    /// goes on with what the first of its kind began.
    fn goes_on(&self, block: &Block) -> bool {
        let id = self.routes.index.find(block.kind, "");
        id.is_some_and(|id| self.routes.indices.contains(&Some(id.index())))
    }

    /// Tells the catalog of the blocks of the program that is appended to.
    pub(super) fn declare_known(&mut self) {
        for (index, route) in (0..).zip(&self.routes.routes) {
            if route.entry != GONE {
                let name = (!route.name.is_empty()).then_some(route.name.as_str());
                self.catalog
                    .declare_block(route.kind, name, RouteId::at(index), route.span);
            }
        }
    }

    /// `onsend_route` runs no other block: the message is on its way.
    pub(super) fn no_route_while_sending(&mut self, span: Span) {
        if self.block == BlockKind::OnSend {
            self.error(
                span,
                "wrong-route",
                "`route()` cannot be used in onsend_route",
            );
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
                let id = RouteId::at(u32::try_from(*index).unwrap_or(u32::MAX));
                route.kind == BlockKind::Route
                    && self.routes.index.find(route.kind, &route.name) == Some(id)
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
