//! Real clients as tools of tests: starting them, waiting for them, ending them.
//!
//! [`phone`] is the one client of our own: a UDP socket for what no tool does.

use std::io::Read;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub mod attack;
pub mod control;
pub mod dialog;
pub mod forward;
pub mod lossy;
pub mod names;
pub mod namespace;
pub mod packets;
pub mod phone;
pub mod sipp;
pub mod softphone;

/// Where a program is, if it is installed.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(usual);
    folders.find_map(|folder| Some(folder.join(program)).filter(|file| file.is_file()))
}

/// A command that ends when the thread that started it does.
pub fn bound_to_us(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .stdin(Stdio::null());
    command
}

/// What a program that has ended leaves.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub out: String,
    /// What it wrote to stderr.
    pub err: String,
}

impl Finished {
    /// The output of a program that succeeded, or a report.
    pub fn success(self) -> Result<String, String> {
        if self.status.success() {
            return Ok(self.out);
        }
        let Self { status, out, err } = self;
        Err(format!("{status}\n{out}\n{err}"))
    }
}

/// A program that runs beside the test; killed when dropped.
pub struct Running {
    child: Child,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts a command with its output collected.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|e| format!("{command:?} does not start: {e}"))?;
        Ok(Self {
            out: child.stdout.take().map(collect),
            err: child.stderr.take().map(collect),
            child,
        })
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end; after `limit` it is killed and that is the failure.
    pub fn finish(mut self, limit: Duration) -> Result<Finished, String> {
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = self.ended() {
                break Some(status);
            }
            if Instant::now() > deadline {
                break None;
            }
            std::thread::sleep(Duration::from_millis(15));
        };
        if status.is_none() {
            self.end();
        }
        let text = |thread: Option<JoinHandle<String>>| {
            thread.and_then(|t| t.join().ok()).unwrap_or_default()
        };
        let (out, err) = (text(self.out.take()), text(self.err.take()));
        match status {
            Some(status) => Ok(Finished { status, out, err }),
            None => Err(format!("not done after {limit:?}\n{out}\n{err}")),
        }
    }

    /// Asks it to end, as an operator does, and waits.
    pub fn stop(self, limit: Duration) -> Result<Finished, String> {
        if let Ok(id) = i32::try_from(self.child.id()) {
            // An error means that it has ended by itself.
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        self.finish(limit)
    }

    fn end(&mut self) {
        // An error means that it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command, limit: Duration) -> Result<Finished, String> {
    Running::start(command)?
        .finish(limit)
        .map_err(|why| format!("{command:?}: {why}"))
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error counts.
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits until `done` says so.
pub fn wait_for(what: &str, limit: Duration, mut done: impl FnMut() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + limit;
    while !done() {
        if Instant::now() > deadline {
            return Err(format!("{what}: not after {limit:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether some process has a socket open at this address: asked of the kernel, because trying to
/// bind it could take it from whom we wait for.
pub fn is_bound(addr: SocketAddr, transport: Transport) -> bool {
    let SocketAddr::V4(addr) = addr else {
        return false;
    };
    let (table, listening) = match transport {
        Transport::Udp => ("/proc/self/net/udp", None),
        Transport::Tcp => ("/proc/self/net/tcp", Some("0A")),
    };
    let wanted = kernel_form(addr);
    let table = std::fs::read_to_string(Path::new(table)).unwrap_or_default();
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next() == Some(&wanted);
        let state = fields.nth(1);
        local && listening.is_none_or(|listening| state == Some(listening))
    })
}

/// An address as the kernel's tables print it.
fn kernel_form(addr: SocketAddrV4) -> String {
    let ip = u32::from_ne_bytes(addr.ip().octets());
    format!("{ip:08X}:{:04X}", addr.port())
}

/// A transport that every client speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
}

impl Transport {
    /// Its name as in `transport=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;

    #[test]
    fn bound_sockets_are_seen() {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 47, 3), 0)).unwrap();
        let addr = socket.local_addr().unwrap();
        assert!(is_bound(addr, Transport::Udp));
        assert!(!is_bound(addr, Transport::Tcp));
        drop(socket);
        assert!(!is_bound(addr, Transport::Udp));
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let limit = Duration::from_millis(100);
        let failure = run(bound_to_us("sleep").arg("60"), limit).unwrap_err();
        assert!(failure.contains("not done"), "{failure}");
        let done = run(bound_to_us("echo").arg("a"), Duration::from_secs(5)).unwrap();
        assert_eq!(done.success().unwrap(), "a\n");
    }
}
