//! The real world for the engine: clock, randomness, sockets, resolver, log, runtime.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::future::Future;
use std::os::unix::ffi::OsStrExt;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use engine::log::Level;
use engine::services::{
    Candidate, Candidates, Clock, LocateQuery, Located, LogLine, LogSink, Lookup, Millis, Names,
    Network, Random, RecordKind, Resolver, SendError, Services, Spawner, StreamConnection, Token,
};
use engine::socket::{ConnectionId, Destination, Proto};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use transport::Transport;
use transport::resolve::{LocateOptions, Resolver as DnsResolver};
use transport::tcp::{ConnSnapshot, ConnState};

use crate::config::Files;
use crate::control::RuntimeControlSockets;
use crate::log::Log;
use crate::process::ThisProcess;
use crate::records;

/// The transport, once it is bound: modules are initialised before.
pub type SharedTransport = Arc<OnceLock<Arc<Transport>>>;

/// The services of a running server.
#[must_use]
pub fn services(
    transport: SharedTransport,
    resolver: Arc<DnsResolver>,
    options: LocateOptions,
    log: Log,
    runtime: Handle,
    source: Files,
) -> Services {
    Services {
        clock: Box::new(SystemClock(Instant::now())),
        random: Box::new(SystemRandom),
        network: Box::new(Sockets(transport)),
        resolver: Box::new(Dns {
            resolver,
            options: Arc::new(options),
        }),
        log: Box::new(Lines(log)),
        spawner: Box::new(Runtime {
            handle: runtime.clone(),
            commands: Arc::new(Semaphore::new(COMMANDS)),
        }),
        control: Box::new(RuntimeControlSockets::new(runtime)),
        process: Box::new(ThisProcess),
        source: Box::new(source),
    }
}

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        Millis(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn unix(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The system's randomness, fetched in blocks: one system call serves many messages.
struct SystemRandom;

struct Block {
    bytes: [u8; 512],
    used: usize,
}

thread_local! {
    static BLOCK: RefCell<Block> = const { RefCell::new(Block { bytes: [0; 512], used: 512 }) };
}

impl Random for SystemRandom {
    fn next(&self) -> u64 {
        BLOCK.with_borrow_mut(|block| {
            if block.used + 8 > block.bytes.len() {
                // Linux answers this always once the system is up; a branch that could be guessed
                // would be worse than ending the message.
                getrandom::fill(&mut block.bytes).expect("the system has randomness");
                block.used = 0;
            }
            let at = block.used;
            block.used += 8;
            let mut eight = [0; 8];
            eight.copy_from_slice(&block.bytes[at..at + 8]);
            u64::from_le_bytes(eight)
        })
    }
}

struct Sockets(SharedTransport);

impl Network for Sockets {
    fn send(&self, to: &Destination, message: &[u8]) -> Result<(), SendError> {
        self.hand_over(to, message, None)
    }

    fn send_tracked(
        &self,
        to: &Destination,
        message: &[u8],
        token: Token,
    ) -> Result<(), SendError> {
        self.hand_over(to, message, Some(token.0))
    }

    fn close(&self, connection: ConnectionId) {
        if let Some(transport) = self.0.get() {
            transport.close(transport::ConnId(connection.0));
        }
    }

    fn is_open(&self, connection: ConnectionId) -> bool {
        let id = transport::ConnId(connection.0);
        self.0.get().is_some_and(|t| t.connection(id).is_some())
    }

    fn add_alias(&self, connection: ConnectionId, port: u16) -> bool {
        let id = transport::ConnId(connection.0);
        self.0.get().is_some_and(|t| t.add_alias(id, port))
    }

    fn address_towards(&self, peer: std::net::SocketAddr) -> Option<std::net::IpAddr> {
        transport::source_towards(peer)
    }

    fn stream_statistics(&self) -> Vec<(&'static str, u64)> {
        let Some(seen) = self.0.get().map(|t| t.tcp_counters()) else {
            return Vec::new();
        };
        vec![
            ("con_reset", seen.con_reset),
            ("con_timeout", seen.con_timeout),
            ("connect_failed", seen.connect_failed),
            ("connect_success", seen.connect_success),
            ("current_opened_connections", seen.current as u64),
            ("current_write_queue_size", seen.queued as u64),
            ("established", seen.established),
            ("local_reject", seen.local_reject),
            ("passive_open", seen.passive_open),
            ("send_timeout", seen.send_timeout),
            ("sendq_full", seen.sendq_full),
        ]
    }

    fn connections(&self) -> Vec<StreamConnection> {
        let open = self.0.get().map(|t| t.connections()).unwrap_or_default();
        open.into_iter().map(stream_connection).collect()
    }
}

impl Sockets {
    fn hand_over(
        &self,
        to: &Destination,
        message: &[u8],
        token: Option<u128>,
    ) -> Result<(), SendError> {
        let transport = self.0.get().ok_or(SendError::NoSocket)?;
        let target = transport::Target {
            socket: Some(transport::SocketId(u32::from(to.socket.0))),
            conn: to.connection.map(|c| transport::ConnId(c.0)),
            connect: !to.no_connect,
            close_after: to.close,
            token,
            ..transport::Target::new(transport_proto(to.proto), to.peer)
        };
        transport
            .send(&target, message)
            .map(|_| ())
            .map_err(|error| send_error(&error))
    }
}

fn stream_connection(seen: ConnSnapshot) -> StreamConnection {
    StreamConnection {
        id: ConnectionId(seen.info.id.0),
        proto: engine_proto(seen.info.proto),
        state: match seen.state {
            ConnState::Connecting => "CONNECTING",
            ConnState::Established => "CONN_OK",
            ConnState::Closing => "CLOSING",
        },
        timeout: seen.timeout.as_secs(),
        peer: seen.info.peer,
        local: seen.info.local,
        queued: seen.queued,
        aliases: seen.aliases,
    }
}

fn send_error(error: &transport::SendError) -> SendError {
    use transport::SendError as E;
    match error {
        E::NotBuilt(..) => SendError::Unsupported,
        E::NotRunning | E::NoSocket { .. } => SendError::NoSocket,
        E::NoSuchConnection(_) | E::NotConnected(_) | E::Closing(_) => SendError::NotConnected,
        E::QueueFull(_) | E::TooManyConnections | E::WouldBlock => SendError::QueueFull,
        E::Io(error) => SendError::System(error.raw_os_error().unwrap_or(0)),
    }
}

/// The transport crate's name of a transport.
#[must_use]
pub fn transport_proto(proto: Proto) -> transport::Proto {
    match proto {
        Proto::Udp => transport::Proto::Udp,
        Proto::Tcp => transport::Proto::Tcp,
        Proto::Tls => transport::Proto::Tls,
        Proto::Sctp => transport::Proto::Sctp,
        Proto::Ws => transport::Proto::Ws,
        Proto::Wss => transport::Proto::Wss,
    }
}

/// The engine's name of a transport.
#[must_use]
pub fn engine_proto(proto: transport::Proto) -> Proto {
    match proto {
        transport::Proto::Udp => Proto::Udp,
        transport::Proto::Tcp => Proto::Tcp,
        transport::Proto::Tls => Proto::Tls,
        transport::Proto::Sctp => Proto::Sctp,
        transport::Proto::Ws => Proto::Ws,
        transport::Proto::Wss => Proto::Wss,
    }
}

struct Dns {
    resolver: Arc<DnsResolver>,
    options: Arc<LocateOptions>,
}

fn upto(limit: u32) -> u32 {
    let random = SystemRandom.next();
    u32::try_from(random % (u64::from(limit) + 1)).unwrap_or(0)
}

impl Resolver for Dns {
    fn locate(&self, query: LocateQuery) -> Located {
        let Ok(host) = std::str::from_utf8(&query.host) else {
            return Located::Ready(Candidates::new());
        };
        let destination = destination_of(host, &query);
        if let Some(only) = destination.literal() {
            return Located::Ready(candidates(&[only]));
        }
        if let Some(known) = self
            .resolver
            .try_immediate(&destination, &self.options, &mut upto)
        {
            return Located::Ready(known.map(|list| candidates(&list)).unwrap_or_default());
        }
        let host = host.to_owned();
        let (resolver, options) = (Arc::clone(&self.resolver), Arc::clone(&self.options));
        Located::Later(Box::pin(async move {
            let destination = destination_of(&host, &query);
            let found = resolver.locate(&destination, &options, &mut upto).await;
            found.map(|list| candidates(&list)).unwrap_or_default()
        }))
    }

    fn lookup(&self, name: Bytes, kind: RecordKind) -> Lookup {
        let Ok(name) = String::from_utf8(name.to_vec()) else {
            return Lookup::Ready(Vec::new());
        };
        if let Some(known) = records::known(&self.resolver, &name, kind) {
            return Lookup::Ready(known);
        }
        let resolver = Arc::clone(&self.resolver);
        Lookup::Later(Box::pin(async move {
            records::ask(&resolver, &name, kind).await
        }))
    }

    fn names_of(&self, address: std::net::IpAddr) -> Names {
        if let Some(known) = self.resolver.try_names_of(address) {
            return Names::Ready(records::names(known));
        }
        let resolver = Arc::clone(&self.resolver);
        Names::Later(Box::pin(async move {
            records::names(resolver.names_of(address).await)
        }))
    }
}

fn destination_of<'h>(host: &'h str, query: &LocateQuery) -> transport::resolve::Destination<'h> {
    transport::resolve::Destination {
        host,
        port: query.port,
        proto: query.proto.map(transport_proto),
        secure: query.secure,
    }
}

