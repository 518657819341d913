//! A server under test: its program, its process, its files.

use std::fs::{self, File};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::address::{SERVER_PORT, allocate};
use crate::scenario::{Family, Scenario};

/// Where Debian installs the reference.
pub const KAMAILIO: &str = "/usr/sbin/kamailio";
const REFERENCE_VERSION: &str = "kamailio 5.6.";
/// The configuration that comes with it.
pub const STOCK_CONFIG: &str = "/etc/kamailio/kamailio.cfg";
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(4);

/// A program that takes Kamailio's command line.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it is called in reports.
    pub name: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

impl Program {
    /// The installed reference.
    pub fn kamailio() -> Self {
        Self {
            name: "kamailio",
            path: PathBuf::from(KAMAILIO),
        }
    }

    /// Our server: where `FERROSIP_BIN` says, or where cargo puts it, beside the tests.
    pub fn ferrosip() -> Self {
        let path = std::env::var_os("FERROSIP_BIN").map(PathBuf::from);
        let path = path.unwrap_or_else(|| {
            let own = std::env::current_exe().unwrap_or_default();
            let profile = own.ancestors().nth(2).map(Path::to_path_buf);
            profile.unwrap_or_default().join("ferrosip")
        });
        Self {
            name: "ferrosip",
            path,
        }
    }

    /// What `SIP_TEST_SUBJECT` asks to be judged; ferrosip unless it is `kamailio`.
    pub fn subject() -> Self {
        match std::env::var("SIP_TEST_SUBJECT").as_deref() {
            Ok("kamailio") => Self::kamailio(),
            _ => Self::ferrosip(),
        }
    }

    /// Whether this is the reference itself.
    pub fn is_reference(&self) -> bool {
        self.path == Path::new(KAMAILIO)
    }
}

/// Why the installed Kamailio cannot be the oracle.
#[must_use]
pub fn unusable_reference() -> Option<String> {
    let Ok(output) = Command::new(KAMAILIO).arg("-v").output() else {
        return Some(format!("{KAMAILIO} is not installed"));
    };
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let first = version.lines().next().unwrap_or_default();
    (!first.contains(REFERENCE_VERSION)).then(|| format!("needs Kamailio 5.6, found {first}"))
}

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The configuration, copied before use; without one the program runs its own.
    pub config: Option<&'a Path>,
    /// Take the media proxy out of the configuration: its module and the calls of it.
    pub without_media: bool,
    /// Text of `kamailio-local.cfg`, which the stock configuration imports.
    pub local: &'a str,
    /// Where it listens, over UDP and TCP.
    pub addr: SocketAddr,
    /// Its log goes to the system's instead of standard error.
    pub to_syslog: bool,
    /// Further arguments.
    pub arguments: Vec<String>,
}

/// A running server; stops when dropped.
pub struct Server {
    /// Where it listens, over UDP and TCP.
    pub addr: SocketAddr,
    /// Where it listens on IPv6 too, if a scenario needs both families.
    pub addr6: Option<SocketAddr>,
    child: Child,
    folder: TempDir,
}

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// The process could not be started.
    #[error("cannot start {0}: {1}")]
    Spawn(PathBuf, std::io::Error),
    /// It ended or did not answer.
    #[error("{program} {what}; its log:\n{log}")]
    Dead {
        /// The program's name.
        program: &'static str,
        /// What was seen.
        what: String,
        /// The end of its log.
        log: String,
    },
}

/// Copies a configuration. Without media, what loads and sets the module `rtpproxy` goes, and its
/// calls become log lines that are not shown.
fn copy_config(source: &Path, target: &Path, without_media: bool) -> std::io::Result<()> {
    if !without_media {
        return fs::copy(source, target).map(|_| ());
    }
    let text = fs::read_to_string(source)?;
    let is_setup = |line: &str| {
        line.starts_with("loadmodule \"rtpproxy") || line.starts_with("modparam(\"rtpproxy")
    };
    let kept: Vec<&str> = text.lines().filter(|line| !is_setup(line)).collect();
    fs::write(
        target,
        kept.join("\n").replace("rtpproxy_manage(", "xdbg(") + "\n",
    )
}

impl Server {
    /// Starts a program with a scenario's configuration and waits until it answers.
    pub fn start(
        program: &Program,
        scenario: &Scenario,
        configs: &Path,
    ) -> Result<Self, StartError> {
        let config = match scenario.config.as_str() {
            "stock" | "stock_without_media" => PathBuf::from(STOCK_CONFIG),
            name => configs.join(format!("{name}.cfg")),
        };
        let defines = scenario.defines.iter();
        let addr6 = (!scenario.v6.is_empty()).then(|| allocate(Family::V6, SERVER_PORT));
        let sockets = addr6.into_iter().flat_map(|addr| {
            ["udp", "tcp"].map(|transport| ["-l".to_owned(), format!("{transport}:{addr}")])
        });
        let launch = Launch {
            config: Some(&config),
            without_media: scenario.config == "stock_without_media",
            local: &scenario.local,
            addr: allocate(scenario.family, SERVER_PORT),
            to_syslog: false,
            arguments: defines
                .map(|define| ["-A".to_owned(), define.clone()])
                .chain(sockets)
                .flatten()
                .collect(),
        };
        let mut server = Self::launch(program, &launch)?;
        server.addr6 = addr6;
        Ok(server)
    }

