//! Starting and stopping what is measured.

use std::fs;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cpu::{self, Cpu};
use crate::floor;

/// A running subject, in a process group of its own.
pub(crate) struct Subject {
    child: Child,
    _directory: tempfile::TempDir,
}

impl Subject {
    /// Starts a SIP server with a configuration on an address.
    pub(crate) fn server(
        binary: &Path,
        fast_allocator: bool,
        config: &str,
        listen: SocketAddr,
        workers: usize,
    ) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("load.cfg");
        let text = config.replacen(
            "debug=-1\n",
            &format!("debug=-1\nlisten=udp:{listen}\nchildren={workers}\n"),
            1,
        );
        fs::write(&file, text)?;
        let mut command = Command::new(binary);
        command
            .arg("-f")
            .arg(&file)
            .args(["-DD", "-E", "-m", "512", "-M", "16"]);
        command
            .arg("-Y")
            .arg(directory.path())
            .arg("-w")
            .arg(directory.path());
        if fast_allocator {
            command.args(["-x", "fm"]);
        }
        Self::start(command, directory, listen)
    }

    /// Starts the floor; with two peers it relays between them.
    pub(crate) fn floor(
        listen: SocketAddr,
        peers: Option<(SocketAddr, SocketAddr)>,
    ) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut role = listen.to_string();
        if let Some((caller, callee)) = peers {
            role.push_str(&format!(",{caller},{callee}"));
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.env(floor::ROLE, role);
        Self::start(command, directory, listen)
    }

    fn start(
        mut command: Command,
        directory: tempfile::TempDir,
        listen: SocketAddr,
    ) -> io::Result<Self> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let subject = Self {
            child,
            _directory: directory,
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        // Bound once nobody else can bind it.
        while UdpSocket::bind(listen).is_ok() {
            if Instant::now() > deadline {
                return Err(io::Error::other("the subject does not come up"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(500));
        Ok(subject)
    }

    fn group(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(0)
    }

    /// CPU time used so far.
    pub(crate) fn cpu(&self) -> Cpu {
        cpu::of_group(self.group())
    }

    /// Memory in use, bytes.
    pub(crate) fn memory(&self) -> u64 {
        cpu::memory_of_group(self.group())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let group = Pid::from_raw(self.group());
        let _ = killpg(group, Signal::SIGTERM);
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}
