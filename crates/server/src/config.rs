//! From files and the command line to a plan that can be built.

use std::io::{self, IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use engine::load::{self, Plan};
use engine::reload::ConfigSource;
use script::ast::ParamValue;
use script::diagnostic::{Diagnostic, Severity, render_concise, render_full, render_json};
use script::parse::{Parsed, parse_file, parse_text};
use script::preprocess::{self, Options};
use script::source::{Loader, SourceMap, SystemLoader};

use crate::cli::{CommandLine, DiagnosticForm, ModParamValue, Status, SubstitutionKind};

/// The configuration that runs when no file is given.
pub const DEFAULT: &str = include_str!("default.cfg");

/// The name under which messages show it.
const DEFAULT_NAME: &str = "<built-in default>";

/// A configuration that was read.
pub struct Read {
    /// What can be built; holds what is wrong so far.
    pub plan: Plan,
    /// Its sources, for messages.
    pub source: Arc<SourceMap>,
    /// Whether it is the built-in one.
    pub is_default: bool,
}

impl Read {
    /// Whether the server goes to the background, as `fork` says.
    #[must_use]
    pub fn forks(&self) -> bool {
        self.plan.settings.process.fork.unwrap_or(true)
    }

    /// The text of the first file.
    #[must_use]
    pub fn text(&self) -> Option<&[u8]> {
        self.source.files().first().map(|file| &file.text[..])
    }
}

/// `-f -`.
#[must_use]
pub fn is_stdin(line: &CommandLine) -> bool {
    line.config.as_deref() == Some(Path::new("-"))
}

/// Reads the file of `-f`, or the built-in configuration.
#[must_use]
pub fn read(line: &CommandLine) -> Read {
    let options = options(line);
    let is_default = line.config.is_none();
    let parsed = parse(line, &options);
    let source = Arc::new(parsed.source);
    let mut plan = load::read(
        parsed.config,
        Arc::clone(&source),
        parsed.diagnostics,
        modules::LIBRARY,
    );
    let defines = parsed.defines.into_iter().map(|d| (d.name, d.value));
    plan.settings.defines = defines.collect();
    apply(&mut plan, line);
    Read {
        plan,
        source,
        is_default,
    }
}

/// The files that the configuration came from, for reading it again.
pub struct Files(CommandLine);

impl Files {
    /// Those of a command line, wherever the process goes later.
    #[must_use]
    pub fn of(line: &CommandLine) -> Self {
        let mut line = line.clone();
        if !is_stdin(&line) {
            line.config = line
                .config
                .map(|path| std::path::absolute(&path).unwrap_or(path));
        }
        Self(line)
    }
}

impl ConfigSource for Files {
    fn read(&self) -> Option<Plan> {
        Some(read(&self.0).plan)
    }

    fn aside(&self, work: &mut dyn FnMut()) {
        match tokio::runtime::Handle::try_current() {
            // A worker of the runtime hands its other work on.
            Ok(_) => tokio::task::block_in_place(work),
            Err(_) => work(),
        }
    }

    fn loader(&self) -> &dyn Loader {
        &SystemLoader
    }
}

fn parse(line: &CommandLine, options: &Options) -> Parsed {
    match &line.config {
        Some(path) if is_stdin(line) => match stdin() {
            Ok(text) => parse_text(path, text, &SystemLoader, options),
            // Says what is wrong with it.
            Err(_) => parse_file(path, &SystemLoader, options),
        },
        Some(path) => parse_file(path, &SystemLoader, options),
        None => parse_text(Path::new(DEFAULT_NAME), DEFAULT, &SystemLoader, options),
    }
}

/// The standard input, which can be read once; reading a configuration again yields the same.
fn stdin() -> io::Result<Vec<u8>> {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(text) = TEXT.get() {
        return Ok(text.clone());
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    Ok(TEXT.get_or_init(|| text).clone())
}

fn options(line: &CommandLine) -> Options {
    let mut options = Options::default();
    for define in &line.defines {
        options
            .defines
            .push((define.name.clone(), define.value.clone()));
    }
    for substitution in &line.substitutions {
        let list = match substitution.kind {
            SubstitutionKind::Subst => &mut options.substs,
            SubstitutionKind::SubstDef => &mut options.substdefs,
            SubstitutionKind::SubstDefs => &mut options.substdefs_quoted,
        };
        list.push(substitution.expression.clone());
    }
    options
}

/// What the command line says goes before what the file says.
fn apply(plan: &mut Plan, line: &CommandLine) {
    for name in &line.modules {
        plan.load_module_named(name);
    }
    for param in &line.mod_params {
        let value = match &param.value {
            ModParamValue::Int(n) => ParamValue::Int(*n),
            ModParamValue::Str(t) => ParamValue::Str(t.clone().into()),
        };
        plan.give_param(&param.module, &param.name, value);
    }
    for option in &line.ignored {
        if let Status::Noop(reason) = option.status {
            plan.note(format!("option {} has no effect: {reason}", option.name));
        }
    }
    // The one option that goes behind what the file says, as with Kamailio.
    let server_id = line.server_id.filter(|_| !plan.sets("server_id"));
    let settings = &mut plan.settings;
    settings.log_stderror |= line.log_stderr;
    if let Some(id) = server_id {
        settings.server_id = id;
    }
    if let Some(children) = line.children {
        settings.children = Some(children);
    }
    if let Some(children) = line.tcp_children {
        settings.tcp_children = Some(children);
    }
    if let Some(user) = &line.user {
        settings.process.user = Some(user.clone());
    }
    if let Some(group) = &line.group {
        settings.process.group = Some(group.clone());
    }
    settings.process.runtime_dir = line
        .runtime_dir
        .clone()
        .or_else(|| own_runtime_dir(line.config.is_none()));
    if let Some(debug) = line.debug {
        settings.debug = i32::try_from(debug).unwrap_or(i32::MAX);
    }
}

/// Where sockets and pipes go when `-Y` does not say: root makes the system's directory if it is
/// not there; the built-in configuration runs for anybody, so that others get one of their own.
fn own_runtime_dir(is_default: bool) -> Option<PathBuf> {
    let user = nix::unistd::geteuid();
    if user.is_root() {
        return Some(PathBuf::from("/run/kamailio"));
    }
    let own = || match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(dir) => Path::new(&dir).join("ferrosip"),
        None => std::env::temp_dir().join(format!("ferrosip-{user}")),
    };
    is_default.then(own)
}

/// A configuration after preprocessing, for `--cfg-print`.
pub struct Expanded {
    /// The text.
    pub text: Vec<u8>,
    /// What is wrong, as far as preprocessing sees it.
    pub diagnostics: Vec<Diagnostic>,
    /// The sources.
    pub source: SourceMap,
}

impl Expanded {
    /// Whether parts of the text are missing: what must be read was not there.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.diagnostics.iter().any(|mistake| {
            matches!(
                mistake.code,
                "unreadable"
                    | "missing-include"
                    | "include-path"
                    | "include-too-deep"
                    | "missing-environment"
                    | "file-too-large"
                    | "expansion-too-large"
            )
        })
    }
}

