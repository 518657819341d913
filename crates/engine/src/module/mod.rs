//! The contract between the engine and its modules: one visible table per module.
//!
//! A module is a `static MODULE: Module`. Everything the loader, `-c`, the reference documents and
//! `--exports` know about it comes from the rows of that table, and only from them. State is made
//! by [`Module::init`] and handed back; there are no mutable statics.

mod function;
mod param;
mod variable;

use std::any::{Any, TypeId};
use std::sync::Arc;

use script::ast::BlockKind;
pub use script::status::Status;

use crate::catalog::NameScope;
use crate::context::Context;
use crate::core::{Core, Setup};
use crate::rpc::{RpcCall, RpcResult};
use crate::select::path::Step;
use crate::select::{Select, Unresolved};

pub use function::{Arg, ArgKind, Function, ParseArg};
pub use param::{DefaultValue, GiveError, Param, ParamText, ParamValues};
pub use variable::{Inner, Read, Show, Variable};

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
