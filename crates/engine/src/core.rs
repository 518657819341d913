//! The running server: everything that messages share.

use std::any::Any;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use parking_lot::Mutex;
use script::vm::Limits;
use sip::Tolerance;

use crate::Program;
use crate::catalog::{Interner, Names};
use crate::cfg_vars::{CfgVars, CoreCfg};
use crate::context::{Context, ScriptVars};
use crate::format::Format;
use crate::hooks::Hooks;
use crate::load::Library;
use crate::log::{Level, LogPrefix, Place, Threshold, module_of};
use crate::message_limits::MessageLimits;
use crate::module::{Function, InitError, Module, ModuleStates, ParamValues, State};
use crate::name_index::NameIndex;
use crate::overload::Overload;
use crate::reload::{Declared, Generation, Words};
use crate::rpc::RpcRegistry;
use crate::services::{LogLine, Services};
use crate::settings::Settings;
use crate::socket::SocketTable;
use crate::statistics::{Counter, Statistics};
use crate::stock::Handle;
use crate::timer::Timers;

/// The server. One per process (or per simulated host), shared by all threads.
pub struct Core {
    /// The world outside.
    pub services: Services,
    /// Core parameters.
    pub settings: Settings,
    /// Listening sockets and aliases.
    pub sockets: SocketTable,
    /// Statistics by name.
    pub statistics: Statistics,
    /// The core's own counters.
    pub counters: CoreCounters,
    /// Which log lines are written.
    pub log_threshold: Threshold,
    /// `log_prefix`, once the program is compiled.
    pub log_prefix: OnceLock<LogPrefix>,
    /// Periodic work.
    pub timers: Timers,
    /// RPC methods.
    pub rpcs: RpcRegistry,
    /// Run-time configuration values.
    pub cfg: CfgVars,
    /// What modules asked to be called for.
    pub hooks: Hooks,
    /// The loaded modules' states.
    pub modules: ModuleStates,
    /// What the parser forgives.
    pub tolerance: Tolerance,
    /// When the server was made, since 1970.
    pub started: Duration,
    pub(crate) program: ArcSwapOption<Program>,
    /// Words that the running configuration has given a meaning.
    pub(crate) words: ArcSwap<Words>,
    /// What the running configuration says besides its blocks.
    pub(crate) declared: Mutex<Declared>,
    /// The programs that were put in place, for as long as somebody runs them.
    pub(crate) programs: Mutex<Vec<Generation>>,
    /// What the configuration sets without effect, one line each.
    ignored: Vec<String>,
    loaded: Vec<&'static Module>,
    control: Mutex<Vec<(String, String)>>,
    message_ids: AtomicU64,
    pub(crate) core_cfg: CoreCfg,
    /// Whether new work is taken.
    pub overload: Overload,
    /// What one message may be.
    pub(crate) message_limits: MessageLimits,
    /// Keyed so that nobody outside can compute a tag of ours.
    pub(crate) tag_seed: ahash::RandomState,
    /// What the tags of our stateless replies begin with.
    pub(crate) tag_prefix: String,
    pub(crate) library: Library,
    pub(crate) interned: Mutex<Interner>,
    /// Made when names come up at run time.
    index: OnceLock<Arc<NameIndex>>,
    /// What `$var(…)` of each message begins with.
    pub(crate) initial_vars: ScriptVars,
}

/// The core's own statistics.
pub struct CoreCounters {
    /// Requests received.
    pub rcv_requests: Counter,
    /// Replies received.
    pub rcv_replies: Counter,
    /// Requests forwarded.
    pub fwd_requests: Counter,
    /// Replies forwarded.
    pub fwd_replies: Counter,
    /// Requests dropped by the script.
    pub drop_requests: Counter,
    /// Replies dropped by the script.
    pub drop_replies: Counter,
    /// Requests that failed for an internal reason.
    pub err_requests: Counter,
    /// Replies that failed for an internal reason.
    pub err_replies: Counter,
    /// Messages whose URI could not be parsed.
    pub bad_uris_rcvd: Counter,
    /// Messages with a header that could not be parsed.
    pub bad_msg_hdr: Counter,
    /// Requests with a method that the core does not know.
    pub unsupported_methods: Counter,
    /// Messages that a stream took and then lost.
    pub lost_messages: Counter,
    /// Messages whose handling panicked and was abandoned.
    pub panics: Counter,
}

