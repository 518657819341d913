//! Datagrams: receiving threads that block on the shared socket, and sending
//! from any thread.
//!
//! All threads of a socket block in the same receive call; the kernel wakes
//! one of them for each datagram, so one busy peer still loads every core.
//! Stopping costs nothing while running: `shutdown` for reading makes every
//! blocked receive return at once, and a flag read once per system call tells
//! the thread why.

mod batch;
pub(crate) mod outbox;
mod raw;
mod receive;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::{IpAddr, SocketAddr, SocketAddrV4},
    os::fd::AsFd,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use socket2::{SockAddr, Socket};

use crate::{Inbound, SendError, SocketId, live::Live, source_towards};

pub(crate) use raw::Raw;
pub use raw::RawOptions;

/// How datagrams are received.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UdpOptions {
    /// Receiving threads per socket.
    pub threads: usize,
    /// Datagrams taken in one system call, at most 64; what is sent meanwhile
    /// leaves together too. More saves calls under load; one lets idle threads
    /// help a busy one soonest.
    pub batch: usize,
    /// How long a receiving thread waits in vain before it says that it is
    /// idle.
    pub idle: Duration,
}

impl Default for UdpOptions {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            batch: 16,
            idle: Duration::from_secs(10),
        }
    }
}

/// What passed through a socket.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UdpCounters {
    /// Datagrams received.
    pub received: u64,
    /// Receive calls that failed.
    pub receive_errors: u64,
    /// Datagrams sent.
    pub sent: u64,
    /// Datagrams that the system refused.
    pub send_errors: u64,
    /// Datagrams not sent because the send buffer was full.
    pub send_blocked: u64,
    /// Handlers that panicked.
    pub panics: u64,
}

/// One bound datagram socket.
#[derive(Debug)]
pub(crate) struct UdpSocket {
    id: SocketId,
    socket: Socket,
    /// What sends as this socket cannot, if the system lets us.
    raw: Option<Arc<Raw>>,
    stopping: AtomicBool,
    tallies: Tallies,
}

#[derive(Debug, Default)]
struct Tallies {
    received: AtomicU64,
    receive_errors: AtomicU64,
    sent: AtomicU64,
    send_errors: AtomicU64,
    send_blocked: AtomicU64,
    panics: AtomicU64,
}

impl UdpSocket {
    /// Takes a bound socket.
    pub(crate) fn new(id: SocketId, socket: Socket, raw: Option<Arc<Raw>>) -> Self {
        Self {
            id,
            socket,
            raw,
            stopping: AtomicBool::new(false),
            tallies: Tallies::default(),
        }
    }

    /// Starts the receiving threads.
    pub(crate) fn start(
        self: &Arc<Self>,
        options: &UdpOptions,
        inbound: &Arc<dyn Inbound>,
        live: &Arc<Live>,
    ) -> io::Result<()> {
        self.socket.set_read_timeout(Some(options.idle))?;
        for index in 0..options.threads.max(1) {
            let (socket, inbound) = (Arc::clone(self), Arc::clone(inbound));
            let guard = live.enter();
            let batch = options.batch;
            std::thread::Builder::new()
                .name(format!("udp-{}.{index}", self.id.0))
                .spawn(move || {
                    receive::run(&socket, &*inbound, batch);
                    drop(guard);
                })?;
        }
        Ok(())
    }

