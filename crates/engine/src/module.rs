//! The contract between the engine and its modules: one visible table per module.
//!
//! A module is a `static MODULE: Module`. Everything the loader, `-c`, the reference documents and
//! `--exports` know about it comes from the rows of that table, and only from them. State is made
//! by [`Module::init`] and handed back; there are no mutable statics.

use std::any::{Any, TypeId};
use std::sync::Arc;

use bytes::Bytes;
use script::ast::BlockKind;
pub use script::status::Status;
use script::value::Value;
use script::view::View;

use crate::arguments::Args;
use crate::catalog::NameScope;
use crate::context::Context;
use crate::core::{Core, Setup};
use crate::rpc::{RpcCall, RpcResult};
use crate::select::path::Step;
use crate::select::{Select, Unresolved};
use crate::variable::{ParsedName, PvName};

/// What a function call yields.
pub type Outcome = script::host::Outcome<Context>;

/// A function's success code in scripts.
pub const TRUE: Outcome = Outcome::Return(1);
/// A function's failure code in scripts.
pub const FALSE: Outcome = Outcome::Return(-1);

/// A module's table.
pub struct Module {
    /// Kamailio's name of it.
    pub name: &'static str,
    /// One line for the reference.
    pub doc: &'static str,
    /// Modules that must be loaded before.
    pub needs: &'static [&'static str],
    /// Script functions.
    pub functions: &'static [Function],
    /// Parameters (`modparam`).
    pub params: &'static [Param],
    /// Pseudo-variables.
    pub variables: &'static [Variable],
    /// Selects.
    pub selects: &'static [SelectRow],
    /// RPC methods.
    pub rpcs: &'static [Rpc],
    /// Statistics (names within the module's groups), for the reference; `init` registers them.
    pub statistics: &'static [Statistic],
    /// Event routes that it raises.
    pub event_routes: &'static [EventRoute],
    /// Makes the module's state from its parameters. Registers hooks, timers, statistics. Does no
    /// I/O: `-c` runs it too.
    pub init: fn(&mut Setup<'_>) -> Result<State, InitError>,
    /// Called once when the server is about to serve: sockets exist, the program is compiled.
    pub start: Option<StartModule>,
    /// Called once when the server ends: close sockets, remove files.
    pub stop: Option<StopModule>,
    /// Called when a program has been put in place: at the start and after each reload.
    pub programmed: Option<StartModule>,
    /// What a reload makes of parameters that have changed. By default each needs a restart.
    pub reconfigure: Reconfigure,
}

impl Module {
    /// A table with nothing in it but the name, for `..Module::EMPTY` in module tables.
    pub const EMPTY: Self = Self {
        name: "",
        doc: "",
        needs: &[],
        functions: &[],
        params: &[],
        variables: &[],
        selects: &[],
        rpcs: &[],
        statistics: &[],
        event_routes: &[],
        init: |_| Ok(Arc::new(())),
        start: None,
        stop: None,
        programmed: None,
        reconfigure: |change| change.needs_restart(),
    };

    /// Whether Kamailio looks at a parameter's value when it reads the configuration.
    #[must_use]
    pub fn reads_at_once(&self, param: Option<&str>) -> bool {
        let row = self.params.iter().find(|row| Some(row.name) == param);
        row.is_some_and(|row| row.is_read_at_once)
    }
}

/// Takes changed parameters: what is to be done when the whole configuration is accepted, or the
/// parameters that need a restart.
pub type Reconfigure = fn(&crate::reload::Change<'_>) -> Result<Apply, Vec<&'static str>>;

/// Makes a change that was accepted.
pub type Apply = Box<dyn FnOnce(&Core) + Send>;

/// Starts a module when the server is about to serve.
pub type StartModule = fn(&Arc<Core>, &State) -> Result<(), InitError>;

/// Ends a module with the server.
pub type StopModule = fn(&Arc<Core>, &State);

/// A module's state, shared by everything that runs it.
pub type State = Arc<dyn Any + Send + Sync>;

/// Why a module cannot start.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct InitError {
    /// What is wrong, for the operator.
    pub message: String,
    /// The parameter at fault, if one is: the loader points at its `modparam` line.
    pub param: Option<&'static str>,
}

impl InitError {
    /// An error that is no parameter's fault.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            param: None,
        }
    }

    /// An error in the value of a parameter.
    #[must_use]
    pub fn of_param(param: &'static str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            param: Some(param),
        }
    }
}

/// The kinds of route blocks in which something may be used, as a set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Routes(pub u16);

