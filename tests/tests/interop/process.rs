//! The server as a process: becoming a daemon, signals, exit status, logs.

use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use acceptance::address::{SERVER_PORT, allocate};
use acceptance::client::namespace::Namespace;
use acceptance::client::phone::Phone;
use acceptance::client::{Finished, Running, bound_to_us, run, wait_for};
use acceptance::scenario::Family;
use acceptance::subject::STOCK_CONFIG;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::subject::{Subject, ensure};
use crate::{Case, Need};

const STOCK: &[Need] = &[Need::StockConfig];
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) const CASES: &[Case] = &[
    Case::new("process::becomes_a_daemon", STOCK, daemon),
    Case::new("process::ends_on_sigterm", STOCK, ends_on_sigterm),
    Case::new("process::outlives_other_signals", STOCK, other_signals),
    Case::new("process::port_taken", STOCK, port_taken),
    Case::new("process::wrong_config", &[], wrong_config),
    Case::new("process::checks_config", STOCK, checks_config),
    Case::new("process::log_prefix", STOCK, log_prefix),
    Case::new(
        "process::system_log",
        &[Need::StockConfig, Need::Inside(Namespace::OwnDevices)],
        system_log,
    ),
];

/// How long a server that was told to stop may take: a loaded machine lets it wait.
const END_PATIENCE: Duration = Duration::from_secs(30);

/// A run folder and address of a server that is started by hand.
pub(crate) struct Site {
    folder: TempDir,
    pub(crate) addr: SocketAddr,
}

impl Site {
    pub(crate) fn new() -> Result<Self, String> {
        Ok(Self {
            folder: tempfile::tempdir().map_err(|e| e.to_string())?,
            addr: allocate(Family::V4, SERVER_PORT),
        })
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.path().join("server.pid")
    }

    /// Arguments for this place, with the stock configuration.
    fn arguments(&self) -> Vec<String> {
        let folder = self.folder.path().display().to_string();
        let mut list: Vec<String> = ["-f", STOCK_CONFIG, "-m", "64", "-M", "8", "-w", &folder]
            .map(str::to_owned)
            .to_vec();
        list.extend(["-Y".to_owned(), folder]);
        list.extend(["-P".to_owned(), self.pid_file().display().to_string()]);
        for transport in ["udp", "tcp"] {
            list.extend(["-l".to_owned(), format!("{transport}:{}", self.addr)]);
        }
        list
    }

    /// The server in the foreground, once it answers.
    fn in_front(&self, subject: &Subject, more: &[&str]) -> Result<Running, String> {
        let command = bound_to_us(&subject.program.path);
        self.in_front_by(command, more)
    }

    /// The same by a command that starts the program with the arguments that follow.
    pub(crate) fn in_front_by(
        &self,
        mut command: Command,
        more: &[&str],
    ) -> Result<Running, String> {
        let mut running = Running::start(command.args(self.arguments()).args(more))?;
        let phone = Phone::new(self.addr)?;
        let deadline = Instant::now() + LIMIT;
        while !answers(&phone) {
            if running.ended().is_some() || Instant::now() > deadline {
                return Err(format!("not up: {:?}", running.finish(Duration::ZERO)));
            }
        }
        // Kamailio answers before its last process runs.
        std::thread::sleep(Duration::from_millis(300));
        Ok(running)
    }
}

/// Whether one OPTIONS is answered at once.
pub(crate) fn answers(phone: &Phone) -> bool {
    let id = format!("ping{:?}", Instant::now());
    let id: String = id.chars().filter(char::is_ascii_digit).collect();
    let sent = phone.send(phone.request("OPTIONS", "", &id, "").as_bytes());
    let answer = phone.receive(Duration::from_millis(250));
    sent.is_ok() && answer.is_some_and(|message| message.status() == Some(200))
}

fn once(command: &mut Command) -> Result<Finished, String> {
    run(command, LIMIT)
}

/// A daemon, ended at the latest when dropped.
struct Daemon(Pid);

impl Daemon {
    fn lives(&self) -> bool {
        kill(self.0, None).is_ok()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.lives() {
            // Its workers end with it; an error means that it has just ended.
            let _ = kill(self.0, Signal::SIGTERM);
            let limit = Duration::from_secs(5);
            if wait_for("the daemon's end", limit, || !self.lives()).is_err() {
                let _ = kill(self.0, Signal::SIGKILL);
            }
        }
    }
}

fn start_daemon(subject: &Subject, site: &Site) -> Result<Daemon, String> {
    once(bound_to_us(&subject.program.path).args(site.arguments()))?.success()?;
    let text = std::fs::read_to_string(site.pid_file()).map_err(|e| format!("pid file: {e}"))?;
    let id = text
        .trim()
        .parse()
        .map_err(|e| format!("pid file {text}: {e}"))?;
    Ok(Daemon(Pid::from_raw(id)))
}