impl CoreCounters {
    fn register(statistics: &Statistics) -> Self {
        let core = |name| statistics.counter("core", name);
        Self {
            rcv_requests: core("rcv_requests"),
            rcv_replies: core("rcv_replies"),
            fwd_requests: core("fwd_requests"),
            fwd_replies: core("fwd_replies"),
            drop_requests: core("drop_requests"),
            drop_replies: core("drop_replies"),
            err_requests: core("err_requests"),
            err_replies: core("err_replies"),
            bad_uris_rcvd: core("bad_URIs_rcvd"),
            bad_msg_hdr: core("bad_msg_hdr"),
            unsupported_methods: core("unsupported_methods"),
            lost_messages: core("lost_messages"),
            panics: core("message_panics"),
        }
    }
}

impl Core {
    /// The program that new messages run.
    #[must_use]
    pub fn program(&self) -> Option<Arc<Program>> {
        self.program.load_full()
    }

    /// As [`Self::program`], out of the thread's stock.
    pub(crate) fn program_in_stock(&self) -> Option<Handle<Program>> {
        self.program.load().as_ref().map(Handle::of)
    }

    /// Starts the modules: sockets exist, the program is compiled. Logs once what the
    /// configuration sets without effect.
    ///
    /// # Errors
    /// The first module that cannot start, with its name.
    pub fn start(self: &Arc<Self>) -> Result<(), InitError> {
        for line in &self.ignored {
            self.log(Level::Notice, line);
        }
        self.tell_programmed()?;
        for module in &self.loaded {
            if let (Some(start), Some(state)) = (module.start, self.modules.by_name(module.name)) {
                start(self, state).map_err(|e| InitError {
                    message: format!("module {}: {}", module.name, e.message),
                    param: e.param,
                })?;
            }
        }
        crate::reverse::learn_own(self);
        crate::core_events::started(self);
        Ok(())
    }

    /// Whether modules look at each statement.
    pub(crate) fn traces(&self) -> bool {
        !self.hooks.trace.is_empty()
    }

    /// Lets the modules look at the program that was put in place.
    pub(crate) fn tell_programmed(self: &Arc<Self>) -> Result<(), InitError> {
        for module in &self.loaded {
            if let (Some(look), Some(state)) =
                (module.programmed, self.modules.by_name(module.name))
            {
                look(self, state)?;
            }
        }
        Ok(())
    }

    /// The tables of the loaded modules in load order.
    #[must_use]
    pub fn loaded_modules(&self) -> &[&'static Module] {
        &self.loaded
    }

    /// Logs a line that belongs to no message.
    #[track_caller]
    pub fn log(&self, level: Level, message: &str) {
        self.log_as(crate::log::CORE, level, message);
    }

    /// Logs a line of a module that belongs to no message.
    #[track_caller]
    pub fn log_as(&self, source: &str, level: Level, message: &str) {
        if self.log_threshold.allows_from(level, source) {
            self.services.log.write(&LogLine {
                level,
                facility: self.log_threshold.facility_of(source),
                prefix: b"",
                source,
                module: module_of(source),
                place: Place::Source(Location::caller()),
                label: None,
                call_id: b"",
                message: message.as_bytes(),
            });
        }
    }

