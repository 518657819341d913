//! What the transport tells its user: messages received and the fate of
//! connections.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use bytes::Bytes;

use crate::Proto;

/// A listening socket: its index in [`Transport::sockets`](crate::Transport::sockets).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SocketId(pub u32);

/// A connection; never reused while the process lives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnId(pub u64);

impl fmt::Display for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which side opened a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// The peer connected to us.
    Accepted,
    /// We connected to the peer.
    Connected,
}

/// The unchanging facts about a connection.
#[derive(Clone, Debug)]
pub struct ConnInfo {
    /// Its identity.
    pub id: ConnId,
    /// Its protocol.
    pub proto: Proto,
    /// The listening socket that it came in on or was opened for; absent when
    /// none has its protocol and address family.
    pub socket: Option<SocketId>,
    /// The remote address.
    pub peer: SocketAddr,
    /// The local address; unspecified until a connection is established.
    pub local: SocketAddr,
    /// Who opened it.
    pub direction: Direction,
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CloseReason {
    /// The peer closed it in order.
    PeerClosed,
    /// The peer or the network broke it.
    Reset,
    /// Connecting was refused or the network could not reach the peer.
    ConnectFailed(std::io::ErrorKind),
    /// Connecting took too long.
    ConnectTimeout,
    /// The peer did not read what we sent in time.
    SendTimeout,
    /// Nothing passed for the lifetime of the connection.
    Lifetime,
    /// The bytes received are no messages, as the framer sees it.
    Framing,
    /// A message is longer than allowed.
    MessageTooBig,
    /// We closed it.
    Local,
    /// The transport stops.
    Shutdown,
}

/// A message that was accepted for sending on a stream and then lost, because
/// connecting failed or the connection broke before it was written.
#[derive(Debug)]
pub struct Undelivered {
    /// The token that the sender put in its target.
    pub token: Option<u128>,
    /// The connection.
    pub conn: ConnId,
    /// Its protocol.
    pub proto: Proto,
    /// The destination.
    pub peer: SocketAddr,
    /// What happened to the connection.
    pub reason: CloseReason,
}

/// The receiver of everything that arrives.
///
/// Calls come from the receiving thread (UDP) or a thread of the runtime
/// (streams) and hold no lock of the transport, so the methods may send.
/// Messages of one connection come one by one and in order. A method that
/// panics costs that message only.
pub trait Inbound: Send + Sync + 'static {
    /// A datagram was received. `local` is the destination address when the
    /// socket is bound to the wildcard address.
    fn datagram(&self, socket: SocketId, peer: SocketAddr, local: Option<IpAddr>, buf: &[u8]);

    /// A whole message was received on a connection.
    fn stream(&self, conn: &ConnInfo, message: Bytes);

    /// A connection was accepted or established.
    fn opened(&self, conn: &ConnInfo) {
        let _ = conn;
    }

    /// A connection ended; also called when connecting failed.
    fn closed(&self, conn: &ConnInfo, reason: CloseReason) {
        let _ = (conn, reason);
    }

    /// A receiving thread (UDP) is between two batches: it handled one, or (`is_idle`) none came for
    /// [`UdpOptions::idle`](crate::UdpOptions::idle). For what each such thread has to do by itself
    /// now and then.
    fn between(&self, is_idle: bool) {
        let _ = is_idle;
    }

    /// A queued message was lost.
    fn undelivered(&self, report: &Undelivered) {
        let _ = report;
    }
}
