//! What can go wrong when binding, starting and sending.

use std::{io, net::SocketAddr};

use crate::{ConnId, Proto};

/// An address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {proto}:{addr}: {fault}")]
pub struct BindError {
    /// The protocol asked for.
    pub proto: Proto,
    /// The address asked for.
    pub addr: SocketAddr,
    /// Why it failed.
    pub fault: BindFault,
}

/// Why an address could not be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindFault {
    /// Another process, or another `listen` line, holds the address.
    #[error("the address is already in use")]
    AddressInUse,
    /// No local interface has the address.
    #[error("no local interface has this address")]
    AddressNotAvailable,
    /// The port needs privileges that the process does not have.
    #[error("permission denied (ports below 1024 need CAP_NET_BIND_SERVICE)")]
    PermissionDenied,
    /// The protocol is known but not part of this build.
    #[error("transport {0} is not built yet")]
    NotBuilt(Proto),
    /// A socket option was refused.
    #[error("socket option {option}: {source}")]
    Option {
        /// The option.
        option: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Any other refusal of the system.
    #[error("{0}")]
    Io(io::Error),
}

impl BindFault {
    /// Sorts a system error into what the operator can act on.
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::AddressInUse,
            io::ErrorKind::AddrNotAvailable => Self::AddressNotAvailable,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            _ => Self::Io(error),
        }
    }
}

/// The threads of a transport could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `start` was called twice.
    #[error("the transport is already running")]
    AlreadyRunning,
    /// The system refused a thread.
    #[error("cannot start a receiving thread: {0}")]
    Thread(io::Error),
    /// A listener could not be handed to the runtime.
    #[error("cannot register the listener on {addr}: {source}")]
    Listener {
        /// The address of the listener.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// A message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The protocol is known but not part of this build.
    #[error("transport {0} is not built yet")]
    NotBuilt(Proto),
    /// The transport was not started, or has been stopped.
    #[error("the transport is not running")]
    NotRunning,
    /// No listening socket has this protocol and address family.
    #[error("no {proto} socket can reach {peer}")]
    NoSocket {
        /// The protocol asked for.
        proto: Proto,
        /// The destination.
        peer: SocketAddr,
    },
    /// The send buffer of the datagram socket is full.
    #[error("the send buffer is full")]
    WouldBlock,
    /// The connection named in the target is gone.
    #[error("connection {0} does not exist")]
    NoSuchConnection(ConnId),
    /// There is no connection to the peer, and the target forbids a new one.
    #[error("not connected to {0}")]
    NotConnected(SocketAddr),
    /// The connection is being closed.
    #[error("connection {0} is closing")]
    Closing(ConnId),
    /// The peer reads too slowly: its queue, or all queues together, are full.
    #[error("the outgoing queue of connection {0} is full")]
    QueueFull(ConnId),
    /// The limit of connections is reached.
    #[error("too many connections")]
    TooManyConnections,
    /// The system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
}