    /// Parses text with variables that came up at run time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_format(&self, text: &str) -> Result<Format, String> {
        let words = self.words.load();
        let mut interned = self.interned.lock();
        self.names(&self.cfg, &words, &mut interned).format(text)
    }

    /// The names that a configuration may use with the modules that are loaded.
    pub(crate) fn names<'a>(
        &'a self,
        cfg: &'a CfgVars,
        words: &'a Words,
        interned: &'a mut Interner,
    ) -> Names<'a> {
        let index = Arc::clone(
            self.index
                .get_or_init(|| Arc::new(NameIndex::new(&self.loaded, &self.modules))),
        );
        Names {
            loaded: self.loaded.clone(),
            all: self.library.modules,
            transformations: self.library.transformations,
            states: &self.modules,
            cfg,
            flags: &words.flags,
            avp_flags: &words.avp_flags,
            defines: &words.defines,
            blocks: HashMap::new(),
            interned,
            warnings: Vec::new(),
            reads_script: false,
            index: std::cell::OnceCell::from(index),
            lacking: Vec::new(),
            hints: std::cell::Cell::new(0),
        }
    }

    /// The defines of the preprocessor at the end of the running configuration.
    #[must_use]
    pub fn defines(&self) -> Vec<(String, bytes::Bytes)> {
        self.words.load().defines.clone()
    }

    /// Runs something on the names that scripts use as keys.
    pub fn with_names<T>(&self, run: impl FnOnce(&Interner) -> T) -> T {
        run(&self.interned.lock())
    }

    /// A number for a message, unique in the process.
    pub(crate) fn next_message_id(&self) -> u64 {
        self.message_ids.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The limits that a script runs under.
    pub(crate) fn vm_limits(&self) -> Limits {
        let limits = Limits::default();
        let max_while_loops =
            u32::try_from(self.core_cfg.max_while_loops.get()).unwrap_or(u32::MAX);
        Limits {
            max_while_loops,
            // Who allows long loops means them to end by themselves.
            max_steps: max_while_loops.saturating_mul(4).max(limits.max_steps),
            max_depth: self.settings.max_recursive_level,
        }
    }

    /// Ends the modules, in the reverse order of loading.
    pub fn stop(self: &Arc<Self>) {
        for module in self.loaded.iter().rev() {
            if let (Some(stop), Some(state)) = (module.stop, self.modules.by_name(module.name)) {
                stop(self, state);
            }
        }
    }

    /// Where operators' tools reach this server: what it is and its address.
    #[must_use]
    pub fn control_sockets(&self) -> Vec<(String, String)> {
        self.control.lock().clone()
    }

    /// Tells of a control socket that is open.
    pub fn add_control_socket(&self, what: &str, address: &str) {
        self.control
            .lock()
            .push((what.to_owned(), address.to_owned()));
    }

    /// A line about the state of the process, for the log.
    #[must_use]
    pub fn status_line(&self) -> String {
        format!(
            "{} requests and {} replies received, {} messages abandoned after a panic",
            self.counters.rcv_requests.value(),
            self.counters.rcv_replies.value(),
            self.counters.panics.value(),
        )
    }

    /// Runs the periodic work that is due; called often by the server.
    pub fn tick(&self) {
        let now = self.services.clock.now();
        self.timers.run(now);
        self.overload.look(self, now);
    }
}

/// What a module's `init` may use: parameters in, registrations out.
pub struct Setup<'a> {
    /// The module's parameter values.
    pub params: &'a ParamValues,
    /// Clock and randomness (no I/O during init).
    pub services: &'a Services,
    /// Core parameters.
    pub settings: &'a Settings,
    /// Listening sockets, and what else names the server.
    pub sockets: &'a mut SocketTable,
    /// Statistics to register.
    pub statistics: &'a Statistics,
    /// Run-time configuration values to declare.
    pub cfg: &'a CfgVars,
    /// Periodic work to register. Runs once the server serves.
    pub timers: &'a Timers,
    /// Hooks to register.
    pub hooks: &'a mut Hooks,
    /// States of the modules loaded before.
    pub modules: &'a ModuleStates,
    /// What `$var(…)` of each message begins with.
    pub initial_vars: &'a mut crate::context::ScriptVars,
    /// Names and formats in parameter values.
    pub names: &'a mut dyn ParamNames,
}

/// Parses variables and formats that stand in parameter values.
pub trait ParamNames {
    /// Parses a format such as `"src_user=$fU"`'s right side.
    ///
    /// # Errors
    /// What is wrong with it.
    fn format(&mut self, text: &str) -> Result<Format, String>;
    /// Parses one pseudo-variable.
    ///
    /// # Errors
    /// What is wrong with it.
    fn variable(&mut self, text: &str) -> Result<crate::variable::Readable, String>;
    /// A number for a name that scripts use as a key.
    fn intern(&mut self, name: &str) -> u64;
    /// The number of a flag given by number or by name (`flags` declarations).
    fn flag(&mut self, name: &str) -> Option<u32>;
    /// A function of another loaded module, by name (for modules that call through).
    fn function(&mut self, name: &str) -> Option<(&'static Function, State)>;
}

impl Setup<'_> {
    /// The state of a module that must be loaded before this one.
    ///
    /// # Errors
    /// Names the missing module.
    pub fn require<T: Any + Send + Sync>(&self, module: &str) -> Result<Arc<T>, InitError> {
        self.modules
            .get::<T>()
            .ok_or_else(|| InitError::new(format!("module {module} must be loaded before")))
    }

