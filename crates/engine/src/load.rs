//! From a parsed configuration to a running core.
//!
//! [`read`] takes parameters and `loadmodule` lines in file order; the server then binds its
//! sockets by the settings; [`Plan::build`] initialises the modules, compiles the blocks and makes
//! the [`Core`]. Each step goes on past mistakes, so that one run reports all of them.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use script::ast::{Config, CoreParam, CustomParam, Item, ModParam, Name, ParamValue, Span};
use script::diagnostic::{Diagnostic, nearest};
use script::host::Problem;
use script::lexer::is_reserved;
use script::source::SourceMap;

use crate::Program;
use crate::catalog::{self, Interner, Names};
use crate::cfg_vars::{CfgValue, CfgVars, CoreCfg, Place};
use crate::context::ScriptVars;
use crate::core::{Core, Parts, Setup};
use crate::core_params::{self, Unfit};
use crate::lint;
use crate::module::{GiveError, Module, ModuleStates, ParamText, ParamValues, State, Status};
use crate::reload::{Declared, Words};
use crate::rpc::RpcRegistry;
use crate::services::Services;
use crate::settings::Settings;
use crate::socket::SocketTable;
use crate::statistics::Statistics;
use crate::timer::Timers;
use crate::transformation::Transformation;

/// Mistakes that Kamailio's own check does not find: it initialises neither modules nor the log.
const BEYOND: [&str; 3] = ["bad-log-prefix", "module-init", "missing-module"];

/// Behind so many mistakes, unknown names are no longer compared with the known ones.
const MAX_HINTS: usize = 200;

/// What a server can load.
#[derive(Clone, Copy)]
pub struct Library {
    /// All modules.
    pub modules: &'static [&'static Module],
    /// Modules that are always there, without `loadmodule`: the core's own RPCs and variables.
    pub builtin: &'static [&'static Module],
    /// Transformations, of the core and of modules.
    pub transformations: &'static [&'static [Transformation]],
    /// Names of modules that Kamailio has and this server does not, with the reason.
    pub missing: &'static [(&'static str, &'static str)],
}

/// A configuration whose parameters and modules are known, before anything runs.
pub struct Plan {
    /// Core parameters.
    pub settings: Settings,
    library: Library,
    config: Config,
    source: Arc<SourceMap>,
    loaded: Vec<Loaded>,
    cfg: CfgVars,
    /// Values of instances of groups, to be set when all variables are declared.
    instances: Vec<(String, u32, String, CfgValue)>,
    /// Custom parameters given so far.
    custom: HashSet<(String, String)>,
    /// Modules that were asked for and that this server lacks.
    lacking: Vec<&'static str>,
    /// Parameters given that have no effect, for one log line each.
    ignored: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

struct Loaded {
    module: &'static Module,
    params: ParamValues,
    /// Where it was loaded.
    span: Span,
    /// Where each parameter was given last.
    given_at: HashMap<String, Span>,
}

/// What [`Plan::build`] yields.
pub struct Built {
    /// The core, when there was no error.
    pub core: Option<Arc<Core>>,
    /// Every mistake and warning of all steps.
    pub diagnostics: Vec<Diagnostic>,
}

/// Takes the parameters and modules of a parsed configuration.
#[must_use]
pub fn read(
    config: Config,
    source: Arc<SourceMap>,
    diagnostics: Vec<Diagnostic>,
    library: Library,
) -> Plan {
    let mut plan = Plan {
        settings: Settings::default(),
        library,
        config: Config::default(),
        source,
        loaded: Vec::new(),
        cfg: CfgVars::default(),
        instances: Vec::new(),
        custom: HashSet::new(),
        lacking: Vec::new(),
        ignored: Vec::new(),
        diagnostics,
    };
    for module in library.builtin {
        plan.add_module(module, Span::default());
    }
    for item in &config.items {
        match item {
            Item::CoreParam(param) => plan.core_param(param),
            Item::CustomParam(param) => plan.custom_param(param),
            Item::LoadModule(name) => plan.load_module(name),
            Item::ModParam(param) => plan.mod_param(param),
            Item::LoadPath(_) | Item::Block(_) => {}
        }
    }
    plan.config = config;
    plan
}

impl Plan {
    /// The known name that is nearest to one that is not known; among very many mistakes no more.
    fn near<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        (self.diagnostics.len() < MAX_HINTS)
            .then(|| nearest(name, known))
            .flatten()
    }