impl Routes {
    /// `request_route` and the routes it calls.
    pub const REQUEST: Self = Self(1);
    /// `failure_route`.
    pub const FAILURE: Self = Self(2);
    /// `onreply_route[x]` of a transaction.
    pub const TM_ONREPLY: Self = Self(4);
    /// `branch_route`.
    pub const BRANCH: Self = Self(8);
    /// `onsend_route`.
    pub const ONSEND: Self = Self(32);
    /// `reply_route`.
    pub const CORE_ONREPLY: Self = Self(64);
    /// `event_route[tm:local-request]`.
    pub const LOCAL: Self = Self(256);
    /// `event_route`s.
    pub const EVENT: Self = Self(512);
    /// Both kinds of reply routes.
    pub const ONREPLY: Self = Self(4 | 64);
    /// Everywhere.
    pub const ANY: Self = Self(0x3ff);

    /// The union.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of `other` is in the set.
    #[must_use]
    pub const fn allows(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The set for a block. To the check, named routes and event routes are like `request_route`,
    /// as in Kamailio: which block calls them is known when they run.
    #[must_use]
    pub fn of_block(kind: BlockKind) -> Self {
        match kind {
            BlockKind::Request | BlockKind::Route | BlockKind::Event => {
                Self::REQUEST.and(Self::EVENT)
            }
            BlockKind::Reply => Self::CORE_ONREPLY,
            BlockKind::Branch => Self::BRANCH,
            BlockKind::Failure => Self::FAILURE,
            BlockKind::OnReply => Self::TM_ONREPLY,
            BlockKind::OnSend => Self::ONSEND,
        }
    }
}

/// Selects that begin with a word.
pub struct SelectRow {
    /// The first word of their paths.
    pub name: &'static str,
    /// Finds the one that takes the steps behind that word.
    pub parse: ParseSelect,
    /// Their paths, as [`crate::select::names::all`] takes them.
    pub paths: &'static [&'static str],
    /// What they are.
    pub doc: &'static str,
    /// How complete they are.
    pub status: Status,
}

/// Finds a module's select.
pub type ParseSelect = fn(&mut NameScope<'_, '_>, &[Step]) -> Result<Select, Unresolved>;

impl SelectRow {
    /// A complete row.
    #[must_use]
    pub const fn new(
        name: &'static str,
        parse: ParseSelect,
        paths: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            parse,
            paths,
            doc,
            status: Status::Full,
        }
    }
}

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
    /// Text taken as it is, unless the whole of it is one pseudo-variable.
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

/// A module parameter.
pub struct Param {
    /// Name in `modparam`.
    pub name: &'static str,
    /// Its type and default.
    pub default: DefaultValue,
    /// Whether Kamailio looks at the value when it reads the configuration, so that its check finds
    /// a wrong one.
    pub is_read_at_once: bool,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

impl Param {
    /// A row that is complete.
    #[must_use]
    pub const fn new(name: &'static str, default: DefaultValue, doc: &'static str) -> Self {
        Self {
            name,
            default,
            is_read_at_once: false,
            doc,
            status: Status::Full,
        }
    }

    /// The same row of a parameter whose value Kamailio's check looks at.
    #[must_use]
    pub const fn at_once(mut self) -> Self {
        self.is_read_at_once = true;
        self
    }

    /// A complete row of an integer.
    #[must_use]
    pub const fn int(name: &'static str, default: i64, doc: &'static str) -> Self {
        Self::new(name, DefaultValue::Int(default), doc)
    }

    /// A complete row of a string; without a default it is not set.
    #[must_use]
    pub const fn text(
        name: &'static str,
        default: Option<&'static str>,
        doc: &'static str,
    ) -> Self {
        Self::new(name, DefaultValue::Text(default), doc)
    }

