//! The command line: Kamailio's options, read the way getopt reads them.
//!
//! Clusters (`-DD`, `-ddE`), glued values (`-m64`), `--name=value`, `--name value` and unambiguous
//! prefixes of long names all work, as they do with Kamailio. [`OPTIONS`] is the one list of what
//! exists; the help text and the `cli` rows of `--exports` are printed from it.

mod error;
mod getopt;
mod help;
mod listen;
mod lookup;
mod options;
mod row;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;

use getopt::{Arguments, Token};

pub use error::CliError;
pub use help::{exports, help, internals, version};
pub use listen::{Advertise, ListenSpec};
pub use options::OPTIONS;
pub use row::{OptionId, OptionRow, Status};
pub use value::{AliasSpec, Define, ModParam, ModParamValue, Substitution, SubstitutionKind};

/// Where the configuration is read from when `-f` is absent.
pub const DEFAULT_CONFIG: &str = "/etc/kamailio/kamailio.cfg";

/// The exit status of a wrong command line and of every failed start, as Kamailio's `-1`.
pub const EXIT_FAILURE: u8 = 255;

/// What the process is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// Serve.
    #[default]
    Run,
    /// `-c`: check the configuration and exit.
    Check,
    /// `--compat-check`: check, and exit as `kamailio -c` would.
    CompatCheck,
    /// `--cfg-print`: print the configuration after preprocessing and exit.
    PrintConfig,
    /// `-v`, `-V`, `--version`.
    Version,
    /// `-h`, `--help`.
    Help,
    /// `-I`: print how the program was built.
    Internals,
    /// `--exports`: print every name that is known, with its status.
    Exports,
}

/// Whether and how the process leaves the terminal (`-D`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Daemonize {
    /// Nothing was said: the configuration's `fork` decides, and its default is to daemonise.
    #[default]
    Unset,
    /// `-D`: stay in the foreground and write no pid file.
    NoFork,
    /// `-DD`: stay in the foreground, otherwise a full server.
    Foreground,
    /// `-DDD`: daemonise.
    Background,
}

/// How mistakes in the configuration are shown (`--diagnostics`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiagnosticForm {
    /// The source line with a caret and advice.
    #[default]
    Full,
    /// One line each.
    Short,
    /// One JSON object a line.
    Json,
}

/// A read command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// What to do.
    pub action: Action,
    /// `-f`; `None` means [`DEFAULT_CONFIG`], `-` means standard input.
    pub config: Option<PathBuf>,
    /// `-A`, in order.
    pub defines: Vec<Define>,
    /// `--diagnostics`.
    pub diagnostics: DiagnosticForm,
    /// `--subst`, `--substdef`, `--substdefs`, in order.
    pub substitutions: Vec<Substitution>,
    /// `--loadmodule`, in order.
    pub modules: Vec<String>,
    /// `--modparam`, in order.
    pub mod_params: Vec<ModParam>,
    /// `-l`, in order.
    pub listen: Vec<ListenSpec>,
    /// `--alias` and `--domain`, in order.
    pub aliases: Vec<AliasSpec>,
    /// `-D`.
    pub daemonize: Daemonize,
    /// `-P`.
    pub pid_file: Option<PathBuf>,
    /// `-G`.
    pub pgid_file: Option<PathBuf>,
    /// `-w`.
    pub working_dir: Option<PathBuf>,
    /// `-Y`.
    pub runtime_dir: Option<PathBuf>,
    /// `-t`.
    pub chroot: Option<PathBuf>,
    /// `-u`, a name or a number.
    pub user: Option<String>,
    /// `-g`, a name or a number.
    pub group: Option<String>,
    /// `-d` (counted) or `--debug`.
    pub debug: Option<i64>,
    /// `-E`.
    pub log_stderr: bool,
    /// `-e`.
    pub log_color: bool,
    /// `--log-engine=json[:flags]`: the flags.
    pub json_log: Option<String>,
    /// `-n`.
    pub children: Option<i64>,
    /// `-N`.
    pub tcp_children: Option<i64>,
    /// `-T`.
    pub disable_tcp: bool,
    /// `-b`.
    pub max_recv_buffer: Option<i64>,
    /// `-B`.
    pub max_send_buffer: Option<i64>,
    /// `--server-id`.
    pub server_id: Option<i64>,
    /// Options given that are accepted and do nothing, for one log line at start.
    pub ignored: Vec<&'static OptionRow>,
    /// Operands, which Kamailio passes over in silence; kept so that a warning can name them.
    pub operands: Vec<OsString>,
}

