//! From the tree to a program: names resolved, constants folded, expressions typed as far as
//! Kamailio types them, every mistake reported.

mod assembler;
mod comparison;
mod condition;
mod expression;
mod fold;
mod fuse;
mod routes;
mod statement;

use std::collections::HashSet;

use ahash::AHashMap;
use bytes::Bytes;

use crate::ast::{Block, BlockKind, Config, Item, ParamValue, Span};
use crate::host::{Catalog, Host, Problem, RouteId};
use crate::program::{Op, Program};
use assembler::{Assembler, Place};

/// A mistake and its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocatedProblem {
    /// What is wrong.
    pub problem: Problem,
    /// Where: the problem's own place, or the construct it was found in.
    pub span: Span,
}

/// What to compile besides the script.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Tell the host of each statement ([`Host::trace`]).
    pub trace: bool,
}

/// Compiles a configuration. The program is complete only if no problem is an error.
pub fn compile<C: Catalog>(
    config: &Config,
    catalog: &mut C,
) -> (Program<C::Host>, Vec<LocatedProblem>) {
    compile_with(config, catalog, Options::default())
}

/// [`compile`] with options.
pub fn compile_with<C: Catalog>(
    config: &Config,
    catalog: &mut C,
    options: Options,
) -> (Program<C::Host>, Vec<LocatedProblem>) {
    let mut compiler = Compiler::new(catalog, options);
    compiler.whole(config);
    compiler.finish()
}

/// Compiles a configuration that comes in the place of another: a block that both have keeps its
/// index, and the index of one that is gone is given to no other.
pub fn compile_over<C: Catalog>(
    previous: &Program<C::Host>,
    config: &Config,
    catalog: &mut C,
    options: Options,
) -> (Program<C::Host>, Vec<LocatedProblem>) {
    let mut compiler = Compiler::new(catalog, options);
    compiler.routes = routes::RouteTable::over(previous);
    compiler.whole(config);
    compiler.finish()
}

/// Compiles further blocks behind those of a program, which keep their indices. The program itself
/// is left as it is for whoever runs it.
pub fn append<C: Catalog>(
    previous: &Program<C::Host>,
    config: &Config,
    catalog: &mut C,
    options: Options,
) -> (Program<C::Host>, Vec<LocatedProblem>)
where
    CallOf<C>: Clone,
    VariableOf<C>: Clone,
{
    let mut compiler = Compiler::new(catalog, options);
    compiler.assembler = Assembler::behind(previous);
    compiler.routes = routes::RouteTable::behind(previous);
    compiler.declare_known();
    compiler.declare_blocks(config);
    compiler.compile_blocks(config);
    compiler.finish()
}

/// What a variable is resolved for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    Read,
    /// The number of a variable that is a text as well.
    Number,
    Write,
}

/// Variables by the text that stands for them.
#[derive(Default)]
pub(crate) struct Variables {
    read: AHashMap<String, u32>,
    numbers: AHashMap<String, u32>,
    written: AHashMap<String, u32>,
}

impl Variables {
    pub(crate) fn of(&mut self, how: Use) -> &mut AHashMap<String, u32> {
        match how {
            Use::Read => &mut self.read,
            Use::Number => &mut self.numbers,
            Use::Write => &mut self.written,
        }
    }
}

/// The words of a text that may name a block: `timer=t;route=TIMER`.
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_separator = |byte: &u8| matches!(byte, b';' | b'=' | b',' | b'|' | b'\n' | b' ');
    text.split(is_separator).chain(std::iter::once(text))
}

/// The state of one compilation.
pub(crate) struct Compiler<'a, C: Catalog> {
    catalog: &'a mut C,
    options: Options,
    assembler: Assembler<C::Host>,
    routes: routes::RouteTable,
    problems: Vec<LocatedProblem>,
    /// String constants: a block whose name is in one of them may be run by a module.
    mentioned: Vec<Bytes>,
    /// Variables that were resolved: most are written many times.
    variables: Variables,
    /// Blocks that `route(…)` names.
    called: HashSet<RouteId>,
    /// Some `route(…)` computes its name.
    calls_by_value: bool,
    /// The kind of the block being compiled.
    block: BlockKind,
    /// What `break` leaves, innermost last.
    breaks: Vec<statement::Breakable>,
    /// Blocks around the statement inside its route.
    depth: u16,
    /// Where a statement goes when its expression fails (division by zero).
    failed: Option<Place>,
    /// The present expression has an operator that can fail.
    may_fail: bool,
    /// The present expression has more than one call.
    many_calls: bool,
    /// Nesting of the expression being compiled.
    nesting: u32,
}

