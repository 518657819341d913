//! Rows of script functions and their arguments.

use script::ast::BlockKind;
use script::status::Status;

use super::{Outcome, Routes};
use crate::arguments::Args;
use crate::catalog::NameScope;
use crate::context::Context;
use crate::variable::ParsedName;

/// A script function.
pub struct Function {
    /// Name in scripts.
    pub name: &'static str,
    /// All parameters in order.
    pub args: &'static [Arg],
    /// How many of them must be given.
    pub required: usize,
    /// Where it may be called.
    pub routes: Routes,
    /// With so many arguments or more it takes only constants: variables stand in quotes, as part
    /// of a text, not bare and not in an expression.
    pub constants_from: usize,
    /// What it does.
    pub run: fn(&mut Context, &Args<'_>) -> Outcome,
    /// One or two sentences for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

impl Function {
    /// A row that is complete.
    #[must_use]
    pub const fn new(
        name: &'static str,
        args: &'static [Arg],
        required: usize,
        routes: Routes,
        run: fn(&mut Context, &Args<'_>) -> Outcome,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            args,
            required,
            routes,
            constants_from: usize::MAX,
            run,
            doc,
            status: Status::Full,
        }
    }

    /// The same row of a function that takes no expressions.
    #[must_use]
    pub const fn constant(self) -> Self {
        self.constant_from(0)
    }

    /// The same row of a function that takes no expressions when it gets so many arguments.
    #[must_use]
    pub const fn constant_from(mut self, arguments: usize) -> Self {
        self.constants_from = arguments;
        self
    }

    /// A complete row of a function that may be called in every block.
    #[must_use]
    pub const fn anywhere(
        name: &'static str,
        args: &'static [Arg],
        required: usize,
        run: fn(&mut Context, &Args<'_>) -> Outcome,
        doc: &'static str,
    ) -> Self {
        Self::new(name, args, required, Routes::ANY, run, doc)
    }

    /// A complete row of a function that may be called in every block and takes all its arguments.
    #[must_use]
    pub const fn exact(
        name: &'static str,
        args: &'static [Arg],
        run: fn(&mut Context, &Args<'_>) -> Outcome,
        doc: &'static str,
    ) -> Self {
        Self::new(name, args, args.len(), Routes::ANY, run, doc)
    }

    /// The same row with another status.
    #[must_use]
    pub const fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The same row for these blocks only.
    #[must_use]
    pub const fn within(mut self, routes: Routes) -> Self {
        self.routes = routes;
        self
    }
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// Name for messages and the reference.
    pub name: &'static str,
    /// How it is fixed up at load and read at run time.
    pub kind: ArgKind,
}

/// Turns the text of a parameter into a form of the module's own, at load.
pub type ParseArg = fn(&mut NameScope<'_, '_>, &[u8]) -> Result<ParsedName, String>;

impl Arg {
    /// An argument of this kind.
    #[must_use]
    pub const fn new(name: &'static str, kind: ArgKind) -> Self {
        Self { name, kind }
    }

    /// Text with pseudo-variables in it.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, ArgKind::Text)
    }

    /// An integer.
    #[must_use]
    pub const fn int(name: &'static str) -> Self {
        Self::new(name, ArgKind::Int)
    }

    /// A pseudo-variable that is written to.
    #[must_use]
    pub const fn variable(name: &'static str) -> Self {
        Self::new(name, ArgKind::Variable)
    }

    /// A pseudo-variable that is read.
    #[must_use]
    pub const fn readable(name: &'static str) -> Self {
        Self::new(name, ArgKind::Readable)
    }

    /// Text taken as it is.
    #[must_use]
    pub const fn literal(name: &'static str) -> Self {
        Self::new(name, ArgKind::Literal)
    }

    /// Text that the module parses at load.
    #[must_use]
    pub const fn parsed(name: &'static str, parse: ParseArg) -> Self {
        Self::new(name, ArgKind::Parsed(parse))
    }

    /// A regular expression.
    #[must_use]
    pub const fn regex(name: &'static str) -> Self {
        Self::new(name, ArgKind::Regex)
    }
}

/// What a function's parameter may be.
#[derive(Clone, Copy, Debug)]
pub enum ArgKind {
    /// Text with pseudo-variables in it.
    Text,
    /// An integer, or text with pseudo-variables that yields one.
    Int,
    /// Text taken as it is.
    Literal,
    /// Text with pseudo-variables if it begins with one, else taken as it is.
    Word,
    /// A POSIX extended regular expression, compiled at load.
    Regex,
    /// The name of a route block of this kind; text with variables is looked up at run time.
    Route(BlockKind),
    /// One pseudo-variable that is written to.
    Variable,
    /// One pseudo-variable that is read, not its text.
    Readable,
    /// The name of an AVP: `name`, `%name`, `$name`, with a class before it (`$f.name`).
    Attribute,
    /// Text that the module parses at load. A variable in its place is read at run time.
    Parsed(ParseArg),
}