    /// The same row with another status.
    #[must_use]
    pub const fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

/// A parameter's type and default value.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// An integer.
    Int(i64),
    /// A string; `None`: not set.
    Text(Option<&'static str>),
    /// A string that may be given many times, each adding one.
    List,
    /// An integer or a string.
    Any,
}

/// A pseudo-variable class.
#[derive(Clone, Copy)]
pub struct Variable {
    /// Name after `$`: `rU`, `avp`, `hdr`.
    pub name: &'static str,
    /// Whether and how an inner name `(…)` is taken.
    pub inner: Inner,
    /// Reads it; `None`: by copying what `show` shows.
    pub read: Option<Read>,
    /// Shows it where it stands, for those who only look; `None`: it has to be read for that, too.
    pub show: Option<Show>,
    /// Writes it; `None`: read-only. False: the value cannot be written.
    pub write: Option<fn(&mut Context, &PvName, Value) -> bool>,
    /// The number of a class whose values are text and number at once: operators that want a
    /// number take it (`$pr` is `udp`, and 1).
    pub number: Option<fn(&mut Context, &PvName) -> Option<i64>>,
    /// What a text that holds it shows, where that is not the value: `$sdp(sess_version)` may be
    /// 12 and show `0012`.
    pub in_text: Option<fn(&mut Context, &PvName) -> Value>,
    /// Whether null shows as nothing in a text, not as `<null>`.
    pub is_silent: bool,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

/// Makes a variable's value.
pub type Read = fn(&mut Context, &PvName) -> Value;

/// Shows a variable's value where it stands.
pub type Show = for<'a> fn(&'a mut Context, &'a PvName) -> View<'a>;

/// How a variable class takes an inner name.
#[derive(Clone, Copy)]
pub enum Inner {
    /// No name: `$ru`.
    None,
    /// A name is required: `$hdr(From)`. It may hold variables, computed at each use.
    Required,
    /// A name may be given: `$T(…)`.
    Optional,
    /// A fixed set of names.
    OneOf(&'static [&'static str]),
    /// The module parses the name at load: returns its own key or what is wrong. The key is found
    /// in [`PvName::parsed`].
    Parsed(fn(&mut NameScope<'_, '_>, &str) -> Result<ParsedName, String>),
}

impl Variable {
    /// A read-only row without an inner name.
    #[must_use]
    pub const fn new(name: &'static str, read: Read, doc: &'static str) -> Self {
        Self {
            name,
            inner: Inner::None,
            read: Some(read),
            show: None,
            write: None,
            number: None,
            in_text: None,
            is_silent: false,
            doc,
            status: Status::Full,
        }
    }

    /// The row with an inner name.
    #[must_use]
    pub const fn named(mut self, inner: Inner) -> Self {
        self.inner = inner;
        self
    }

    /// A read-only row without an inner name, whose value can be seen where it stands.
    #[must_use]
    pub const fn showing(name: &'static str, show: Show, doc: &'static str) -> Self {
        Self {
            name,
            inner: Inner::None,
            read: None,
            show: Some(show),
            write: None,
            number: None,
            in_text: None,
            is_silent: false,
            doc,
            status: Status::Full,
        }
    }

    /// The value, to keep.
    pub fn value(&self, cx: &mut Context, name: &PvName) -> Value {
        match (self.read, self.show) {
            (Some(read), _) => read(cx, name),
            (None, Some(show)) => show(cx, name).to_value(),
            (None, None) => Value::Null,
        }
    }

    /// Looks at the value where it stands, if it can be seen there.
    pub fn look<T>(&self, cx: &mut Context, name: &PvName, with: impl FnOnce(View<'_>) -> T) -> T {
        match self.show {
            Some(show) => with(show(cx, name)),
            None => with(self.value(cx, name).view()),
        }
    }

    /// The row with a way to look at the value without reading it.
    #[must_use]
    pub const fn shown(mut self, show: Show) -> Self {
        self.show = Some(show);
        self
    }

    /// The row of a class whose values are numbers as well.
    #[must_use]
    pub const fn numbered(mut self, number: fn(&mut Context, &PvName) -> Option<i64>) -> Self {
        self.number = Some(number);
        self
    }

    /// The row of a class that has a form of its own within texts.
    #[must_use]
    pub const fn in_text(mut self, in_text: fn(&mut Context, &PvName) -> Value) -> Self {
        self.in_text = Some(in_text);
        self
    }

    /// The row of a class whose null shows as nothing.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// The row with a write side.
    #[must_use]
    pub const fn writable(mut self, write: fn(&mut Context, &PvName, Value) -> bool) -> Self {
        self.write = Some(write);
        self
    }

    /// The row with another status than full.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Joins tables of rows into one; `N` is the sum of their lengths.
    #[must_use]
    pub const fn join<const N: usize>(tables: &[&[Self]]) -> [Self; N] {
        let mut all = [tables[0][0]; N];
        let (mut table, mut at) = (0, 0);
        while table < tables.len() {
            let mut row = 0;
            while row < tables[table].len() {
                all[at] = tables[table][row];
                at += 1;
                row += 1;
            }
            table += 1;
        }
        assert!(at == N, "N is the sum of the tables' lengths");
        all
    }
}

/// An RPC method.
pub struct Rpc {
    /// Its name, `ul.dump`.
    pub name: &'static str,
    /// What it does and takes.
    pub doc: &'static str,
    /// Runs it.
    pub run: fn(&RpcCall<'_>) -> RpcResult,
}

/// A statistic, for the reference.
#[derive(Clone, Copy, Debug)]
pub struct Statistic {
    /// Group.
    pub group: &'static str,
    /// Name in the group.
    pub name: &'static str,
    /// What it counts.
    pub doc: &'static str,
}

/// An event route.
#[derive(Clone, Copy, Debug)]
pub struct EventRoute {
    /// `tm:local-request`.
    pub name: &'static str,
    /// When it runs.
    pub doc: &'static str,
}

/// The values of a module's parameters: what the configuration gave, else the table's default.
pub struct ParamValues {
    table: &'static [Param],
    given: Vec<(&'static str, ParamText)>,
}

/// A value given by `modparam`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParamText {
    /// An integer.
    Int(i64),
    /// A string.
    Text(Bytes),
}

/// The states of the loaded modules, by type: how a module reaches another one's `api`.
#[derive(Clone, Default)]
pub struct ModuleStates {
    states: Vec<(&'static str, TypeId, State)>,
}

impl ModuleStates {
    /// Keeps a module's state.
    pub fn insert(&mut self, module: &'static str, state: State) {
        self.states.push((module, (*state).type_id(), state));
    }