impl CommandLine {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    /// The first argument that cannot be understood.
    pub fn parse<I>(arguments: I) -> Result<Self, CliError>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let mut arguments = Arguments::new(arguments);
        let mut line = Self::default();
        let mut late = None;
        while let Some(token) = arguments.next() {
            let (row, glued) = match token {
                Token::Short(letter) => (lookup::short(letter)?, None),
                Token::Long(name, value) => (lookup::long(&name)?, value),
                Token::Operand(operand) => {
                    line.operands.push(operand);
                    continue;
                }
            };
            match (row.value, glued) {
                (None, Some(value)) => return Err(CliError::UnexpectedValue(value)),
                (None, None) => line.apply_flag(row),
                (Some(_), glued) => {
                    let value = glued.or_else(|| arguments.value());
                    let value = value.ok_or(CliError::MissingValue(row))?;
                    let value = value
                        .into_string()
                        .map_err(|raw| CliError::NotText(row, raw))?;
                    match line.apply_value(row, value) {
                        // Kamailio comes to these when it has seen all others.
                        Err(error) if row.id.is_late() => late = late.or(Some(error)),
                        applied => applied?,
                    }
                }
            }
            // The rest of the line does not matter.
            if matches!(
                line.action,
                Action::Help | Action::Version | Action::Internals
            ) {
                return Ok(line);
            }
            if matches!(row.status, Status::Noop(_))
                && !line.ignored.iter().any(|known| known.id == row.id)
            {
                line.ignored.push(row);
            }
        }
        late.map_or(Ok(line), Err)
    }

    /// The configuration file that is to be read.
    pub fn config_path(&self) -> PathBuf {
        self.config
            .clone()
            .unwrap_or_else(|| PathBuf::from(DEFAULT_CONFIG))
    }

    fn apply_flag(&mut self, row: &'static OptionRow) {
        match row.id {
            // Printing goes before checking, in whatever order they stand.
            OptionId::Check if self.action == Action::PrintConfig => {}
            OptionId::Check => self.action = Action::Check,
            OptionId::CompatCheck => self.action = Action::CompatCheck,
            OptionId::CfgPrint => self.action = Action::PrintConfig,
            OptionId::Version => self.action = Action::Version,
            OptionId::Help => self.action = Action::Help,
            OptionId::Internals => self.action = Action::Internals,
            OptionId::Exports => self.action = Action::Exports,
            OptionId::DebugUp => self.debug = Some(self.debug.unwrap_or(0).saturating_add(1)),
            OptionId::Daemonize => {
                self.daemonize = match self.daemonize {
                    Daemonize::Unset => Daemonize::NoFork,
                    Daemonize::NoFork => Daemonize::Foreground,
                    Daemonize::Foreground | Daemonize::Background => Daemonize::Background,
                }
            }
            OptionId::LogStderr => self.log_stderr = true,
            OptionId::LogColor => self.log_color = true,
            OptionId::NoTcp => self.disable_tcp = true,
            // `--all-errors` is what always happens; the rest have no effect or take a value.
            _ => {}
        }
    }

    fn apply_value(&mut self, row: &'static OptionRow, text: String) -> Result<(), CliError> {
        match row.id {
            OptionId::AutoAliases => drop(value::on_off(row, &text)?),
            OptionId::Alias | OptionId::Domain => self.aliases.push(AliasSpec::parse(row, &text)?),
            OptionId::Define => self.defines.push(Define::parse(row, text)?),
            OptionId::MaxRecvBuffer => self.max_recv_buffer = Some(value::int(row, &text)?),
            OptionId::MaxSendBuffer => self.max_send_buffer = Some(value::int(row, &text)?),
            OptionId::Debug => self.debug = Some(value::int(row, &text)?),
            OptionId::Config => self.config = Some(PathBuf::from(text)),
            OptionId::Group => self.group = Some(text),
            OptionId::PgidFile => self.pgid_file = Some(PathBuf::from(text)),
            OptionId::Listen => self.listen.push(ListenSpec::parse(row, &text)?),
            OptionId::LoadModule => self.modules.push(text),
            OptionId::LogEngine => self.json_log = json_engine(&text),
            OptionId::ModParam => self.mod_params.push(ModParam::parse(row, &text)?),
            OptionId::Children => self.children = Some(value::int(row, &text)?),
            OptionId::TcpChildren => {
                self.tcp_children = Some(value::int(row, &text)?);
                if self.disable_tcp {
                    return Err(CliError::Disabled("TCP"));
                }
            }
            OptionId::SctpChildren => {
                value::int(row, &text)?;
                return Err(CliError::Disabled("SCTP"));
            }
            OptionId::PidFile => self.pid_file = Some(PathBuf::from(text)),
            OptionId::ServerId => self.server_id = Some(value::int(row, &text)?),
            OptionId::Subst => self.substitute(SubstitutionKind::Subst, text),
            OptionId::SubstDef => self.substitute(SubstitutionKind::SubstDef, text),
            OptionId::SubstDefs => self.substitute(SubstitutionKind::SubstDefs, text),
            OptionId::Chroot => self.chroot = Some(PathBuf::from(text)),
            OptionId::User => self.user = Some(text),
            OptionId::RuntimeDir => self.runtime_dir = Some(PathBuf::from(text)),
            OptionId::WorkingDir => self.working_dir = Some(PathBuf::from(text)),
            OptionId::AtExit => drop(value::yes_no(row, &text)?),
            OptionId::SharedMemory | OptionId::PrivateMemory => drop(value::megabytes(row, &text)?),
            OptionId::Optimization => drop(value::number(row, &text)?),
            OptionId::Diagnostics => {
                value::one_of(row, &text, &[])?;
                self.diagnostics = match text.as_str() {
                    "json" => DiagnosticForm::Json,
                    "short" => DiagnosticForm::Short,
                    _ => DiagnosticForm::Full,
                };
            }
            OptionId::SharedManager | OptionId::PrivateManager => {
                value::one_of(row, &text, &["f_malloc", "q_malloc", "tlsf_malloc"])?;
            }
            OptionId::PollMethod => value::one_of(row, &text.to_ascii_lowercase(), &[])?,
            // The rest of the identifiers have no effect or take no value.
            _ => {}
        }
        Ok(())
    }

    fn substitute(&mut self, kind: SubstitutionKind, expression: String) {
        self.substitutions.push(Substitution { kind, expression });
    }
}

/// The flags of `json[:flags]`. Another name means plain lines, as in Kamailio without the module
/// that has it.
fn json_engine(text: &str) -> Option<String> {
    let (name, flags) = text.split_once(':').unwrap_or((text, ""));
    (name == "json").then(|| flags.to_owned())
}

#[cfg(test)]
mod tests;
