//! Starting the program under test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use acceptance::address::{AGENT_PORT, SERVER_PORT, allocate};
use acceptance::client::Transport;
use acceptance::client::control::kamcmd;
use acceptance::client::sipp::Plan;
use acceptance::scenario::Family;
use acceptance::subject::{Launch, Program, STOCK_CONFIG, Server};

/// How long a sipp run may take.
pub(crate) const RUN: Duration = Duration::from_secs(40);

/// The program under test.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) program: Program,
    /// The test's own name.
    pub(crate) test: &'static str,
}

impl Subject {
    /// A server with the stock configuration.
    pub(crate) fn stock(&self) -> Result<Server, String> {
        self.stock_with(&[])
    }

    /// The same with further arguments.
    pub(crate) fn stock_with(&self, arguments: &[&str]) -> Result<Server, String> {
        self.start(&self.program, Some(Path::new(STOCK_CONFIG)), arguments)
    }

    /// A server with one of the configurations of `tests/configs`.
    pub(crate) fn configured(&self, config: &str, arguments: &[&str]) -> Result<Server, String> {
        let file = config_file(config);
        self.start(&self.program, Some(&file), arguments)
    }

    /// A server of the given program.
    pub(crate) fn start(
        &self,
        program: &Program,
        config: Option<&Path>,
        arguments: &[&str],
    ) -> Result<Server, String> {
        let launch = Launch {
            without_media: false,
            config,
            local: "",
            addr: allocate(Family::V4, SERVER_PORT),
            to_syslog: false,
            arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
        };
        Server::launch(program, &launch).map_err(|e| e.to_string())
    }
}

/// The path of a configuration of `tests/configs`.
pub(crate) fn config_file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    folder.join(format!("{name}.cfg"))
}

/// An address for a client.
pub(crate) fn place() -> SocketAddr {
    allocate(Family::V4, AGENT_PORT)
}

/// One sipp call with the usual values.
pub(crate) fn plan<'a>(
    server: &Server,
    scenario: &'a str,
    local: SocketAddr,
    transport: Transport,
) -> Plan<'a> {
    Plan {
        scenario,
        local,
        server: server.addr,
        transport,
        calls: 1,
        rate: 10,
        through: None,
        account: None,
        values: Vec::new(),
    }
}

/// Registers a user at a phone's address, by sipp.
pub(crate) fn register(
    server: &Server,
    user: &str,
    phone: SocketAddr,
    transport: Transport,
) -> Result<(), String> {
    let contact = match transport {
        Transport::Udp => format!("sip:{user}@{phone}"),
        Transport::Tcp => format!("sip:{user}@{phone};transport=tcp"),
    };
    plan(server, "register", place(), transport)
        .with("user", user)
        .with("contact_pattern", phone.ip().to_string())
        .with("contact", contact)
        .run(RUN)
}

/// The number behind a name in an answer of kamcmd.
pub(crate) fn number(server: &Server, words: &[&str], name: &str) -> Result<i64, String> {
    let answer = kamcmd(server.folder(), words)?;
    let line = answer.lines().find_map(|line| {
        let (key, value) = line.trim().rsplit_once([':', '='])?;
        (key.trim() == name).then(|| value.trim().parse().ok())?
    });
    line.ok_or_else(|| format!("{words:?} says no number {name}:\n{answer}"))
}

/// Fails with `what` unless it holds.
pub(crate) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