/// Preprocesses the configuration without reading what it says.
#[must_use]
pub fn expanded(line: &CommandLine) -> Expanded {
    let mut options = options(line);
    options.prints = true;
    let (path, text) = match &line.config {
        Some(path) if is_stdin(line) => (path.as_path(), stdin()),
        Some(path) => (path.as_path(), SystemLoader.load(path)),
        None => (Path::new(DEFAULT_NAME), Ok(DEFAULT.as_bytes().to_vec())),
    };
    match text {
        Ok(text) => {
            let found = preprocess::expand(path, text.into(), &SystemLoader, &options);
            Expanded {
                text: found.printed,
                diagnostics: found.diagnostics,
                source: found.source,
            }
        }
        Err(_) => {
            let parsed = parse(line, &options);
            Expanded {
                text: Vec::new(),
                diagnostics: parsed.diagnostics,
                source: parsed.source,
            }
        }
    }
}

/// Prints diagnostics; says whether one is an error.
pub fn print(diagnostics: &[Diagnostic], source: &SourceMap, form: DiagnosticForm) -> bool {
    let text = match form {
        DiagnosticForm::Full => render_full(diagnostics, source, std::io::stderr().is_terminal()),
        DiagnosticForm::Short => render_concise(diagnostics, source),
        DiagnosticForm::Json => render_json(diagnostics, source),
    };
    eprint!("{text}");
    let errors = diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    let warnings = diagnostics.len() - errors;
    if errors > 0 && form != DiagnosticForm::Json {
        eprintln!("{errors} error(s), {warnings} warning(s) in the configuration");
    }
    errors > 0
}
