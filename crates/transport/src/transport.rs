//! The value that owns all sockets, threads and connections.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::{
    BindError, BindFault, ConnId, ConnInfo, Framer, Inbound, Proto, SendError, SocketId,
    StartError,
    listen::{Advertise, ListenAddress, SocketOptions, bind_tcp, bind_udp},
    live::Live,
    tcp::{ConnSnapshot, Origin, Outcome, Tcp, TcpCounters, TcpOptions},
    udp::{Raw, RawOptions, UdpCounters, UdpOptions, UdpSocket},
};

/// All that a transport needs to know.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The sockets, in the order that gives them their [`SocketId`].
    pub listen: Vec<ListenAddress>,
    /// Options of every socket.
    pub sockets: SocketOptions,
    /// How datagrams are received.
    pub udp: UdpOptions,
    /// The limits of connections.
    pub tcp: TcpOptions,
}

/// A bound socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SocketInfo {
    /// Its identity.
    pub id: SocketId,
    /// Its protocol.
    pub proto: Proto,
    /// Its address, with the true port where the system chose one.
    pub addr: SocketAddr,
    /// What others are told instead.
    pub advertise: Option<Advertise>,
    /// The name by which scripts refer to it.
    pub name: Option<String>,
}

/// Where a message shall go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The protocol.
    pub proto: Proto,
    /// The destination.
    pub peer: SocketAddr,
    /// The listening socket to send from: for datagrams the very socket, for
    /// streams the one whose connections may be used and to whose address a
    /// new connection is bound. Chosen when absent.
    pub socket: Option<SocketId>,
    /// The connection to use, such as the one that a request came in on. When
    /// it is gone, one to `peer` is used or made, if `connect` allows.
    pub conn: Option<ConnId>,
    /// Whether a new connection may be opened.
    pub connect: bool,
    /// Close the connection when this message is written.
    pub close_after: bool,
    /// Returned in [`Undelivered`](crate::Undelivered) when the message is
    /// lost after it was accepted.
    pub token: Option<u128>,
}

impl Target {
    /// A plain destination: any socket, reuse or open a connection.
    pub fn new(proto: Proto, peer: SocketAddr) -> Self {
        Self {
            proto,
            peer,
            socket: None,
            conn: None,
            connect: true,
            close_after: false,
            token: None,
        }
    }
}

/// What became of a message that was accepted for sending.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// The kernel has the datagram, sent from this socket.
    Datagram(SocketId),
    /// The kernel has the message, on this connection.
    Written(ConnId),
    /// The message waits until the peer reads.
    Queued(ConnId),
    /// The message waits until the connection is established.
    Connecting(ConnId),
}

/// How stopping went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StopReport {
    /// Receiving threads that were still in a handler at the deadline.
    pub threads_left: usize,
    /// Connections that were cut before their queue was written.
    pub connections_cut: usize,
}

/// All sockets of the server.
#[derive(Debug)]
pub struct Transport {
    config: Config,
    sockets: Vec<SocketInfo>,
    /// By [`SocketId`]; absent for streams.
    udp: Vec<Option<Arc<UdpSocket>>>,
    /// What sends datagrams over IPv4 in pieces, where the system lets us and something could.
    raw: Option<Arc<Raw>>,
    /// How many routers datagrams over IPv4 may pass, as far as the system goes.
    hops: Option<u32>,
    /// Bound and not yet handed to the runtime.
    listeners: Mutex<Vec<(SocketId, TcpListener)>>,
    tcp: OnceLock<Arc<Tcp>>,
    threads: Arc<Live>,
}

impl Transport {
    /// Binds all sockets. Starts nothing, so that it can run before the
    /// process forks or changes its user.
    pub fn bind(config: Config) -> Result<Self, BindError> {
        let mut sockets = Vec::with_capacity(config.listen.len());
        let mut udp = Vec::with_capacity(config.listen.len());
        let mut listeners = Vec::new();
        // Here the process may have privileges that it gives up later.
        let raw = has_udp4(&config.listen)
            .then(|| Raw::open(config.sockets.tos.unwrap_or(0), config.sockets.free_bind).ok())
            .flatten()
            .map(Arc::new);
        for (index, address) in (0..).zip(&config.listen) {
            let id = SocketId(index);
            let io = |error| BindError {
                proto: address.proto,
                addr: address.addr,
                fault: BindFault::Io(error),
            };
            let addr = match address.proto {
                Proto::Udp => {
                    let socket = bind_udp(address, &config.sockets)?;
                    let bound = socket.local_addr().map_err(io)?;
                    let raw = raw.clone().filter(|_| address.addr.is_ipv4());
                    udp.push(Some(Arc::new(UdpSocket::new(id, socket, raw))));
                    bound.as_socket().unwrap_or(address.addr)
                }
                Proto::Tcp => {
                    let listener = bind_tcp(address, &config.sockets, &config.tcp)?;
                    let bound = listener.local_addr().map_err(io)?;
                    udp.push(None);
                    listeners.push((id, listener));
                    bound
                }
                proto => {
                    return Err(BindError {
                        proto,
                        addr: address.addr,
                        fault: BindFault::NotBuilt(proto),
                    });
                }
            };
            sockets.push(SocketInfo {
                id,
                proto: address.proto,
                addr,
                advertise: address.advertise.clone(),
                name: address.name.clone(),
            });
        }
        let mut transport = Self {
            config,
            sockets,
            udp,
            raw,
            hops: None,
            listeners: Mutex::new(listeners),
            tcp: OnceLock::new(),
            threads: Arc::default(),
        };
        let hops = transport.udp4().find_map(UdpSocket::hops);
        transport.hops = hops;
        Ok(transport)
    }