fn candidates(found: &[transport::resolve::Candidate]) -> Candidates {
    found
        .iter()
        .map(|c| Candidate {
            proto: engine_proto(c.proto),
            address: c.addr,
        })
        .collect()
}

struct Lines(Log);

impl LogSink for Lines {
    fn write(&self, line: &LogLine<'_>) {
        self.0.write(line);
    }

    fn set_color(&self, level: Level, color: &str) {
        self.0.set_color(level, color);
    }
}

/// Commands of scripts that run at once; more wait for one to end.
const COMMANDS: usize = 64;

struct Runtime {
    handle: Handle,
    commands: Arc<Semaphore>,
}

impl Spawner for Runtime {
    fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.handle.spawn(work);
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // A worker thread, which is none of the runtime's, may be the caller.
        let _inside = self.handle.enter();
        Box::pin(tokio::time::sleep(time))
    }

    fn command(&self, text: Bytes) -> Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>> {
        let places = Arc::clone(&self.commands);
        Box::pin(async move {
            let _place = places.acquire().await.map_err(std::io::Error::other)?;
            let mut shell = tokio::process::Command::new("/bin/sh");
            shell.arg("-c").arg(OsStr::from_bytes(&text));
            shell.stdin(Stdio::null()).status().await.map(|_| ())
        })
    }
}