    fn error(&mut self, code: &'static str, span: Span, message: String, help: Vec<String>) {
        let mut diagnostic = Diagnostic::error(code, self.source.origin(span), message);
        diagnostic.is_beyond = BEYOND.contains(&code);
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    /// Where a core parameter got the value that counts.
    fn given_last(&self, name: &str) -> Span {
        self.span_of(name).unwrap_or_default()
    }

    fn span_of(&self, name: &str) -> Option<Span> {
        let mut last_first = self.config.items.iter().rev();
        last_first.find_map(|item| match item {
            Item::CoreParam(param) if param.name.node == name => Some(param.span),
            _ => None,
        })
    }

    /// Whether the configuration sets a core parameter.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.span_of(name).is_some()
    }

    fn add_module(&mut self, module: &'static Module, span: Span) {
        self.loaded.push(Loaded {
            module,
            params: ParamValues::new(module.params),
            span,
            given_at: HashMap::new(),
        });
    }

    fn core_param(&mut self, param: &CoreParam) {
        let name = &param.name.node;
        if matches!(name.as_str(), "flags" | "bool" | "avpflags") {
            self.flag_names(param);
            return;
        }
        if name == "cfgengine" {
            self.engine(param);
            return;
        }
        let Some(row) = core_params::find(name) else {
            let known = core_params::TABLE
                .iter()
                .flat_map(|p| std::iter::once(p.name).chain(p.aliases.iter().copied()));
            let help = self
                .near(name, known)
                .map(|n| format!("did you mean `{n}`?"));
            self.error(
                "unknown-core-param",
                param.name.span,
                format!("unknown core parameter `{name}`"),
                help.into_iter().collect(),
            );
            return;
        };
        if row.status == Status::Noop {
            self.ignored
                .push(format!("core parameter {}: {}", row.name, row.doc));
        }
        let span = param.values.first().map_or(param.span, |v| v.span);
        let origin = self.source.origin(span);
        let taken = core_params::takes::check(row.name, param, self.source.snippet(origin))
            .map_err(Unfit::Form)
            .and_then(|()| (row.apply)(&mut self.settings, param));
        if let Err(unfit) = taken {
            let diagnostic = match unfit {
                Unfit::Form(message) => Diagnostic::error("bad-core-param", origin, message),
                Unfit::Range(message) => {
                    Diagnostic::error("bad-core-param", origin, message).beyond()
                }
            };
            self.diagnostics.push(diagnostic);
        }
        for warning in std::mem::take(&mut self.settings.warnings) {
            let origin = self.source.origin(param.span);
            self.diagnostics
                .push(Diagnostic::warning("no-effect", origin, warning));
        }
    }

    /// `cfgengine "native"`: the language that routes are written in.
    fn engine(&mut self, param: &CoreParam) {
        let Some(value) = param.values.first() else {
            return;
        };
        let is_native = match &value.node {
            ParamValue::Str(name) => name == "native" || name == "default",
            _ => false,
        };
        if !is_native {
            let message = "routes can be written in the native language only";
            self.error("unknown-engine", value.span, message.to_owned(), Vec::new());
        }
    }

    /// `flags NAME:number, …` and `avpflags NAME, …`, as the grammar numbered them.
    fn flag_names(&mut self, param: &CoreParam) {
        for value in &param.values {
            let ParamValue::Word(word) = &value.node else {
                continue;
            };
            let name = word.split_once(':').map_or(word.as_str(), |(name, _)| name);
            let written = self.source.snippet(self.source.origin(value.span));
            if !written.starts_with(b"\"") && !written.starts_with(b"'") && is_reserved(name) {
                let message = format!("`{name}` is a word of the language, no name of a flag");
                let help = vec![format!("put it in quotes: \"{name}\"")];
                self.error("reserved-word", value.span, message, help);
            }
            if param.name.node == "avpflags" {
                self.settings.avp_flag_names.push(word.clone());
                continue;
            }
            if let Some((name, number)) = word.split_once(':')
                && let Ok(number) = number.parse()
            {
                self.settings.flag_names.push((name.to_owned(), number));
            }
        }
    }

