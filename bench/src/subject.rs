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

use crate::cpu;
use crate::floor::Floor;

/// How long a server goes on starting after it has bound its socket.
const SETTLE: Duration = Duration::from_millis(700);
/// How long it may take to end: an instrumented one writes its profile.
const END: Duration = Duration::from_secs(60);

/// A running subject, in a process group of its own.
pub(crate) struct Subject {
    child: Child,
    directory: tempfile::TempDir,
}

/// How a SIP server is started.
pub(crate) struct Start<'a> {
    pub(crate) binary: &'a Path,
    /// `-x`, which only Kamailio has.
    pub(crate) allocator: Option<&'a str>,
    pub(crate) config: &'a str,
    pub(crate) listen: SocketAddr,
    /// Workers for each socket.
    pub(crate) workers: usize,
    /// Listens on TCP too.
    pub(crate) tcp: bool,
}

impl Subject {
    /// Starts a SIP server.
    pub(crate) fn server(start: &Start<'_>) -> io::Result<Self> {
        Self::server_with(start, None)
    }

    /// Starts a server that was built with `-Cprofile-generate`: it writes what it ran to a file
    /// when it ends by itself ([`Subject::end`]).
    pub(crate) fn profiled(start: &Start<'_>, profile: &Path) -> io::Result<Self> {
        Self::server_with(start, Some(profile))
    }

    fn server_with(start: &Start<'_>, profile: Option<&Path>) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("load.cfg");
        fs::write(&file, configuration(start))?;
        // A run that is killed takes its servers with it.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(start.binary);
        command.arg("-f").arg(&file);
        command.args(["-DD", "-E", "-m", "2048", "-M", "16"]);
        command.arg("-Y").arg(directory.path());
        command.arg("-w").arg(directory.path());
        command.arg("-P").arg(directory.path().join("pid"));
        if let Some(allocator) = start.allocator {
            command.args(["-x", allocator]);
        }
        if let Some(profile) = profile {
            command.env("LLVM_PROFILE_FILE", profile);
        }
        Self::run(command, directory, start.listen)
    }

    /// Starts the floor.
    pub(crate) fn floor(floor: &Floor) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut command = Command::new(std::env::current_exe()?);
        let (name, value) = floor.environment();
        command.env(name, value);
        Self::run(command, directory, floor.listen)
    }

    fn run(
        mut command: Command,
        directory: tempfile::TempDir,
        listen: SocketAddr,
    ) -> io::Result<Self> {
        // What a run that was killed left behind would be taken for the subject.
        UdpSocket::bind(listen)?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut subject = Self { child, directory };
        let deadline = Instant::now() + Duration::from_secs(20);
        // Bound once nobody else can bind it.
        while UdpSocket::bind(listen).is_ok() {
            let ended = matches!(subject.child.try_wait(), Ok(Some(_)));
            if ended || Instant::now() > deadline {
                return Err(io::Error::other(format!("{command:?} does not come up")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(SETTLE);
        Ok(subject)
    }

    /// Asks a server to end and waits until it has; dropped, it would be killed.
    pub(crate) fn end(mut self) -> io::Result<()> {
        killpg(Pid::from_raw(self.group()), Signal::SIGTERM)?;
        let deadline = Instant::now() + END;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(io::Error::other(format!("it ended with {status}"))),
                None if Instant::now() > deadline => {
                    return Err(io::Error::other("it does not end"));
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    fn group(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(0)
    }

    /// CPU time used so far, nanoseconds.
    pub(crate) fn cpu(&self) -> u64 {
        cpu::of_group(self.group())
    }

    /// Memory in use, bytes.
    pub(crate) fn memory(&self) -> u64 {
        cpu::memory_of_group(self.group())
    }

    /// Where its control socket is.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Open descriptors.
    pub(crate) fn descriptors(&self) -> u64 {
        cpu::descriptors_of_group(self.group())
    }

    /// Threads.
    pub(crate) fn threads(&self) -> u64 {
        cpu::threads_of_group(self.group())
    }
}

/// A configuration with the sockets and workers of this run.
fn configuration(start: &Start<'_>) -> String {
    let (listen, workers) = (start.listen, start.workers);
    let mut head = format!("listen=udp:{listen}\nchildren={workers}\n");
    if start.tcp {
        head.push_str(&format!("listen=tcp:{listen}\ntcp_children={workers}\n"));
    } else {
        head.push_str("disable_tcp=yes\n");
    }
    let lines = start.config.lines();
    let kept = lines.filter(|line| !line.starts_with("children=") && !line.starts_with("listen="));
    kept.enumerate()
        .fold(String::new(), |mut all, (index, line)| {
            all.push_str(line);
            all.push('\n');
            // Behind the line that says whose configuration it is.
            if index == 0 {
                all.push_str(&head);
            }
            all
        })
}

impl Drop for Subject {
    fn drop(&mut self) {
        // Nothing of it is needed any more, and what ends slowly would disturb what comes next.
        let _ = killpg(Pid::from_raw(self.group()), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}