    /// A format parameter; `None` when not set.
    ///
    /// # Errors
    /// The text does not parse.
    pub fn format_param(&mut self, name: &'static str) -> Result<Option<Format>, InitError> {
        let Some(text) = self.params.text(name) else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        self.names
            .format(&text)
            .map(Some)
            .map_err(|e| InitError::of_param(name, e))
    }

    /// A parameter that names one variable; `None` when not set.
    ///
    /// # Errors
    /// The text is no variable.
    pub fn variable_param(
        &mut self,
        name: &'static str,
    ) -> Result<Option<crate::variable::Readable>, InitError> {
        let Some(text) = self.params.text(name) else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        self.names
            .variable(&text)
            .map(Some)
            .map_err(|e| InitError::of_param(name, e))
    }
}

/// The parts of a core while it is being built.
pub(crate) struct Parts {
    pub(crate) services: Services,
    pub(crate) settings: Settings,
    pub(crate) sockets: SocketTable,
    pub(crate) statistics: Statistics,
    pub(crate) timers: Timers,
    pub(crate) rpcs: RpcRegistry,
    pub(crate) cfg: CfgVars,
    pub(crate) core_cfg: CoreCfg,
    pub(crate) hooks: Hooks,
    pub(crate) modules: ModuleStates,
    pub(crate) ignored: Vec<String>,
    pub(crate) words: Words,
    pub(crate) declared: Declared,
    pub(crate) loaded: Vec<&'static Module>,
    pub(crate) library: Library,
    pub(crate) interned: Interner,
    pub(crate) initial_vars: ScriptVars,
}

impl Parts {
    pub(crate) fn into_core(self, program: Program, log_prefix: Option<Format>) -> Core {
        let counters = CoreCounters::register(&self.statistics);
        let random = || self.services.random.next();
        let tag_seed = ahash::RandomState::with_seeds(random(), random(), random(), random());
        let tag_prefix = format!("{:016x}{:016x}", random(), random());
        let started = self.services.clock.unix();
        let core_cfg = self.core_cfg;
        let overload = Overload::declare(&self.cfg, &self.statistics);
        let message_limits = MessageLimits::declare(&self.cfg, &self.statistics);
        let mut interned = self.interned;
        interned.seal();
        let prefix = OnceLock::new();
        if let Some(format) = log_prefix {
            let _ = prefix.set(LogPrefix::new(format, self.settings.log_prefix_anew));
        }
        let program = Arc::new(program);
        let tolerance = self.settings.tolerance;
        Core {
            log_threshold: Threshold::new(core_cfg.debug.clone()),
            core_cfg,
            overload,
            message_limits,
            services: self.services,
            settings: self.settings,
            sockets: self.sockets,
            statistics: self.statistics,
            counters,
            log_prefix: prefix,
            timers: self.timers,
            rpcs: self.rpcs,
            cfg: self.cfg,
            hooks: self.hooks,
            modules: self.modules,
            tolerance,
            started,
            programs: Mutex::new(vec![Generation::first(&program, started)]),
            program: ArcSwapOption::new(Some(program)),
            words: ArcSwap::from_pointee(self.words),
            declared: Mutex::new(self.declared),
            ignored: self.ignored,
            loaded: self.loaded,
            control: Mutex::default(),
            message_ids: AtomicU64::new(0),
            tag_seed,
            tag_prefix,
            library: self.library,
            interned: Mutex::new(interned),
            index: OnceLock::new(),
            initial_vars: self.initial_vars,
        }
    }
}

/// Called when a message context is done with the script, for modules that must finish something.
pub type AfterScript = Box<dyn Fn(&mut Context) + Send + Sync>;
