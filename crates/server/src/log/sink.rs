//! Where lines end: standard error or a syslog socket.

use std::io::{self, Write as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A stopped syslog daemon holds the writer this long per line, and no worker at all.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) enum Sink {
    Stderr,
    Syslog {
        path: PathBuf,
        socket: Option<UnixDatagram>,
    },
}

impl Sink {
    /// Connects now, while the path is in reach: a chroot may come later.
    pub(super) fn syslog(path: PathBuf) -> Self {
        let socket = connect(&path).ok();
        Self::Syslog { path, socket }
    }

    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        match self {
            Self::Stderr => io::stderr().lock().write_all(line),
            Self::Syslog { path, socket } => {
                if let Some(open) = socket {
                    match open.send(line) {
                        Ok(_) => return Ok(()),
                        Err(error) if is_passing(&error) => return Err(error),
                        Err(_) => {}
                    }
                }
                // The daemon was restarted, or was not there at all: try its socket anew.
                *socket = None;
                let open = connect(path)?;
                open.send(line)?;
                *socket = Some(open);
                Ok(())
            }
        }
    }
}

/// Errors of the line or of the moment; a new socket would not help.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), TimedOut | WouldBlock)
        || error.raw_os_error() == Some(nix::errno::Errno::EMSGSIZE as i32)
}

fn connect(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}
