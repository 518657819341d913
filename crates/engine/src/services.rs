//! The world as the engine sees it: clock, randomness, network, resolver, log.
//!
//! Everything outside the process is reached through one [`Services`] value. The server fills it
//! with the real ones, tests with simulated ones; no module opens a socket, asks the time or rolls
//! dice by itself.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::control::ControlSockets;
use crate::log::{Facility, Level, Place};
use crate::process::Process;
use crate::socket::{ConnectionId, Destination, Proto};

/// Milliseconds on a clock that never goes back; the origin is the start of the process (or of the
/// simulation).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Millis(pub u64);

impl Millis {
    /// This instant plus a number of milliseconds.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds since an earlier instant; 0 when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Monotonic time, for timers.
    fn now(&self) -> Millis;
    /// Time since 1970-01-01 UTC, for headers, logs and expiry times that operators read.
    fn unix(&self) -> Duration;
}

/// Makes random numbers good enough for branches, tags and Call-IDs that nobody may guess.
pub trait Random: Send + Sync {
    /// 64 random bits.
    fn next(&self) -> u64;
}

/// Why a message could not be handed to the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SendError {
    /// No socket of ours has this transport.
    #[error("no listening socket for this transport")]
    NoSocket,
    /// The connection is gone and the caller forbade to open one.
    #[error("no open connection and connecting is not allowed")]
    NotConnected,
    /// The connection's queue is full.
    #[error("send queue full")]
    QueueFull,
    /// The message is too large for the transport.
    #[error("message too large for this transport")]
    TooLarge,
    /// The operating system refused.
    #[error("system error {0}")]
    System(i32),
    /// The transport is not built into this server.
    #[error("transport not supported")]
    Unsupported,
}

/// An open stream connection, as operators see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamConnection {
    /// Its number.
    pub id: ConnectionId,
    /// Transport.
    pub proto: Proto,
    /// Whether it, as it stands, can carry messages, is still being made, or ends.
    pub state: &'static str,
    /// Seconds until it ends if nothing passes.
    pub timeout: u64,
    /// The peer.
    pub peer: std::net::SocketAddr,
    /// Our end.
    pub local: std::net::SocketAddr,
    /// Bytes that wait for the peer to read.
    pub queued: usize,
    /// Further addresses that lead to it.
    pub aliases: Vec<std::net::SocketAddr>,
}

/// Names a message to whoever sent it, in a report that it was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Token(pub u128);

/// Sends messages; never blocks.
pub trait Network: Send + Sync {
    /// Hands one message over. `Ok` means it was sent or queued.
    fn send(&self, to: &Destination, message: &[u8]) -> Result<(), SendError>;

    /// As [`send`](Self::send), of a message whose loss after that matters: the report
    /// ([`crate::lost::Lost`]) has the token.
    fn send_tracked(&self, to: &Destination, message: &[u8], token: Token)
    -> Result<(), SendError>;

    /// Closes a stream connection when what is queued is written.
    fn close(&self, connection: ConnectionId) {
        let _ = connection;
    }

    /// Whether a stream connection is open.
    fn is_open(&self, connection: ConnectionId) -> bool {
        let _ = connection;
        false
    }

    /// Lets messages to another port of the peer go by a connection (RFC 5923); false when it is
    /// gone or the port is taken.
    fn add_alias(&self, connection: ConnectionId, port: u16) -> bool {
        let _ = (connection, port);
        false
    }

    /// Our address on the way to a peer, as the system's routes have it.
    fn address_towards(&self, peer: std::net::SocketAddr) -> Option<std::net::IpAddr> {
        let _ = peer;
        None
    }

    /// What happened to stream connections so far, by Kamailio's names of the statistics.
    fn stream_statistics(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// The stream connections that are open.
    fn connections(&self) -> Vec<StreamConnection> {
        Vec::new()
    }
}

/// One place to try.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// Transport.
    pub proto: Proto,
    /// Address and port.
    pub address: std::net::SocketAddr,
}

/// Candidates in the order to try them.
pub type Candidates = SmallVec<[Candidate; 2]>;

/// What to find (RFC 3263).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocateQuery {
    /// Host name or address literal (IPv6 without brackets).
    pub host: Bytes,
    /// Port as written in the URI, if any.
    pub port: Option<u16>,
    /// Transport as asked for by the URI or the script, if any.
    pub proto: Option<Proto>,
    /// `sips:` scheme.
    pub secure: bool,
}

