//! What a program needs from its embedding: names at load time ([`Catalog`]), effects at run
//! time ([`Host`]). The language itself knows no SIP, no modules and no I/O.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;

use bytes::Bytes;

use crate::ast::{BlockKind, Span};
use crate::value::Value;
use crate::view::View;

/// A stable index into a program's route table. An index never changes its meaning; blocks may
/// be appended.
///
/// One more is kept, so that an `Option` takes no more room: a transaction has several.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RouteId(NonZeroU32);

impl RouteId {
    /// The route at an index; no program has so many that the last index counts.
    #[must_use]
    pub const fn at(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }

    /// Its index.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0.get() - 1
    }
}

/// An argument of a function call, as far as the language can tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Argument {
    /// An integer literal (constant expressions are folded).
    Int(i64),
    /// A string literal; the function decides whether it is a format, a regex, a route name …
    Str(Bytes),
    /// A bare pseudo-variable, as written with `$`.
    Variable(String),
    /// A select, as written with `@`.
    Select(String),
    /// An expression that the VM computes before each call: index into the call's `dynamic` values.
    Dynamic(usize),
}

/// How an operand is named in the source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VariableName<'a> {
    /// `$name`, `$(name…)`: a pseudo-variable with class, index and transformations.
    Pseudo(&'a str),
    /// `@path`.
    Select(&'a str),
    /// `src_ip`, `uri`, `myself`, `UDP`, …
    Keyword(&'a str),
    /// An address or network literal.
    Ip(&'a str),
}

/// A mistake in the configuration that the embedding found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// A short name that never changes, for tools.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Hints: the nearest known name, what is allowed instead.
    pub help: Vec<String>,
    /// The place, when it is narrower than the whole construct.
    pub span: Option<Span>,
    /// A warning does not make the configuration unusable.
    pub is_warning: bool,
    /// Kamailio's own check accepts this: it finds out when it starts, or never.
    pub is_beyond: bool,
}

impl Problem {
    /// A mistake that keeps the configuration from running.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: Vec::new(),
            span: None,
            is_warning: false,
            is_beyond: false,
        }
    }

    /// Something odd that the configuration can run with.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            is_warning: true,
            ..Self::error(code, message)
        }
    }

    /// Adds advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Says that Kamailio's own check accepts this.
    #[must_use]
    pub fn beyond(mut self) -> Self {
        self.is_beyond = true;
        self
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }
}

/// Load time: turns names into what the host runs.
///
/// A method returns every problem it finds; the caller adds places and goes on, so that one run
/// reports all mistakes.
pub trait Catalog {
    /// The host that the resolved items belong to.
    type Host: Host;

    /// A function call with its arguments in a block of this kind.
    fn function(
        &mut self,
        name: &str,
        arguments: &[Argument],
        block: BlockKind,
        span: Span,
    ) -> Result<<Self::Host as Host>::Call, Vec<Problem>>;

    /// A variable, select, keyword or address that is read.
    fn readable(
        &mut self,
        name: VariableName<'_>,
    ) -> Result<<Self::Host as Host>::Variable, Vec<Problem>>;

    /// Whether a variable is one thing as a number and another as a text (`$pr`: 1 and `udp`).
    fn has_number(&self, _variable: &<Self::Host as Host>::Variable) -> bool {
        false
    }

    /// The number of a variable that has one of its own.
    fn numeric(
        &mut self,
        name: VariableName<'_>,
    ) -> Result<<Self::Host as Host>::Variable, Vec<Problem>> {
        self.readable(name)
    }

    /// A variable that is assigned to.
    fn writable(
        &mut self,
        name: VariableName<'_>,
    ) -> Result<<Self::Host as Host>::Variable, Vec<Problem>>;

    /// A route name that the script mentions in a place that only the embedding understands
    /// (`t_on_branch("NAME")`) is asked of the program later; this tells the catalog the blocks
    /// that exist, before any statement is compiled.
    fn declare_block(&mut self, kind: BlockKind, name: Option<&str>, id: RouteId, span: Span);

    /// Warnings about what was resolved since the last time that this was asked.
    fn take_warnings(&mut self) -> Vec<Problem> {
        Vec::new()
    }
}

/// How a comparison treats an operand that is more than a plain value (`myself`, a network).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// `==`.
    Equal,
    /// `=~`.
    Match,
}