impl<'a, C: Catalog> Compiler<'a, C> {
    fn new(catalog: &'a mut C, options: Options) -> Self {
        Compiler {
            catalog,
            options,
            assembler: Assembler::default(),
            routes: routes::RouteTable::default(),
            problems: Vec::new(),
            mentioned: Vec::new(),
            variables: Variables::default(),
            called: HashSet::new(),
            calls_by_value: false,
            block: BlockKind::Request,
            breaks: Vec::new(),
            depth: 0,
            failed: None,
            may_fail: false,
            many_calls: false,
            nesting: 0,
        }
    }

    fn whole(&mut self, config: &Config) {
        self.declare_blocks(config);
        self.note_parameters(config);
        self.compile_blocks(config);
        self.warn_of_unused();
    }

    fn compile_blocks(&mut self, config: &Config) {
        let blocks = config.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            _ => None,
        });
        for (number, block) in blocks.enumerate() {
            if let Some(index) = self.routes.index_of(number) {
                self.compile_block(index, block, config);
            }
        }
    }

    fn note_parameters(&mut self, config: &Config) {
        for item in &config.items {
            if let Item::ModParam(param) = item {
                match &param.value.node {
                    ParamValue::Str(text) => self.mention(text),
                    ParamValue::Word(word) => self.mention(&word.clone().into()),
                    ParamValue::Int(_) | ParamValue::Listen(_) => {}
                }
            }
        }
    }

    /// Remembers a string constant.
    pub(crate) fn mention(&mut self, text: &Bytes) {
        self.mentioned.push(text.clone());
    }

    fn compile_block(&mut self, index: u32, block: &Block, config: &Config) {
        let entry = self.assembler.address();
        self.routes.set_entry(index, entry);
        self.block = block.kind;
        self.depth = 0;
        self.breaks.clear();
        let more = self.continuations(block, config);
        let last = more.last().copied().unwrap_or(block);
        for part in std::iter::once(block).chain(more.iter().copied()) {
            let tail = if std::ptr::eq(part, last) {
                statement::Tail::Yes
            } else {
                statement::Tail::No
            };
            self.statements(&part.body, tail);
        }
        self.assembler.emit(Op::End, block.span);
    }

    /// Further blocks of the same kind without a name: they go on where the first ends.
    fn continuations<'c>(&self, block: &Block, config: &'c Config) -> Vec<&'c Block> {
        if block.name.is_some() {
            return Vec::new();
        }
        let blocks = config.items.iter().filter_map(|item| match item {
            Item::Block(other) => Some(other),
            _ => None,
        });
        blocks
            .filter(|other| other.kind == block.kind && other.name.is_none())
            .filter(|other| other.span != block.span)
            .collect()
    }

    fn finish(self) -> (Program<C::Host>, Vec<LocatedProblem>) {
        let (routes, index) = self.routes.finish();
        let mut problems = self.problems;
        problems.sort_by_key(|problem| (problem.span.start, problem.problem.is_warning));
        (self.assembler.finish(routes, index), problems)
    }

    pub(crate) fn error(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.problem(span, Problem::error(code, message));
    }

    pub(crate) fn warn(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.problem(span, Problem::warning(code, message));
    }

    pub(crate) fn problem(&mut self, span: Span, problem: Problem) {
        let span = problem.span.unwrap_or(span);
        self.problems.push(LocatedProblem { problem, span });
    }

    /// Takes what the catalog found; None when it was mistakes.
    pub(crate) fn resolved<T>(&mut self, found: Result<T, Vec<Problem>>, span: Span) -> Option<T> {
        for warning in self.catalog.take_warnings() {
            self.problem(span, warning);
        }
        match found {
            Ok(resolved) => Some(resolved),
            Err(problems) => {
                for problem in problems {
                    self.problem(span, problem);
                }
                None
            }
        }
    }
}

/// The call type that a catalog resolves to.
pub(crate) type CallOf<C> = <<C as Catalog>::Host as Host>::Call;

/// The variable type that a catalog resolves to.
pub(crate) type VariableOf<C> = <<C as Catalog>::Host as Host>::Variable;