/// The answer to a [`LocateQuery`].
pub enum Located {
    /// Known at once (an address literal, a cached name). Empty: there is no such place.
    Ready(Candidates),
    /// The resolver must ask; the route is parked meanwhile.
    Later(Pin<Box<dyn Future<Output = Candidates> + Send>>),
}

/// A type of DNS record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RecordKind {
    /// IPv4 addresses of a host.
    A,
    /// IPv6 addresses of a host.
    Aaaa,
    /// Servers of a service (RFC 2782).
    Srv,
    /// Services of a domain (RFC 3403).
    Naptr,
}

/// A DNS record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Record {
    /// An address of a host.
    Address(std::net::IpAddr),
    /// A server of a service.
    Srv(SrvRecord),
    /// A service of a domain.
    Naptr(NaptrRecord),
}

/// A server of a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SrvRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// The share of the load among equal priorities.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The name of the server, without a final dot.
    pub target: Bytes,
}

/// A service of a domain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NaptrRecord {
    /// Lower must be used first.
    pub order: u16,
    /// Lower is preferred among equal orders.
    pub preference: u16,
    /// What the result is: `s` for an SRV name, `a` for a host, `u` for a URI.
    pub flags: Bytes,
    /// The service, such as `SIP+D2U`.
    pub services: Bytes,
    /// The substitution expression.
    pub regexp: Bytes,
    /// The next name to look up, without a final dot; empty when there is none.
    pub replacement: Bytes,
}

/// What a name has of a type of records; empty when it has none or nobody answered.
pub enum Lookup {
    /// Known at once.
    Ready(Vec<Record>),
    /// The resolver must ask; the route is parked meanwhile.
    Later(Pin<Box<dyn Future<Output = Vec<Record>> + Send>>),
}

/// The names of an address; empty when it has none or nobody answered.
pub enum Names {
    /// Known at once.
    Ready(Vec<Bytes>),
    /// The resolver must ask; the route is parked meanwhile.
    Later(Pin<Box<dyn Future<Output = Vec<Bytes>> + Send>>),
}

/// Finds where a URI's host lives.
pub trait Resolver: Send + Sync {
    /// Locates a SIP server.
    fn locate(&self, query: LocateQuery) -> Located;

    /// Looks up the records of a name, in no order. A host of the hosts file has the addresses
    /// that stand there.
    fn lookup(&self, name: Bytes, kind: RecordKind) -> Lookup;

    /// The names of an address, as the hosts file or DNS write them.
    fn names_of(&self, address: std::net::IpAddr) -> Names;
}

/// A line for the log.
#[derive(Clone, Copy, Debug)]
pub struct LogLine<'a> {
    /// Its level.
    pub level: Level,
    /// Where to, if not to the configured facility.
    pub facility: Option<Facility>,
    /// `log_prefix` evaluated for the message.
    pub prefix: &'a [u8],
    /// Who speaks: `<core>`, `<script>` or a module; empty when the message says so itself.
    pub source: &'a str,
    /// The module that the line is of: `core`, `xlog` for lines of the script.
    pub module: &'a str,
    /// Where it was written.
    pub place: Place<'a>,
    /// A word in place of the level's.
    pub label: Option<&'a str>,
    /// Call-ID of the message that it is about; empty when it is about none.
    pub call_id: &'a [u8],
    /// The text.
    pub message: &'a [u8],
}

/// Where log lines go.
pub trait LogSink: Send + Sync {
    /// Writes one line; must not block.
    fn write(&self, line: &LogLine<'_>);

    /// Changes the colour of a level on a terminal: `0;31;49`.
    fn set_color(&self, level: Level, color: &str) {
        let _ = (level, color);
    }
}

/// Runs work that outlives the call which started it.
pub trait Spawner: Send + Sync {
    /// Runs a future to its end, elsewhere.
    fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>);
    /// A future that is ready after some time.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// A future that runs a command of the system's shell to its end. A world without a shell fails.
    fn command(&self, _text: Bytes) -> Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>> {
        Box::pin(std::future::ready(Err(
            std::io::ErrorKind::Unsupported.into()
        )))
    }
}

/// Everything outside, in one value.
pub struct Services {
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub random: Box<dyn Random>,
    /// Sending.
    pub network: Box<dyn Network>,
    /// Name resolution.
    pub resolver: Box<dyn Resolver>,
    /// The log.
    pub log: Box<dyn LogSink>,
    /// Background work.
    pub spawner: Box<dyn Spawner>,
    /// Sockets for operators.
    pub control: Box<dyn ControlSockets>,
    /// The process.
    pub process: Box<dyn Process>,
    /// Where the configuration came from.
    pub source: Box<dyn crate::reload::ConfigSource>,
}
