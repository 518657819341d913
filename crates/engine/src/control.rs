//! Sockets for operators: what modules ask for and the server opens.
//!
//! A module names an address and gives a [`ControlService`]; the server reads requests from it and
//! writes the answers back. Modules stay free of sockets, tests call the service directly.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Where operators' tools reach a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ControlAddress {
    /// A unix stream socket.
    UnixStream(PathBuf),
    /// A unix datagram socket.
    UnixDatagram(PathBuf),
    /// A UDP socket: host (name, address, or empty for all) and port.
    Udp(String, u16),
    /// A TCP socket.
    Tcp(String, u16),
    /// A named pipe; answers go to the pipe that the request names.
    Fifo(PathBuf),
}

impl ControlAddress {
    /// Kamailio's word for the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnixStream(_) => "unix_stream",
            Self::UnixDatagram(_) => "unix_dgram",
            Self::Udp(..) => "udp",
            Self::Tcp(..) => "tcp",
            Self::Fifo(_) => "fifo",
        }
    }

    /// The path, or the host.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::UnixStream(path) | Self::UnixDatagram(path) | Self::Fifo(path) => {
                path.display().to_string()
            }
            Self::Udp(host, _) | Self::Tcp(host, _) => host.clone(),
        }
    }

    /// The port of UDP and TCP.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Udp(_, port) | Self::Tcp(_, port) => Some(*port),
            _ => None,
        }
    }
}

impl std::fmt::Display for ControlAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // As kamcmd and the modules' parameters spell addresses.
        let proto = match self {
            Self::UnixStream(_) => "unix",
            Self::UnixDatagram(_) => "unixd",
            other => other.kind(),
        };
        write!(f, "{proto}:{}", self.place())?;
        match self.port() {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Who may use a socket file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ControlAccess {
    /// Permission bits.
    pub mode: u32,
    /// Owner, by name or number; `None`: the server's user.
    pub user: Option<String>,
    /// Group, by name or number; `None`: the server's group.
    pub group: Option<String>,
}

/// Who sent a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ControlPeer {
    /// The address that it came to.
    pub local: ControlAddress,
    /// The sender's host; `None` for unnamed unix sockets.
    pub host: Option<String>,
    /// The sender's port.
    pub port: Option<u16>,
}

/// What stands at the front of the bytes received on a stream or pipe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ControlFrame {
    /// No whole request yet.
    NeedMore,
    /// A request of this many bytes.
    Request(usize),
    /// This many bytes to throw away.
    Skip(usize),
}

/// An answer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ControlAnswer {
    /// What to send; empty: nothing.
    pub bytes: Vec<u8>,
    /// The pipe that it goes to, when the request came by a pipe.
    pub pipe: Option<PathBuf>,
    /// No further request is taken from this connection.
    pub close: bool,
}

/// The answer to a request, or what it will be.
pub enum Answering {
    /// The answer.
    Now(ControlAnswer),
    /// It comes; other requests do not wait for it, but those behind it on its connection do.
    Later(Pin<Box<dyn Future<Output = ControlAnswer> + Send>>),
}

impl Answering {
    /// The answer once it is there.
    pub async fn wait(self) -> ControlAnswer {
        match self {
            Self::Now(answer) => answer,
            Self::Later(answer) => answer.await,
        }
    }
}

/// Answers the requests that come to a socket.
pub trait ControlService: Send + Sync {
    /// Longest request; a connection that sends more is closed.
    fn max_request(&self) -> usize {
        65_536
    }

    /// Finds the end of the request at the front of a stream, which is never empty.
    fn frame(&self, buffer: &[u8]) -> ControlFrame;

    /// Answers one request.
    fn answer(&self, request: &[u8], peer: &ControlPeer) -> Answering;
}

/// An open control socket; dropping it does not close it.
pub trait ControlSocket: Send + Sync {
    /// The address with what was left open filled in.
    fn address(&self) -> ControlAddress;
    /// The stream connections that are open.
    fn connections(&self) -> Vec<ControlPeer>;
    /// Stops serving and removes the socket's file.
    fn close(&self);
}

/// Why a control socket cannot be opened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot open {address}: {reason}")]
pub struct ControlError {
    /// The address asked for.
    pub address: String,
    /// What the system says.
    pub reason: String,
}

/// Opens control sockets.
pub trait ControlSockets: Send + Sync {
    /// Serves an address until the socket is closed.
    ///
    /// # Errors
    /// The address cannot be bound or the access cannot be given.
    fn open(
        &self,
        address: &ControlAddress,
        access: &ControlAccess,
        service: Arc<dyn ControlService>,
    ) -> Result<Arc<dyn ControlSocket>, ControlError>;

    /// A future that hands a message to the program behind a pipe or a unix datagram socket; it
    /// fails when nobody reads there, or not all of it in time. A world without files fails.
    fn tell(&self, to: ControlAddress, message: Vec<u8>, limit: Duration) -> Telling {
        let _ = (to, message, limit);
        Box::pin(std::future::ready(Err(
            std::io::ErrorKind::Unsupported.into()
        )))
    }
}

/// What comes of a message to another program.
pub type Telling = Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>;

/// Opens nothing: for simulations, whose tests call the service themselves.
pub struct NoControlSockets;

struct Unopened(ControlAddress);

impl ControlSocket for Unopened {
    fn address(&self) -> ControlAddress {
        self.0.clone()
    }

    fn connections(&self) -> Vec<ControlPeer> {
        Vec::new()
    }

    fn close(&self) {}
}

impl ControlSockets for NoControlSockets {
    fn open(
        &self,
        address: &ControlAddress,
        _: &ControlAccess,
        _: Arc<dyn ControlService>,
    ) -> Result<Arc<dyn ControlSocket>, ControlError> {
        Ok(Arc::new(Unopened(address.clone())))
    }
}
