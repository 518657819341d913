//! Connections: accepting, connecting, framing, queues, reuse and limits.
//!
//! Each connection has one task, which reads, closes and tells the caller's
//! [`Inbound`]. Whoever sends writes straight to the socket from its own
//! thread; only what the kernel does not take at once is queued, and only
//! then a second task exists, until the queue is empty again.

mod accept;
mod connect;
mod connection;
pub(crate) mod cork;
mod counters;
mod drain;
mod framer;
mod listing;
mod options;
pub mod proxy;
mod read;
mod send;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod ways_tests;

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::{runtime::Handle, task::AbortHandle, time::Instant};

pub(crate) use accept::set_limits;
pub use counters::TcpCounters;
pub use framer::{Frame, Framer};
pub use listing::{ConnSnapshot, ConnState};
pub use options::{Keepalive, Taken, TcpOptions};
pub(crate) use send::{Origin, Outcome};

use crate::{
    CloseReason, ConnId, ConnInfo, Direction, Inbound, Proto, SocketId, Undelivered, live::Live,
};
use connection::Connection;
use counters::Tallies;
use table::{Table, Wanted};

/// Everything that the connections share.
pub(crate) struct Tcp {
    /// The options now; what exists keeps what it was made with.
    options: ArcSwap<TcpOptions>,
    /// The addresses of the listening sockets, by identity.
    homes: Vec<IpAddr>,
    /// Connections accepted whose PROXY header has not come yet.
    greeting: AtomicUsize,
    handle: Handle,
    inbound: Arc<dyn Inbound>,
    framer: Arc<dyn Framer>,
    table: Table,
    tallies: Tallies,
    /// Bytes waiting in all queues together.
    queued: AtomicUsize,
    next_id: AtomicU64,
    epoch: Instant,
    live: Arc<Live>,
    listeners: Mutex<Vec<AbortHandle>>,
    stopping: AtomicBool,
}

impl Tcp {
    /// A table without connections.
    pub(crate) fn new(
        options: TcpOptions,
        homes: Vec<IpAddr>,
        handle: Handle,
        inbound: Arc<dyn Inbound>,
        framer: Arc<dyn Framer>,
    ) -> Arc<Self> {
        Arc::new(Self {
            table: Table::new(options.max_aliases),
            options: ArcSwap::from_pointee(options),
            homes,
            greeting: AtomicUsize::new(0),
            handle,
            inbound,
            framer,
            tallies: Tallies::default(),
            queued: AtomicUsize::new(0),
            next_id: AtomicU64::new(1),
            epoch: Instant::now(),
            live: Arc::default(),
            listeners: Mutex::default(),
            stopping: AtomicBool::new(false),
        })
    }

    /// Goes on with other options.
    pub(crate) fn change(&self, options: TcpOptions) {
        self.options.store(Arc::new(options));
    }

    /// Accepts connections on a bound listener.
    pub(crate) fn listen(
        self: &Arc<Self>,
        socket: SocketId,
        listener: TcpListener,
    ) -> std::io::Result<()> {
        let _context = self.handle.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let task = self
            .handle
            .spawn(accept::run(Arc::clone(self), socket, listener));
        self.listeners.lock().push(task.abort_handle());
        Ok(())
    }

    /// Closes listeners and connections: queues may drain until `limit`, then
    /// what is left is cut. Returns how many connections were cut.
    pub(crate) fn stop(&self, limit: Duration) -> usize {
        self.stopping.store(true, Ordering::Release);
        for listener in self.listeners.lock().drain(..) {
            listener.abort();
        }
        for conn in self.table.all() {
            conn.close_after_queue(CloseReason::Shutdown);
        }
        let left = self.live.wait(limit);
        if left > 0 {
            for conn in self.table.all() {
                conn.request_close(CloseReason::Shutdown);
            }
            self.live.wait(Duration::from_secs(1));
        }
        left
    }