/// What a comparison with such an operand found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compared {
    /// `==` holds.
    Equal,
    /// `!=` holds.
    Unequal,
    /// Neither: there is nothing to compare, or the kinds do not go together. The result is -1,
    /// which is no truth by itself, but is one for `!`, `&&` and `||`.
    Failed,
}

impl Compared {
    /// Of what can be compared.
    #[must_use]
    pub fn from_equal(equal: bool) -> Self {
        match equal {
            true => Self::Equal,
            false => Self::Unequal,
        }
    }

    /// The result of `==`, or negated of `!=`.
    pub(crate) fn result(self, negated: bool) -> i32 {
        match self {
            Self::Equal => i32::from(!negated),
            Self::Unequal => i32::from(negated),
            Self::Failed => -1,
        }
    }
}

/// Run time: what instructions act on. Implemented once, by the engine's message context.
pub trait Host: Sized {
    /// A resolved function with its arguments fixed up.
    type Call: Send + Sync;
    /// A resolved variable, select, keyword or address.
    type Variable: Send + Sync;

    /// Runs a function. `dynamic` are the values of its [`Argument::Dynamic`] arguments.
    fn call(&mut self, call: &Self::Call, dynamic: &[Value]) -> Outcome<Self>;

    /// Reads a variable. Reading never fails: what is not there is [`Value::Null`].
    fn read(&mut self, variable: &Self::Variable) -> Value;

    /// Looks at a variable's value where it stands, when it need not be kept.
    fn look<T>(&mut self, variable: &Self::Variable, with: impl FnOnce(View<'_>) -> T) -> T {
        with(self.read(variable).view())
    }

    /// Reads a variable that is written right after: what it holds need not stay.
    fn take(&mut self, variable: &Self::Variable) -> Value {
        self.read(variable)
    }

    /// Writes a variable; false when the value cannot be written there.
    fn write(&mut self, variable: &Self::Variable, value: Value) -> bool;

    /// Writes a variable with what another one holds; false when that cannot be written there.
    ///
    /// A value that was computed is a number or a text. A variable may have both forms, and what is
    /// written may take the one or the other.
    fn copy(&mut self, from: &Self::Variable, to: &Self::Variable) -> bool {
        let value = self.read(from);
        self.write(to, value)
    }

    /// Compares operands of which at least one is special for the embedding (`uri == myself`,
    /// `src_ip == 10.0.0.0/8`). None: not special, compare the values.
    fn compare(
        &mut self,
        left: &Self::Variable,
        right: &Self::Variable,
        how: Comparison,
    ) -> Option<Compared>;

    /// Compares a keyword or address with a string or integer literal
    /// (`src_ip == "10.0.0.1"`, `method == "options"`, which ignores case). None: not special,
    /// compare the values.
    fn compare_literal(&mut self, _left: &Self::Variable, _right: &Value) -> Option<Compared> {
        None
    }

    /// A route block ended with this code, called by `route(…)` of another block. This and the
    /// codes of module functions (not of core functions) are what `$rc`, `$retcode` and `$?` read;
    /// assignments leave them alone. A call in an expression begins with 0.
    fn returned(&mut self, _code: i32) {}

    /// Called before a statement when tracing is on (debugger's cfgtrace, per-line counters).
    fn trace(&mut self, _span: Span) {}

    /// Called with the block that runs from here on, when one is entered and when its caller goes
    /// on, so that `$cfg(route)` and the like work.
    fn enter_route(&mut self, _route: RouteId) {}

    /// Something at run time is wrong enough to tell the operator (step budget, bad regex made at
    /// run time, write failed).
    fn report(&mut self, span: Span, message: &str);
}

/// What a function call led to.
pub enum Outcome<H: Host> {
    /// It returned a code: positive is true, negative is false, 0 ends the script as `exit` does.
    Return(i64),
    /// The route must wait for something outside. The VM, its host and this future leave the
    /// worker; when the future is done, its continuation yields the call's outcome.
    Wait(Wait<H>),
    /// The machine runs this block next, as if the script had called it; its code is the call's.
    Route(RouteId),
}

/// Work outside the worker, and what to do with its result.
pub type Wait<H> = Pin<Box<dyn Future<Output = Continuation<H>> + Send>>;

/// Runs on the host when the wait is over.
pub type Continuation<H> = Box<dyn FnOnce(&mut H) -> Outcome<H> + Send>;
