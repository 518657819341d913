//! baresip without a sound card: it plays a tone of ours and is driven over its control socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Running, Transport, bound_to_us};
use crate::address::{AGENT_PORT, allocate};
use crate::scenario::Family;

const CONTROL_PORT: u16 = 4444;
const PATIENCE: Duration = Duration::from_secs(10);
/// Samples per second of the tone.
const SAMPLE_RATE: u32 = 8_000;

/// A running softphone.
pub struct Softphone {
    /// Where it is.
    pub addr: SocketAddr,
    running: Running,
    control: TcpStream,
    pending: Vec<u8>,
    log: Vec<String>,
    folder: TempDir,
}

impl Softphone {
    /// Starts one for a user at a server; it registers by itself.
    pub fn start(user: &str, server: SocketAddr, transport: Transport) -> Result<Self, String> {
        let addr = allocate(Family::V4, AGENT_PORT);
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        configure(folder.path(), user, server, addr, transport).map_err(|e| e.to_string())?;
        let mut command = bound_to_us("baresip");
        command.args(["-4", "-f"]).arg(folder.path());
        let mut running = Running::start(&mut command)?;
        let control = SocketAddr::new(addr.ip(), CONTROL_PORT);
        let deadline = Instant::now() + PATIENCE;
        let control = loop {
            match TcpStream::connect(control) {
                Ok(stream) => break stream,
                Err(_) if Instant::now() < deadline && running.ended().is_none() => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => {
                    let output = running.finish(Duration::ZERO);
                    return Err(format!("baresip is not up: {error}\n{output:?}"));
                }
            }
        };
        control
            .set_read_timeout(Some(Duration::from_millis(100)))
            .map_err(|e| e.to_string())?;
        Ok(Self {
            addr,
            running,
            control,
            pending: Vec::new(),
            log: Vec::new(),
            folder,
        })
    }

    /// Gives a command as typed into its menu: `dial`, `accept`, `hangup`.
    pub fn command(&mut self, command: &str, params: &str) -> Result<(), String> {
        let text = json!({"command": command, "params": params, "token": command}).to_string();
        let framed = format!("{}:{text},", text.len());
        self.control
            .write_all(framed.as_bytes())
            .map_err(|e| format!("baresip {command}: {e}"))
    }

    /// Waits for an event of this type, such as `CALL_ESTABLISHED`.
    pub fn event(&mut self, kind: &str) -> Result<Value, String> {
        self.find(kind, |message| message["type"] == kind)
    }

    /// Waits for events of all these types, in whatever order.
    pub fn events(&mut self, kinds: &[&str]) -> Result<(), String> {
        let mut left = kinds.to_vec();
        while !left.is_empty() {
            let event = self.find(&left.join(" and "), |message| {
                left.iter().any(|kind| message["type"] == *kind)
            })?;
            left.retain(|kind| event["type"] != *kind);
        }
        Ok(())
    }

    /// Waits until it says that it is registered.
    pub fn registered(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            self.command("reginfo", "")?;
            let answer = self.find("reginfo", |message| message["token"] == "reginfo")?;
            if answer["data"]
                .as_str()
                .is_some_and(|text| text.contains("OK"))
            {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(self.report("is not registered"))
    }

    /// Tells it to end, which removes its registration.
    pub fn quit(mut self) -> Result<String, String> {
        self.command("quit", "")?;
        let finished = self.running.finish(PATIENCE)?;
        drop(self.folder);
        Ok(finished.out + &finished.err)
    }

    fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some(message) = self.next() {
                if wanted(&message) {
                    return Ok(message);
                }
            }
            if Instant::now() > deadline {
                return Err(self.report(&format!("did not say {what}")));
            }
            let mut buffer = [0; 4096];
            // No data in time is an error too.
            if let Ok(length) = self.control.read(&mut buffer) {
                self.pending.extend_from_slice(&buffer[..length]);
            }
        }
    }

    /// Takes one netstring from what was read.
    fn next(&mut self) -> Option<Value> {
        let colon = self.pending.iter().position(|&byte| byte == b':')?;
        let length: usize = std::str::from_utf8(&self.pending[..colon])
            .ok()?
            .parse()
            .ok()?;
        let end = colon + 1 + length;
        if self.pending.len() <= end {
            return None;
        }
        let text = self.pending[colon + 1..end].to_vec();
        self.pending.drain(..=end);
        self.log.push(String::from_utf8_lossy(&text).into_owned());
        serde_json::from_slice(&text).ok()
    }

    fn report(&self, what: &str) -> String {
        format!(
            "baresip at {} {what}; it said:\n{}",
            self.addr,
            self.log.join("\n")
        )
    }
}

fn configure(
    folder: &Path,
    user: &str,
    server: SocketAddr,
    addr: SocketAddr,
    transport: Transport,
) -> std::io::Result<()> {
    let ip = addr.ip();
    let tone = folder.join("tone.wav");
    let config = format!(
        "sip_listen {addr}\nnet_interface {ip}\naudio_source aufile,{}\n\
         module_path {}\nmodule g711.so\nmodule aufile.so\n\
         module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
         ctrl_tcp_listen {ip}:{CONTROL_PORT}\n",
        tone.display(),
        modules().display(),
    );
    let transport = transport.name();
    let account =
        format!("<sip:{user}@{server};transport={transport}>;regint=60;answermode=manual\n");
    std::fs::write(folder.join("config"), config)?;
    std::fs::write(folder.join("accounts"), account)?;
    std::fs::write(folder.join("contacts"), "")?;
    std::fs::write(tone, wave())
}

/// Where Debian puts the modules: in the plain library folder or in one of the architecture's.
fn modules() -> std::path::PathBuf {
    let plain = Path::new("/usr/lib/baresip/modules").to_path_buf();
    if plain.is_dir() {
        return plain;
    }
    let folders = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten();
    let mut candidates = folders.map(|folder| folder.path().join("baresip/modules"));
    candidates.find(|path| path.is_dir()).unwrap_or(plain)
}

/// Ten seconds of a square wave as a WAV file: mono, 16 bit.
fn wave() -> Vec<u8> {
    let samples = SAMPLE_RATE * 10;
    let size = samples * 2;
    let mut out = Vec::with_capacity(44 + samples as usize * 2);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + size).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16_u32.to_le_bytes());
    out.extend_from_slice(&1_u16.to_le_bytes());
    out.extend_from_slice(&1_u16.to_le_bytes());
    out.extend_from_slice(&SAMPLE_RATE.to_le_bytes());
    out.extend_from_slice(&(SAMPLE_RATE * 2).to_le_bytes());
    out.extend_from_slice(&2_u16.to_le_bytes());
    out.extend_from_slice(&16_u16.to_le_bytes());
    out.extend_from_slice(b"data");
    out.extend_from_slice(&size.to_le_bytes());
    for sample in 0..samples {
        let level: i16 = if sample / 10 % 2 == 0 { 6_000 } else { -6_000 };
        out.extend_from_slice(&level.to_le_bytes());
    }
    out
}