    /// Makes another address of the peer's IP lead to the connection
    /// (`force_tcp_alias`). Returns false when the connection is gone,
    /// another one comes from that port, or it has too many aliases.
    pub(crate) fn add_alias(&self, id: ConnId, port: u16) -> bool {
        self.table.by_id(id).is_some_and(|conn| {
            self.table
                .add_alias(&conn, port, self.options.load().alias_taken)
        })
    }

    /// Closes a connection; with `flush`, after its queue is written.
    pub(crate) fn close(&self, id: ConnId, flush: bool) -> bool {
        let Some(conn) = self.table.by_id(id) else {
            return false;
        };
        if flush {
            conn.close_after_queue(CloseReason::Local);
        } else {
            conn.request_close(CloseReason::Local);
        }
        true
    }

    /// Gives a connection another idle lifetime, counted from now.
    pub(crate) fn set_lifetime(&self, id: ConnId, lifetime: Duration) -> bool {
        let Some(conn) = self.table.by_id(id) else {
            return false;
        };
        conn.set_lifetime(lifetime, self.now());
        true
    }

    /// The connection that a message to `peer` would use.
    pub(crate) fn find(
        &self,
        proto: Proto,
        peer: SocketAddr,
        socket: Option<SocketId>,
    ) -> Option<ConnInfo> {
        let conn = self.table.by_peer(proto, peer, &self.wanted(socket))?;
        Some(conn.info())
    }

    /// The facts about a connection.
    pub(crate) fn info(&self, id: ConnId) -> Option<ConnInfo> {
        Some(self.table.by_id(id)?.info())
    }

    /// All connections, oldest first.
    pub(crate) fn list(&self) -> Vec<ConnSnapshot> {
        let mut all: Vec<_> = self
            .table
            .all()
            .iter()
            .map(|conn| listing::snapshot(conn, &self.table, self.now()))
            .collect();
        all.sort_by_key(|snapshot| snapshot.info.id);
        all
    }

    /// The counters.
    pub(crate) fn counters(&self) -> TcpCounters {
        self.tallies
            .snapshot(self.table.len(), self.queued.load(Ordering::Relaxed))
    }

    /// Milliseconds since the table was made; the clock of all deadlines.
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A new connection, not in the table yet.
    fn new_connection(
        &self,
        proto: Proto,
        peer: SocketAddr,
        socket: Option<SocketId>,
        direction: Direction,
    ) -> Arc<Connection> {
        let id = ConnId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let lifetime = self.options.load().lifetime;
        let conn = Connection::new(id, proto, peer, socket, direction, lifetime);
        conn.touch(self.now());
        Arc::new(conn)
    }

    /// Whether the limits allow one more connection with this address.
    fn has_room(&self, peer: IpAddr) -> bool {
        let options = self.options.load();
        let open = self.table.len() + self.greeting.load(Ordering::Relaxed);
        let full = open >= options.max_connections;
        if full || self.stopping.load(Ordering::Acquire) {
            return false;
        }
        let per_ip = options.max_per_ip;
        per_ip == 0 || self.table.count_ip(peer) < per_ip
    }

    /// Which connections may be used for a socket.
    fn wanted(&self, socket: Option<SocketId>) -> Wanted<'_> {
        Wanted {
            socket,
            homes: &self.homes,
            socket_first: self.options.load().match_socket,
        }
    }

    /// The end of every connection, called by whoever owns it, its task once it
    /// has one: takes it out of the table and tells the caller.
    fn finish(&self, conn: &Arc<Connection>, reason: CloseReason) {
        self.table.remove(conn);
        let (lost, bytes) = conn.mark_closed();
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
        self.tallies.count_close(reason);
        for message in lost {
            self.inbound.undelivered(&Undelivered {
                token: message.token,
                conn: conn.id,
                proto: conn.proto,
                peer: conn.peer,
                reason,
            });
        }
        self.inbound.closed(&conn.info(), reason);
    }
}

impl std::fmt::Debug for Tcp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tcp")
            .field("connections", &self.table.len())
            .finish_non_exhaustive()
    }
}