/// When the command returns the server serves.
fn daemon(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let daemon = start_daemon(subject, &site)?;
    ensure(answers(&Phone::new(site.addr)?), || {
        "no answer after the start".to_owned()
    })?;
    ensure(daemon.lives(), || "the pid file names nobody".to_owned())?;
    let id = daemon.0;
    let session = nix::unistd::getsid(Some(id)).map_err(|e| e.to_string())?;
    let ours = nix::unistd::getsid(None).map_err(|e| e.to_string())?;
    ensure(session != ours, || "it is still in our session".to_owned())?;
    kill(id, Signal::SIGTERM).map_err(|e| e.to_string())?;
    wait_for("the end", END_PATIENCE, || !daemon.lives())?;
    ensure(!site.pid_file().exists(), || {
        "the pid file is left".to_owned()
    })?;
    // The address is free again, so that no worker is left.
    UdpSocket::bind(site.addr)
        .map(|_| ())
        .map_err(|e| format!("{}: {e}", site.addr))
}

fn ends_on_sigterm(subject: &Subject) -> Result<(), String> {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let site = Site::new()?;
        let running = site.in_front(subject, &["-DD", "-E"])?;
        let id = process(&site)?;
        kill(id, signal).map_err(|e| e.to_string())?;
        let ended = running.finish(END_PATIENCE)?;
        ensure(ended.status.success(), || {
            format!("{signal}: {}", ended.status)
        })?;
        let last = ended.err.lines().rev().take(60);
        let said = last.map(str::to_ascii_lowercase).any(|line| {
            ["signal", "told to stop", "thank you"]
                .iter()
                .any(|word| line.contains(word))
        });
        ensure(said, || format!("its end is not logged:\n{}", ended.err))?;
    }
    Ok(())
}

/// The process that the pid file names.
fn process(site: &Site) -> Result<Pid, String> {
    let text = std::fs::read_to_string(site.pid_file()).map_err(|e| format!("pid file: {e}"))?;
    text.trim()
        .parse()
        .map(Pid::from_raw)
        .map_err(|e| format!("{text}: {e}"))
}

fn other_signals(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let mut running = site.in_front(subject, &["-DD", "-E"])?;
    let id = process(&site)?;
    let phone = Phone::new(site.addr)?;
    for signal in [Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGPIPE] {
        kill(id, signal).map_err(|e| e.to_string())?;
        std::thread::sleep(Duration::from_millis(300));
        ensure(running.ended().is_none(), || format!("ended by {signal}"))?;
        ensure(answers(&phone), || format!("silent after {signal}"))?;
    }
    kill(id, Signal::SIGTERM).map_err(|e| e.to_string())?;
    running.finish(Duration::from_secs(2)).map(|_| ())
}

fn port_taken(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let _first = site.in_front(subject, &["-DD", "-E"])?;
    let mut second = Site::new()?;
    second.addr = site.addr;
    for mode in [&["-DD", "-E"][..], &["-E"]] {
        let mut command = bound_to_us(&subject.program.path);
        let ended = once(command.args(second.arguments()).args(mode))?;
        ensure(!ended.status.success(), || format!("{mode:?}: success"))?;
        let told = ended.err.contains(&site.addr.to_string())
            && ended.err.to_ascii_lowercase().contains("already in use");
        // A Kamailio that becomes a daemon may leave the terminal before it binds.
        ensure(
            told || mode.len() == 1 && subject.program.is_reference(),
            || format!("{mode:?}: no reason: {}", ended.err),
        )?;
    }
    ensure(answers(&Phone::new(site.addr)?), || {
        "the first one is silent".to_owned()
    })
}

/// Configurations that are wrong, and the line at which.
const WRONG: [(&str, u32); 4] = [
    (
        "loadmodule \"tm.so\"\nrequest_route {\n\tno_such_function();\n}\n",
        3,
    ),
    (
        "loadmodule \"no_such_module.so\"\nrequest_route {\n\texit;\n}\n",
        1,
    ),
    (
        "loadmodule \"tm.so\"\nmodparam(\"tm\", \"no_such_parameter\", 1)\nrequest_route {\n\texit;\n}\n",
        2,
    ),
    ("request_route {\n\tif (1 {\n\t\texit;\n\t}\n}\n", 2),
];