    fn custom_param(&mut self, param: &CustomParam) {
        let (group, name) = (&param.group.node, &param.name.node);
        // The one group that is the core's own.
        if group == "kemi" {
            let name = Name {
                node: format!("{group}.{name}"),
                span: param.group.span,
            };
            let values = vec![param.value.clone()];
            let span = param.value.span;
            self.core_param(&CoreParam { name, values, span });
            return;
        }
        let key = (group.clone(), name.clone());
        if param.instance.is_none() && !self.custom.insert(key) {
            self.error(
                "duplicate-parameter",
                param.name.span,
                format!("{group}.{name} is set twice"),
                Vec::new(),
            );
            return;
        }
        if let Some(id) = param.instance.and_then(|id| u32::try_from(id).ok()) {
            let value = match &param.value.node {
                ParamValue::Int(n) => CfgValue::Int(*n),
                ParamValue::Str(t) => CfgValue::Text(t.clone()),
                _ => return,
            };
            self.instances
                .push((group.clone(), id, name.clone(), value));
            return;
        }
        let description = param.description.as_deref().unwrap_or_default();
        match &param.value.node {
            ParamValue::Int(n) => {
                self.cfg.int(group, name, *n, None, description);
            }
            ParamValue::Str(t) => {
                self.cfg.text(group, name, t.clone(), description);
            }
            _ => self.error(
                "bad-custom-param",
                param.value.span,
                format!("{group}.{name} takes an integer or a quoted string"),
                Vec::new(),
            ),
        }
    }

    /// What is wrong so far.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Has a line logged once at start: something given has no effect.
    pub fn note(&mut self, line: String) {
        self.ignored.push(line);
    }

    /// Loads a module that the command line names.
    pub fn load_module_named(&mut self, name: &str) {
        self.load_module(&Name {
            node: name.to_owned(),
            span: Span::default(),
        });
    }

    /// Sets a module parameter from the command line.
    pub fn give_param(&mut self, module: &str, name: &str, value: ParamValue) {
        let at = |text: &str| Name {
            node: text.to_owned(),
            span: Span::default(),
        };
        self.mod_param(&ModParam {
            modules: at(module),
            name: at(name),
            value: script::ast::Spanned {
                node: value,
                span: Span::default(),
            },
            span: Span::default(),
        });
    }

    fn load_module(&mut self, name: &Name) {
        let text = name.node.rsplit('/').next().unwrap_or_default();
        let short = text.strip_suffix(".so").unwrap_or(text);
        if self.loaded.iter().any(|l| l.module.name == short) {
            let message = format!("module `{short}` is loaded twice");
            self.error("duplicate-module", name.span, message, Vec::new());
            return;
        }
        if let Some(module) = self.library.modules.iter().find(|m| m.name == short) {
            self.add_module(module, name.span);
            return;
        }
        let missing = self.library.missing.iter().find(|(n, _)| *n == short);
        self.lacking.extend(missing.map(|(name, _)| *name));
        let help = match missing {
            Some((_, reason)) => vec![(*reason).to_owned()],
            None => self
                .near(short, self.library.modules.iter().map(|m| m.name))
                .map(|n| format!("did you mean `{n}`?"))
                .into_iter()
                .collect(),
        };
        let message = if missing.is_some() {
            format!("module `{short}` is not supported by this version of ferrosip")
        } else {
            format!("unknown module `{short}`")
        };
        self.error("unknown-module", name.span, message, help);
    }

    fn mod_param(&mut self, param: &ModParam) {
        let mut found = false;
        for wanted in param.modules.node.split('|') {
            let wanted = wanted.trim();
            if let Some(index) = self.loaded.iter().position(|l| l.module.name == wanted) {
                found = true;
                self.give(index, param);
            } else if self.library.missing.iter().any(|(n, _)| *n == wanted) {
                // Its loadmodule line is the error; its parameters need no error of their own.
                found = true;
            }
        }
        if !found {
            let message = format!(
                "modparam for module `{}`, which is not loaded",
                param.modules.node
            );
            let known: Vec<&str> = self.loaded.iter().map(|l| l.module.name).collect();
            let help = self
                .near(&param.modules.node, known)
                .map(|n| format!("did you mean `{n}`?"));
            self.error(
                "modparam-not-loaded",
                param.modules.span,
                message,
                help.into_iter().collect(),
            );
        }
    }