    /// Makes the receiving threads return. Sending stays possible.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        // On a socket without a peer Linux reports ENOTCONN and yet wakes all
        // blocked readers, which is the effect wanted here.
        let _ = self.socket.shutdown(std::net::Shutdown::Read);
    }

    /// Sends without ever blocking: at once, or with what else the batch in
    /// work sends.
    pub(crate) fn send_to(
        self: &Arc<Self>,
        peer: SocketAddr,
        message: &[u8],
    ) -> Result<(), SendError> {
        let by_raw = match &self.raw {
            Some(raw) => raw.concerned(message.len()),
            None => None,
        };
        if by_raw.is_none() && outbox::post(self, peer, message) {
            return Ok(());
        }
        let sent = match by_raw {
            Some(options) => {
                // Nothing overtakes what was sent before.
                outbox::flush();
                self.send_by_raw(options, peer, message)
            }
            None => self.send_whole(peer, message),
        };
        match sent {
            Ok(()) => {
                self.tallies.sent.fetch_add(1, Ordering::Relaxed);
                outbox::reached(self.id, peer);
                Ok(())
            }
            Err(error) => {
                self.note_failure(&error);
                if error.kind() == io::ErrorKind::WouldBlock {
                    return Err(SendError::WouldBlock);
                }
                Err(error.into())
            }
        }
    }

    fn send_whole(&self, peer: SocketAddr, message: &[u8]) -> io::Result<()> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        let to = SockAddr::from(peer);
        let sent = self.socket.send_to_with_flags(message, &to, flags);
        sent.map(|_| ())
    }

    /// By the raw socket, if it can send to that peer and its packets are not too large for the
    /// interface, else by this one: the system cuts what it must.
    fn send_by_raw(&self, options: RawOptions, peer: SocketAddr, message: &[u8]) -> io::Result<()> {
        let way = self.raw.as_ref().zip(self.raw_way(peer));
        let Some((raw, (from, to))) = way else {
            return self.send_whole(peer, message);
        };
        match raw.send(options, from, to, message) {
            Err(error) if error.raw_os_error() == Some(libc::EMSGSIZE) => {
                self.send_whole(peer, message)
            }
            sent => sent,
        }
    }

    /// From where to where a raw socket would send for this one; groups have options of their own.
    fn raw_way(&self, peer: SocketAddr) -> Option<(SocketAddrV4, SocketAddrV4)> {
        let SocketAddr::V4(to) = peer else {
            return None;
        };
        if to.ip().is_multicast() {
            return None;
        }
        let own = self.socket.local_addr().ok()?.as_socket_ipv4()?;
        if raw::is_source(*own.ip()) {
            return Some((own, to));
        }
        match source_towards(peer)? {
            IpAddr::V4(source) => Some((SocketAddrV4::new(source, own.port()), to)),
            IpAddr::V6(_) => None,
        }
    }

    /// Sets how many routers datagrams may pass and whether they may be cut on their way, as a raw
    /// socket would send them, or else as given. Nothing but IPv4 is concerned.
    pub(crate) fn imitate_raw(
        &self,
        options: Option<RawOptions>,
        else_hops: u32,
        else_whole: bool,
    ) {
        // None of these values can be refused, but for 0, which the raw socket sends itself.
        let hops = options.map_or(else_hops, |options| u32::from(options.hops).max(1));
        let _ = self.socket.set_ttl_v4(hops);
        let _ = set_path_mtu_discovery(&self.socket, true, options.is_none() && else_whole);
    }

    /// How many routers datagrams over IPv4 may pass.
    pub(crate) fn hops(&self) -> Option<u32> {
        self.socket.ttl_v4().ok()
    }

    fn note_failure(&self, error: &io::Error) {
        let counter = match error.kind() {
            io::ErrorKind::WouldBlock => &self.tallies.send_blocked,
            _ => &self.tallies.send_errors,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What passed so far.
    pub(crate) fn counters(&self) -> UdpCounters {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        UdpCounters {
            received: load(&self.tallies.received),
            receive_errors: load(&self.tallies.receive_errors),
            sent: load(&self.tallies.sent),
            send_errors: load(&self.tallies.send_errors),
            send_blocked: load(&self.tallies.send_blocked),
            panics: load(&self.tallies.panics),
        }
    }
}

/// Sets whether datagrams may be fragmented on their way.
pub(crate) fn set_path_mtu_discovery(socket: &Socket, v4: bool, on: bool) -> io::Result<()> {
    batch::set_mtu_discover(socket.as_fd(), v4, on)
}