fn wrong_config(subject: &Subject) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("wrong.cfg");
    for (text, line) in WRONG {
        std::fs::write(&file, text).map_err(|e| e.to_string())?;
        for mode in [&["-c", "-E"][..], &["-E"], &["-DD", "-E"]] {
            let ended = wrong(subject, &file, folder.path(), mode)?;
            ensure(!ended.status.success(), || {
                format!("{mode:?}: success with\n{text}")
            })?;
            let theirs = ended.err.contains(&format!("line {line}"));
            let ours = ended.err.contains(&format!("wrong.cfg:{line}:"));
            let told = if subject.program.is_reference() {
                theirs
            } else {
                ours
            };
            ensure(told, || {
                format!(
                    "{mode:?}: line {line} is not named for\n{text}\n{}",
                    ended.err
                )
            })?;
        }
    }
    Ok(())
}

fn wrong(subject: &Subject, file: &Path, folder: &Path, mode: &[&str]) -> Result<Finished, String> {
    let addr = allocate(Family::V4, SERVER_PORT);
    let mut command = bound_to_us(&subject.program.path);
    command.arg("-f").arg(file).args(["-m", "64", "-M", "8"]);
    command.arg("-P").arg(folder.join("server.pid"));
    once(command.args(["-l", &format!("udp:{addr}")]).args(mode))
}

/// The defines of the stock configuration that need neither database nor media proxy.
const DEFINES: [&str; 8] = [
    "WITH_DEBUG",
    "WITH_NAT",
    "WITH_ANTIFLOOD",
    "WITH_JSONRPC",
    "WITH_BLOCK3XX",
    "WITH_BLOCK401407",
    "WITH_PSTN",
    "WITH_VOICEMAIL",
];

fn checks_config(subject: &Subject) -> Result<(), String> {
    let mut wrong = Vec::new();
    let single = DEFINES.iter().map(std::slice::from_ref);
    for defines in [&[][..]].into_iter().chain(single) {
        let site = Site::new()?;
        let mut command = bound_to_us(&subject.program.path);
        command.args(site.arguments()).arg("-c");
        for define in defines {
            command.args(["-A", define]);
        }
        let ended = once(&mut command)?;
        // WITH_NAT loads a media proxy, which ferrosip lacks: it says so, and names nothing else.
        let lacks_media = !subject.program.is_reference()
            && *defines == ["WITH_NAT"]
            && ended.err.contains("module `rtpproxy` is not supported")
            && ended.err.matches("error[").count() == 1;
        let is_ok = ended.status.success() && ended.err.contains("config file ok");
        if !is_ok && !lacks_media {
            wrong.push(format!("{defines:?}: {}", ended.err));
        }
        ensure(!site.pid_file().exists(), || {
            "-c wrote a pid file".to_owned()
        })?;
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))
}

/// A request that the stock configuration logs about.
const LOGGED: &str = "CSeq: 1 INVITE";

fn provoke(phone: &Phone) -> Result<(), String> {
    let text = phone.request("OPTIONS", "bob", "logged", "");
    phone.send(text.replace("CSeq: 1 OPTIONS", LOGGED).as_bytes())?;
    phone.expect("400").map(|_| ())
}

/// The stock prefix: message type, CSeq and Call-ID.
fn expected_line(phone: &Phone) -> String {
    let addr = phone.addr;
    format!("ERROR: {{1 1 INVITE logged-{addr}}} <script>: Malformed SIP request from {addr}")
}

fn log_prefix(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let running = site.in_front(subject, &["-DD", "-E"])?;
    let phone = Phone::new(site.addr)?;
    provoke(&phone)?;
    // The line is written after the reply.
    std::thread::sleep(Duration::from_millis(300));
    kill(process(&site)?, Signal::SIGTERM).map_err(|e| e.to_string())?;
    let log = running.finish(LIMIT)?.err;
    let line = expected_line(&phone);
    ensure(log.contains(&line), || format!("no {line}:\n{log}"))
}

/// The test is the system log: facility local0, level error, the program's name and number.
fn system_log(subject: &Subject) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnDevices.enter(subject.test, LIMIT * 2) {
        return outcome;
    }
    let log = UnixDatagram::bind("/dev/log").map_err(|e| format!("/dev/log: {e}"))?;
    let limit = Some(Duration::from_secs(3));
    log.set_read_timeout(limit).map_err(|e| e.to_string())?;
    let site = Site::new()?;
    let daemon = start_daemon(subject, &site)?;
    let phone = Phone::new(site.addr)?;
    provoke(&phone)?;
    let line = expected_line(&phone);
    let name = subject
        .program
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let mut seen = Vec::new();
    let mut buffer = vec![0; 8_192];
    while let Ok(length) = log.recv(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.contains(&line) {
            // 16 (local0) * 8 + 3 (error).
            ensure(text.starts_with("<131>"), || format!("priority: {text}"))?;
            ensure(text.contains(&format!("{name}[")), || {
                format!("name: {text}")
            })?;
            drop(daemon);
            return Ok(());
        }
        seen.push(text);
    }
    Err(format!("no {line} in the system log:\n{}", seen.join("\n")))
}