    /// Starts receiving: threads for datagrams, tasks on `runtime` for
    /// streams. `framer` finds the messages in streams.
    pub fn start(
        &self,
        runtime: Handle,
        inbound: Arc<dyn Inbound>,
        framer: Arc<dyn Framer>,
    ) -> Result<(), StartError> {
        let tcp = Tcp::new(
            self.config.tcp.clone(),
            self.sockets.iter().map(|socket| socket.addr.ip()).collect(),
            runtime,
            Arc::clone(&inbound),
            framer,
        );
        if self.tcp.set(Arc::clone(&tcp)).is_err() {
            return Err(StartError::AlreadyRunning);
        }
        for (id, listener) in self.listeners.lock().drain(..) {
            let addr = self.sockets[id.0 as usize].addr;
            tcp.listen(id, listener)
                .map_err(|source| StartError::Listener { addr, source })?;
        }
        for (socket, address) in self.udp.iter().zip(&self.config.listen) {
            if let Some(socket) = socket {
                let options = UdpOptions {
                    threads: address.workers.unwrap_or(self.config.udp.threads),
                    ..self.config.udp.clone()
                };
                socket
                    .start(&options, &inbound, &self.threads)
                    .map_err(StartError::Thread)?;
            }
        }
        Ok(())
    }

    /// Stops receiving, lets handlers end and queues drain until `deadline`
    /// from now, then cuts what is left. Blocks: not for a thread of the
    /// runtime.
    pub fn stop(&self, deadline: Duration) -> StopReport {
        let begun = Instant::now();
        for socket in self.udp.iter().flatten() {
            socket.stop();
        }
        let connections_cut = self.tcp.get().map_or(0, |tcp| tcp.stop(deadline));
        let threads_left = self.threads.wait(deadline.saturating_sub(begun.elapsed()));
        StopReport {
            threads_left,
            connections_cut,
        }
    }

    /// The bound sockets; the index is the [`SocketId`].
    pub fn sockets(&self) -> &[SocketInfo] {
        &self.sockets
    }

    /// A bound socket.
    pub fn socket(&self, id: SocketId) -> Option<&SocketInfo> {
        self.sockets.get(id.0 as usize)
    }

    /// The first socket with this protocol and the address family of `peer`:
    /// the one to send from when nothing else decides.
    pub fn socket_for(&self, proto: Proto, peer: SocketAddr) -> Option<&SocketInfo> {
        self.sockets
            .iter()
            .find(|socket| socket.proto == proto && socket.addr.is_ipv4() == peer.is_ipv4())
    }

    /// Sends a message; never blocks. For streams, [`Sent`] says how far the
    /// message came, and [`Inbound::undelivered`] tells when it is lost later.
    pub fn send(&self, target: &Target, message: &[u8]) -> Result<Sent, SendError> {
        match target.proto {
            Proto::Udp => self.send_datagram(target, message),
            Proto::Tcp => {
                let tcp = self.tcp.get().ok_or(SendError::NotRunning)?;
                Ok(match tcp.send(target, &self.origin(target), message)? {
                    Outcome::Written(id) => Sent::Written(id),
                    Outcome::Queued(id) => Sent::Queued(id),
                    Outcome::Connecting(id) => Sent::Connecting(id),
                })
            }
            proto => Err(SendError::NotBuilt(proto)),
        }
    }

    /// Sends a datagram from a socket; never blocks.
    pub fn send_to(
        &self,
        socket: SocketId,
        peer: SocketAddr,
        message: &[u8],
    ) -> Result<(), SendError> {
        match self.udp.get(socket.0 as usize) {
            Some(Some(socket)) => socket.send_to(peer, message),
            _ => Err(SendError::NoSocket {
                proto: Proto::Udp,
                peer,
            }),
        }
    }

    /// Makes another port of the peer lead to its connection
    /// (`force_tcp_alias`). False when the connection is gone, has too many
    /// aliases, or another connection comes from that port.
    pub fn add_alias(&self, conn: ConnId, port: u16) -> bool {
        self.tcp.get().is_some_and(|tcp| tcp.add_alias(conn, port))
    }