    /// The state of the module whose state type is `T`; `None` when it is not loaded.
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let (_, _, state) = self
            .states
            .iter()
            .find(|(_, id, _)| *id == TypeId::of::<T>())?;
        Arc::clone(state).downcast().ok()
    }

    /// A module's state by the module's name.
    #[must_use]
    pub fn by_name(&self, module: &str) -> Option<&State> {
        self.states
            .iter()
            .find(|(name, ..)| *name == module)
            .map(|(_, _, s)| s)
    }

    /// The names of the loaded modules in load order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.states.iter().map(|(name, ..)| *name)
    }
}

impl ParamValues {
    /// No values given yet for the parameters of this table.
    #[must_use]
    pub fn new(table: &'static [Param]) -> Self {
        Self {
            table,
            given: Vec::new(),
        }
    }

    /// Takes a value from the configuration.
    ///
    /// # Errors
    /// The parameter is not in the table, or the value has the wrong type.
    pub fn give(&mut self, name: &str, value: ParamText) -> Result<(), GiveError> {
        let row = self
            .table
            .iter()
            .find(|p| p.name == name)
            .ok_or(GiveError::Unknown)?;
        match (row.default, &value) {
            (DefaultValue::Int(_), ParamText::Text(_)) => return Err(GiveError::WantsInt),
            (DefaultValue::Text(_) | DefaultValue::List, ParamText::Int(_)) => {
                return Err(GiveError::WantsText);
            }
            _ => {}
        }
        self.given.push((row.name, value));
        Ok(())
    }

    /// An integer parameter.
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        match (self.last(name), self.default(name)) {
            (Some(ParamText::Int(n)), _) => *n,
            (_, Some(DefaultValue::Int(n))) => *n,
            _ => 0,
        }
    }

    /// A text parameter; `None` when neither given nor defaulted.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Bytes> {
        match (self.last(name), self.default(name)) {
            (Some(ParamText::Text(t)), _) => Some(t.clone()),
            (Some(ParamText::Int(n)), _) => Some(n.to_string().into()),
            (_, Some(DefaultValue::Text(Some(t)))) => Some(Bytes::from_static(t.as_bytes())),
            _ => None,
        }
    }

    /// All values given for a list parameter.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &ParamText> {
        self.given
            .iter()
            .filter(move |(n, _)| *n == name)
            .map(|(_, v)| v)
    }

    /// Everything that the configuration gave, in its order: for parameters that say what later
    /// ones mean.
    pub fn in_order(&self) -> impl Iterator<Item = (&'static str, &ParamText)> {
        self.given.iter().map(|(name, value)| (*name, value))
    }

    /// The parameters whose values differ from others of the same table.
    pub(crate) fn differing(&self, other: &Self) -> Vec<&'static str> {
        let differs = |row: &&Param| !self.list(row.name).eq(other.list(row.name));
        self.table
            .iter()
            .filter(differs)
            .map(|row| row.name)
            .collect()
    }

    /// Whether the configuration gave a value.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    fn last(&self, name: &str) -> Option<&ParamText> {
        self.given
            .iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
    }

    fn default(&self, name: &str) -> Option<&DefaultValue> {
        let row = self.table.iter().find(|p| p.name == name);
        debug_assert!(
            row.is_some(),
            "parameter {name} is not in the module's table"
        );
        row.map(|p| &p.default)
    }
}

/// Why a parameter value is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GiveError {
    /// No such parameter.
    Unknown,
    /// It takes an integer.
    WantsInt,
    /// It takes a string.
    WantsText,
}