    /// Starts a program and waits until it answers.
    pub fn launch(program: &Program, launch: &Launch<'_>) -> Result<Self, StartError> {
        let folder = tempfile::Builder::new().prefix("sip-test-").tempdir();
        let folder = folder.map_err(|e| StartError::File(std::env::temp_dir(), e))?;
        if let Some(source) = launch.config {
            copy_config(
                source,
                &folder.path().join("kamailio.cfg"),
                launch.without_media,
            )
            .map_err(|e| StartError::File(source.to_path_buf(), e))?;
        }
        let local = folder.path().join("kamailio-local.cfg");
        fs::write(&local, launch.local).map_err(|e| StartError::File(local.clone(), e))?;
        let command = command_line(program, launch, folder.path())
            .map_err(|e| StartError::File(folder.path().to_path_buf(), e))?;
        let child = spawn(command).map_err(|e| StartError::Spawn(program.path.clone(), e))?;
        let mut server = Self {
            addr: launch.addr,
            addr6: None,
            child,
            folder,
        };
        match server.await_answer() {
            Ok(()) => Ok(server),
            Err(what) => {
                let log = tail(&server.log());
                Err(StartError::Dead {
                    program: program.name,
                    what,
                    log,
                })
            }
        }
    }

    /// Ends it at once, as a crash would, and gives its address back.
    pub fn kill(mut self) -> Result<SocketAddr, String> {
        self.child.kill().map_err(|e| e.to_string())?;
        self.child.wait().map_err(|e| e.to_string())?;
        Ok(self.addr)
    }

    /// Its run folder, where its sockets are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything it wrote to stderr and stdout.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The number of its process, of several the first.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether its process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        tail(&self.log())
    }

    /// What its script and accounting logged with `token` in the line.
    pub fn script_log(&self, token: &str) -> Vec<String> {
        let log = self.log();
        let own = log.lines().filter(|line| line.contains(token));
        own.filter_map(|line| {
            let script = line.split_once("<script>: ").map(|(_, text)| text);
            let accounting = || line.find("ACC: ").map(|at| &line[at..]);
            script.or_else(accounting).map(str::to_owned)
        })
        .collect()
    }

    /// The lines of its log that name `token`, for reports.
    pub fn log_about(&self, token: &str) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(token)).collect();
        lines.join("\n")
    }

    fn await_answer(&mut self) -> Result<(), String> {
        let probe = allocate(
            if self.addr.is_ipv4() {
                Family::V4
            } else {
                Family::V6
            },
            5080,
        );
        let socket = UdpSocket::bind(probe).map_err(|e| format!("cannot be probed: {e}"))?;
        socket
            .set_read_timeout(Some(Duration::from_millis(250)))
            .map_err(|e| e.to_string())?;
        let server = self.addr;
        let request = format!(
            "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {probe};branch=z9hG4bKprobe\r\n\
             Max-Forwards: 5\r\nFrom: <sip:probe@{probe}>;tag=probe\r\nTo: <sip:{server}>\r\n\
             Call-ID: probe-{probe}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended with {status}"));
            }
            let sent = socket.send_to(request.as_bytes(), server).is_ok();
            if sent && socket.recv(&mut [0; 2048]).is_ok() {
                // The first worker answers while the last ones are still being started.
                std::thread::sleep(Duration::from_millis(250));
                return Ok(());
            }
            if !sent {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Err("did not answer OPTIONS".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Ok(id) = i32::try_from(self.child.id()) else {
            return;
        };
        // A process that has ended already needs no signal.
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!(
            "the server at {} does not end on SIGTERM: killed",
            self.addr
        );
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Definitions for further `listen` lines of a configuration of `tests/configs`, and for parameters
/// that name such a socket.
#[must_use]
pub fn defines_of_place(ip: IpAddr) -> [String; 6] {
    let define = || "-A".to_owned();
    [
        define(),
        format!("SERVER_IP={ip}"),
        define(),
        format!("SECOND_SOCKET=\"udp:{ip}:5075\""),
        define(),
        format!("SERVER_HOST=\"{ip}\""),
    ]
}

/// `setpriv` sees to it that the server ends even when the test process is killed.
fn command_line(program: &Program, launch: &Launch<'_>, folder: &Path) -> std::io::Result<Command> {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "TERM", "--"])
        .arg(&program.path);
    if launch.config.is_some() {
        command.arg("-f").arg(folder.join("kamailio.cfg"));
    }
    command.args(["-DD", "-m", "64", "-M", "8"]);
    if !launch.to_syslog {
        command.arg("-E");
    }
    command.arg("-P").arg(folder.join("server.pid"));
    command.arg("-w").arg(folder).arg("-Y").arg(folder);
    for transport in ["udp", "tcp"] {
        command.args(["-l", &format!("{transport}:{}", launch.addr)]);
    }
    command.args(defines_of_place(launch.addr.ip()));
    command.args(&launch.arguments);
    let log = File::create(folder.join("log"))?;
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .current_dir(folder);
    Ok(command)
}

type Order = (Command, Sender<std::io::Result<Child>>);

/// Starts processes on a thread that lives as long as we do: the parent-death signal is bound to
/// the thread that started the child.
static SPAWNER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
    let (orders, incoming) = channel::<Order>();
    std::thread::spawn(move || {
        for (mut command, answer) in incoming {
            let _ = answer.send(command.spawn());
        }
    });
    Mutex::new(orders)
});

fn spawn(command: Command) -> std::io::Result<Child> {
    let (answer, result) = channel();
    let gone = || std::io::Error::other("the spawning thread is gone");
    let orders = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    orders.send((command, answer)).map_err(|_| gone())?;
    result.recv().map_err(|_| gone())?
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