    /// Closes a connection when its queue is written; false if it is gone.
    pub fn close(&self, conn: ConnId) -> bool {
        self.tcp.get().is_some_and(|tcp| tcp.close(conn, true))
    }

    /// Closes a connection at once; false if it is gone.
    pub fn abort(&self, conn: ConnId) -> bool {
        self.tcp.get().is_some_and(|tcp| tcp.close(conn, false))
    }

    /// Gives a connection another idle lifetime
    /// (`tcp_set_connection_lifetime`); false if it is gone.
    pub fn set_lifetime(&self, conn: ConnId, lifetime: Duration) -> bool {
        self.tcp
            .get()
            .is_some_and(|tcp| tcp.set_lifetime(conn, lifetime))
    }

    /// The facts about a connection.
    pub fn connection(&self, conn: ConnId) -> Option<ConnInfo> {
        self.tcp.get()?.info(conn)
    }

    /// The connection that a message to this target would use.
    pub fn find_connection(&self, target: &Target) -> Option<ConnInfo> {
        let tcp = self.tcp.get()?;
        let named = target.conn.and_then(|id| tcp.info(id));
        named.or_else(|| tcp.find(target.proto, target.peer, target.socket))
    }

    /// Goes on with other limits and times of connections; what is done once, as listening, stays
    /// as it was.
    pub fn change_tcp(&self, options: TcpOptions) {
        if let Some(tcp) = self.tcp.get() {
            tcp.change(options);
        }
    }

    /// Whether datagrams over IPv4 can leave as [`change_raw`](Self::change_raw) says.
    pub fn can_send_raw(&self) -> bool {
        self.raw.is_some()
    }

    /// How many routers datagrams over IPv4 may pass where nothing else is said; `None` if there is
    /// no socket that sends them.
    pub fn hops(&self) -> Option<u32> {
        self.hops
    }

    /// Lets datagrams over IPv4 leave so from now on; `None`: as the system sends them.
    pub fn change_raw(&self, options: Option<RawOptions>) {
        let (Some(raw), Some(hops)) = (&self.raw, self.hops) else {
            return;
        };
        for socket in self.udp4() {
            socket.imitate_raw(options, hops, self.config.sockets.path_mtu_discovery);
        }
        raw.change(options);
    }

    fn udp4(&self) -> impl Iterator<Item = &UdpSocket> {
        let sockets = self.udp.iter().zip(&self.config.listen);
        sockets
            .filter(|(_, address)| address.addr.is_ipv4())
            .filter_map(|(socket, _)| socket.as_deref())
    }

    /// All connections, oldest first.
    pub fn connections(&self) -> Vec<ConnSnapshot> {
        self.tcp.get().map_or_else(Vec::new, |tcp| tcp.list())
    }

    /// What happened to connections so far.
    pub fn tcp_counters(&self) -> TcpCounters {
        self.tcp
            .get()
            .map_or_else(TcpCounters::default, |tcp| tcp.counters())
    }

    /// What passed through a datagram socket so far.
    pub fn udp_counters(&self, socket: SocketId) -> Option<UdpCounters> {
        let socket = self.udp.get(socket.0 as usize)?.as_ref()?;
        Some(socket.counters())
    }

    fn send_datagram(&self, target: &Target, message: &[u8]) -> Result<Sent, SendError> {
        let id = target
            .socket
            .or_else(|| Some(self.socket_for(Proto::Udp, target.peer)?.id))
            .ok_or(SendError::NoSocket {
                proto: Proto::Udp,
                peer: target.peer,
            })?;
        self.send_to(id, target.peer, message)?;
        Ok(Sent::Datagram(id))
    }

    /// Where a new connection to a target comes from: the socket asked for and
    /// its address, or else the first socket that fits, with an address of the
    /// system's choice.
    fn origin(&self, target: &Target) -> Origin {
        let asked = target.socket.and_then(|id| self.socket(id));
        let bind = asked
            .map(|socket| socket.addr)
            .filter(|addr| !addr.ip().is_unspecified())
            .filter(|addr| addr.is_ipv4() == target.peer.is_ipv4());
        let socket = asked.or_else(|| self.socket_for(target.proto, target.peer));
        Origin {
            socket: socket.map(|socket| socket.id),
            bind,
        }
    }
}

fn has_udp4(listen: &[ListenAddress]) -> bool {
    listen
        .iter()
        .any(|address| address.proto == Proto::Udp && address.addr.is_ipv4())
}

impl Drop for Transport {
    fn drop(&mut self) {
        // Receiving threads hold the sockets; without this they would block
        // for ever.
        for socket in self.udp.iter().flatten() {
            socket.stop();
        }
    }
}
