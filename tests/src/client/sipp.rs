//! sipp: callers and callees that follow our scenarios in `tests/interop`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::{Running, Transport, bound_to_us, is_bound, wait_for};

/// What the scenarios' placeholders become when a test says nothing else.
const USUAL: [(&str, &str); 16] = [
    ("user", "bob"),
    ("expires", "60"),
    ("contact_params", ""),
    ("contact_pattern", "sip:"),
    ("answer_pattern", "SIP/2.0"),
    ("talk", "200"),
    ("ring", "100"),
    ("patience", "15000"),
    ("linger", "300"),
    ("code", "486"),
    ("hops", "70"),
    ("at", "[local_ip]:[local_port]"),
    ("extra", "Subject: refused"),
    ("length", "[len]"),
    ("from", "<sip:caller@[remote_ip]:[remote_port]>"),
    ("ack_may_be_lost", "false"),
];
/// How long sipp may take to open its sockets.
const OPENING: Duration = Duration::from_secs(5);
/// With more calls than these, messages are not written down.
const TRACED_CALLS: u32 = 20;
/// How much of the messages a report shows.
const REPORT: usize = 20_000;

/// One run of sipp.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Name of the file in `tests/interop`.
    pub scenario: &'a str,
    /// Where it is.
    pub local: SocketAddr,
    /// Whom it talks to.
    pub server: SocketAddr,
    /// How it sends.
    pub transport: Transport,
    /// How many calls.
    pub calls: u32,
    /// How many per second.
    pub rate: u32,
    /// Where it sends to instead of the server.
    pub through: Option<SocketAddr>,
    /// User and password, for challenges.
    pub account: Option<(&'a str, &'a str)>,
    /// Values of placeholders.
    pub values: Vec<(&'static str, String)>,
}

/// A sipp that runs.
pub struct Sipp {
    running: Running,
    folder: TempDir,
    name: String,
}

impl<'a> Plan<'a> {
    /// The same for a user who knows a password.
    #[must_use]
    pub fn authenticated(mut self, user: &'a str, password: &'a str) -> Self {
        self.account = Some((user, password));
        self
    }

    /// The same with a placeholder's value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Starts it; returns when a callee's socket is open.
    pub fn start(&self) -> Result<Sipp, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let text = self.scenario_text()?;
        let callee = text
            .find("<recv request")
            .is_some_and(|at| text.find("<send").is_none_or(|first_sent| at < first_sent));
        let file = folder.path().join("scenario.xml");
        std::fs::write(&file, text).map_err(|e| e.to_string())?;
        let mut command = bound_to_us("sipp");
        command.current_dir(folder.path()).arg("-sf").arg(&file);
        command.args(["-i", &self.local.ip().to_string()]);
        command.args(["-p", &self.local.port().to_string()]);
        command.args(["-t", &format!("{}1", &self.transport.name()[..1])]);
        command.args(["-m", &self.calls.to_string(), "-r", &self.rate.to_string()]);
        command.args(["-nostdin", "-trace_err", "-error_file", "errors"]);
        if self.calls <= TRACED_CALLS {
            command.args(["-trace_msg", "-message_file", "messages"]);
        }
        if let Some(through) = self.through {
            command.args(["-rsa", &through.to_string()]);
        }
        if let Some((user, password)) = self.account {
            command.args(["-au", user, "-ap", password]);
        }
        command.arg(self.server.to_string());
        let running = Running::start(&mut command)?;
        let name = format!("{} over {}", self.scenario, self.transport.name());
        if callee {
            wait_for(&name, OPENING, || is_bound(self.local, self.transport))?;
        }
        Ok(Sipp {
            running,
            folder,
            name,
        })
    }

    /// Starts it and waits for its success.
    pub fn run(&self, limit: Duration) -> Result<(), String> {
        self.start()?.finish(limit)
    }

    fn scenario_text(&self) -> Result<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
        let file = folder.join(self.scenario).with_extension("xml");
        let mut text =
            std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        for (name, value) in &self.values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        for (name, value) in USUAL {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        Ok(text)
    }
}

impl Sipp {
    /// Waits until all calls are done; a call that went wrong is a failure with sipp's report.
    pub fn finish(self, limit: Duration) -> Result<(), String> {
        let outcome = self.running.finish(limit);
        let ended = outcome.map(|finished| finished.status);
        if ended.as_ref().is_ok_and(|status| status.success()) {
            return Ok(());
        }
        let how = match ended {
            Ok(status) => status.to_string(),
            Err(_) => format!("not done after {limit:?}"),
        };
        let read = |name| {
            let bytes = std::fs::read(self.folder.path().join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Err(format!(
            "sipp {}: {how}\n{}\nits messages end with:\n{}",
            self.name,
            end(&read("errors")),
            end(&read("messages"))
        ))
    }
}

fn end(text: &str) -> &str {
    let mut from = text.len().saturating_sub(REPORT);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}