    fn give(&mut self, index: usize, param: &ModParam) {
        let value = match &param.value.node {
            ParamValue::Int(n) => ParamText::Int(*n),
            ParamValue::Str(t) => ParamText::Text(t.clone()),
            ParamValue::Word(w) => ParamText::Text(w.clone().into()),
            ParamValue::Listen(l) => ParamText::Text(l.host.clone().into()),
        };
        let loaded = &mut self.loaded[index];
        let module = loaded.module;
        let name = &param.name.node;
        match loaded.params.give(name, value) {
            Ok(()) => {
                loaded.given_at.insert(name.clone(), param.value.span);
                if let Some(row) = module
                    .params
                    .iter()
                    .find(|p| p.name == name && p.status == Status::Noop)
                {
                    self.ignored.push(format!(
                        "parameter {} of module {} has no effect: {}",
                        row.name, module.name, row.doc
                    ));
                }
            }
            Err(GiveError::Unknown) => {
                let help = self
                    .near(name, module.params.iter().map(|p| p.name))
                    .map(|n| format!("did you mean `{n}`?"));
                let message = format!("module {} has no parameter `{name}`", module.name);
                self.error(
                    "unknown-modparam",
                    param.name.span,
                    message,
                    help.into_iter().collect(),
                );
            }
            Err(GiveError::WantsInt) => {
                let message = format!(
                    "parameter `{name}` of module {} takes an integer",
                    module.name
                );
                self.error("bad-modparam", param.value.span, message, Vec::new());
            }
            Err(GiveError::WantsText) => {
                let message = format!(
                    "parameter `{name}` of module {} takes a string",
                    module.name
                );
                self.error("bad-modparam", param.value.span, message, Vec::new());
            }
        }
    }

    /// Initialises the modules, compiles the blocks and makes the core.
    #[must_use]
    pub fn build(mut self, services: Services, mut sockets: SocketTable) -> Built {
        let statistics = Statistics::separated_by(self.settings.stats_separator);
        let timers = Timers::default();
        let mut hooks = crate::hooks::Hooks::default();
        let mut rpcs = RpcRegistry::default();
        let mut states = ModuleStates::default();
        let mut interned = Interner::default();
        let cfg = std::mem::take(&mut self.cfg);
        let core_cfg = CoreCfg::declare(&cfg, &self.settings);
        let loaded = std::mem::take(&mut self.loaded);
        let words = self.take_words();
        let mut initial_vars = ScriptVars::default();
        let modules: Vec<&'static Module> = loaded.iter().map(|l| l.module).collect();
        for item in &loaded {
            if !self.has_needs(item, &modules) {
                continue;
            }
            let mut names = names(&self, &modules, &states, &cfg, &words, &mut interned);
            let mut setup = Setup {
                params: &item.params,
                services: &services,
                settings: &self.settings,
                sockets: &mut sockets,
                statistics: &statistics,
                cfg: &cfg,
                timers: &timers,
                hooks: &mut hooks,
                modules: &states,
                initial_vars: &mut initial_vars,
                names: &mut names,
            };
            let state: State = match (item.module.init)(&mut setup) {
                Ok(state) => state,
                Err(error) => {
                    let at = error
                        .param
                        .and_then(|p| item.given_at.get(p))
                        .copied()
                        .unwrap_or(item.span);
                    let message = format!("module {}: {}", item.module.name, error.message);
                    self.error("module-init", at, message, Vec::new());
                    if item.module.reads_at_once(error.param)
                        && let Some(diagnostic) = self.diagnostics.last_mut()
                    {
                        diagnostic.is_beyond = false;
                    }
                    continue;
                }
            };
            for rpc in item.module.rpcs {
                rpcs.add(rpc, Arc::clone(&state));
            }
            states.insert(item.module.name, state);
        }
        self.set_instances(&cfg);
        let mut names = names(&self, &modules, &states, &cfg, &words, &mut interned);
        let program = self.compile(&mut names, None, !hooks.trace.is_empty());
        let prefix = self
            .settings
            .log_prefix
            .clone()
            .map(|text| names.format(&text));
        drop(names);
        let prefix = match prefix {
            None => None,
            Some(Ok(format)) => Some(format),
            Some(Err(message)) => {
                let span = self.given_last("log_prefix");
                let message = format!("log_prefix: {message}");
                self.error("bad-log-prefix", span, message, Vec::new());
                None
            }
        };
        self.diagnostics.sort_by_key(|found| found.primary);
        if self
            .diagnostics
            .iter()
            .any(|d| d.severity == script::diagnostic::Severity::Error)
        {
            return Built {
                core: None,
                diagnostics: self.diagnostics,
            };
        }
        let parts = Parts {
            services,
            settings: self.settings,
            sockets,
            statistics,
            timers,
            rpcs,
            cfg,
            core_cfg,
            hooks,
            modules: states,
            ignored: self.ignored,
            words,
            declared: Declared::new(&self.config, given(loaded)),
            loaded: modules,
            library: self.library,
            interned,
            initial_vars,
        };
        Built {
            core: Some(Arc::new(parts.into_core(program, prefix))),
            diagnostics: self.diagnostics,
        }
    }

    /// Compiles the blocks, in the place of those of a program if one runs, and adds what is found
    /// to the diagnostics.
    pub(crate) fn compile(
        &mut self,
        names: &mut Names<'_>,
        previous: Option<&Program>,
        trace: bool,
    ) -> Program {
        let options = script::compile::Options {
            trace: trace || shows_places(&self.source),
        };
        let (program, problems) = match previous {
            None => script::compile::compile_with(&self.config, names, options),
            Some(running) => script::compile::compile_over(running, &self.config, names, options),
        };
        let findings = lint::check(&self.config, &names.loaded, self.library.modules);
        let problems = problems.into_iter().map(|p| (p.problem, p.span));
        let findings = findings.into_iter().map(|f| (f.problem, f.span));
        let source = Arc::clone(&self.source);
        let knows_all = self.lacking.is_empty();
        let found = problems.chain(findings).map(|(mut problem, span)| {
            if problem.code == catalog::UNKNOWN_VARIABLE && knows_all {
                problem.is_warning &= source.has_attributes(problem.span.unwrap_or(span));
            }
            (problem, span)
        });
        self.diagnostics
            .extend(found.map(|(problem, span)| diagnostic(&source, problem, span)));
        self.diagnostics.sort_by_key(|found| found.primary);
        program.with_source(source)
    }

    /// Whether the modules that a module needs are there; complains of those that are not.
    fn has_needs(&mut self, item: &Loaded, modules: &[&'static Module]) -> bool {
        let is_missing = |need: &&&str| !modules.iter().any(|m| m.name == **need);
        let missing: Vec<&str> = item
            .module
            .needs
            .iter()
            .filter(is_missing)
            .copied()
            .collect();
        for need in &missing {
            self.error(
                "missing-module",
                item.span,
                format!("module {} needs module {need}", item.module.name),
                vec![format!("add loadmodule \"{need}.so\" before it")],
            );
        }
        missing.is_empty()
    }
}

impl Plan {
    /// The sources of the configuration.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceMap> {
        &self.source
    }

    /// The parameters and modules, for a comparison.
    pub(crate) fn take_declared(&mut self) -> Declared {
        let loaded = std::mem::take(&mut self.loaded);
        Declared::new(&self.config, given(loaded))
    }

    /// The custom parameters.
    pub(crate) fn take_custom(&mut self) -> CfgVars {
        std::mem::take(&mut self.cfg)
    }

    /// The words that the configuration gives a meaning.
    pub(crate) fn take_words(&mut self) -> Words {
        Words {
            flags: std::mem::take(&mut self.settings.flag_names),
            avp_flags: std::mem::take(&mut self.settings.avp_flag_names),
            defines: std::mem::take(&mut self.settings.defines),
        }
    }

    /// Values of instances, once all variables are declared. What a group does not declare has no
    /// reader.
    fn set_instances(&mut self, cfg: &CfgVars) {
        for (group, id, name, value) in std::mem::take(&mut self.instances) {
            let place = Place {
                group: &group,
                instance: Some(id),
            };
            cfg.add_instance(&group, id);
            let _ = cfg.set_at(place, &name, value);
        }
    }
}

fn given(loaded: Vec<Loaded>) -> Vec<(&'static Module, ParamValues)> {
    loaded.into_iter().map(|l| (l.module, l.params)).collect()
}

/// Whether the script asks where it is, so that it has to be known.
pub(crate) fn shows_places(source: &SourceMap) -> bool {
    source.mentions(b"$cfg(")
}

/// A problem that was found at a span, for the operator.
pub(crate) fn diagnostic(source: &SourceMap, problem: Problem, span: Span) -> Diagnostic {
    let origin = source.origin(problem.span.unwrap_or(span));
    let mut diagnostic = if problem.is_warning {
        Diagnostic::warning(problem.code, origin, problem.message)
    } else {
        Diagnostic::error(problem.code, origin, problem.message)
    };
    diagnostic.help = problem.help;
    diagnostic.is_beyond = problem.is_beyond;
    diagnostic
}

fn names<'a>(
    plan: &Plan,
    modules: &[&'static Module],
    states: &'a ModuleStates,
    cfg: &'a CfgVars,
    words: &'a Words,
    interned: &'a mut Interner,
) -> Names<'a> {
    Names {
        loaded: modules.to_vec(),
        states,
        index: OnceCell::new(),
        all: plan.library.modules,
        transformations: plan.library.transformations,
        cfg,
        flags: &words.flags,
        avp_flags: &words.avp_flags,
        defines: &words.defines,
        blocks: HashMap::new(),
        interned,
        warnings: Vec::new(),
        reads_script: false,
        lacking: plan.lacking.clone(),
        hints: Cell::new(0),
    }
}
