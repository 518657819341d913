//! One connection: its facts, its outgoing queue and its deadline.
//!
//! ```text
//!   Connecting ──established──▶ Open ──last byte, error, timer──▶ Closed
//!       └────────────refused, timeout────────────────────────────────┘
//! ```
//! Any thread may ask for the end of a connection; only its own task performs
//! it, so that no hook runs under the locks of a sender.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Buf, Bytes};
use parking_lot::Mutex;
use tokio::{
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

use crate::{CloseReason, ConnId, ConnInfo, Direction, Proto, SocketId};

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnId,
    pub(super) proto: Proto,
    pub(super) peer: SocketAddr,
    pub(super) socket: Option<SocketId>,
    direction: Direction,
    link: OnceLock<Link>,
    pub(super) outgoing: Mutex<Outgoing>,
    /// Wakes the connection's task: a close was asked for, or the deadline
    /// moved nearer.
    pub(super) signal: Notify,
    lifetime: AtomicU64,
    deadline: AtomicU64,
}

/// What exists once a connection is established.
#[derive(Debug)]
struct Link {
    /// Written to by whoever sends.
    writer: OwnedWriteHalf,
    /// Until the connection's task takes it.
    reader: Mutex<Option<OwnedReadHalf>>,
    local: SocketAddr,
}

/// The state that senders share.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) phase: Phase,
    pub(super) queue: VecDeque<Pending>,
    /// Bytes in `queue`.
    pub(super) queued: usize,
    /// Whether a task is draining the queue.
    pub(super) draining: bool,
    /// Close, for this reason, when the queue is empty.
    pub(super) then_close: Option<CloseReason>,
    /// Close now.
    close: Option<CloseReason>,
}

impl Outgoing {
    /// Takes bytes that the kernel has off the queue.
    pub(super) fn written(&mut self, mut bytes: usize) {
        self.queued -= bytes;
        while let Some(front) = self.queue.front_mut() {
            let step = bytes.min(front.bytes.len());
            front.bytes.advance(step);
            bytes -= step;
            if !front.bytes.is_empty() {
                return;
            }
            self.queue.pop_front();
        }
    }
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    Connecting,
    Open,
    Closed,
}

/// The unwritten rest of a message.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) bytes: Bytes,
    pub(super) token: Option<u128>,
}

impl Connection {
    pub(super) fn new(
        id: ConnId,
        proto: Proto,
        peer: SocketAddr,
        socket: Option<SocketId>,
        direction: Direction,
        lifetime: Duration,
    ) -> Self {
        Self {
            id,
            proto,
            peer,
            socket,
            direction,
            link: OnceLock::new(),
            outgoing: Mutex::new(Outgoing {
                phase: Phase::Connecting,
                queue: VecDeque::new(),
                queued: 0,
                draining: false,
                then_close: None,
                close: None,
            }),
            signal: Notify::new(),
            lifetime: AtomicU64::new(millis(lifetime)),
            deadline: AtomicU64::new(u64::MAX),
        }
    }

    /// Puts the established stream in place. The connection stays in its
    /// phase: the caller changes it with the queue under one lock.
    pub(super) fn attach(&self, stream: TcpStream, local: SocketAddr) {
        // A connection is established once; a second stream would be dropped.
        let (reader, writer) = stream.into_split();
        let _ = self.link.set(Link {
            writer,
            reader: Mutex::new(Some(reader)),
            local,
        });
    }

    /// What the connection's task reads from; once.
    pub(super) fn take_reader(&self) -> Option<OwnedReadHalf> {
        self.link.get()?.reader.lock().take()
    }

    /// The stream, once established.
    pub(super) fn stream(&self) -> Option<&TcpStream> {
        self.link.get().map(|link| link.writer.as_ref())
    }

    pub(super) fn info(&self) -> ConnInfo {
        let unspecified = if self.peer.is_ipv4() {
            SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0)
        } else {
            SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0)
        };
        ConnInfo {
            id: self.id,
            proto: self.proto,
            socket: self.socket,
            peer: self.peer,
            local: self.link.get().map_or(unspecified, |link| link.local),
            direction: self.direction,
        }
    }

    /// Something passed: the idle time begins anew.
    pub(super) fn touch(&self, now: u64) {
        let lifetime = self.lifetime.load(Ordering::Relaxed);
        self.deadline
            .store(now.saturating_add(lifetime), Ordering::Relaxed);
    }

    /// When the connection ends if nothing passes, in milliseconds.
    pub(super) fn deadline(&self) -> u64 {
        self.deadline.load(Ordering::Relaxed)
    }

    pub(super) fn set_lifetime(&self, lifetime: Duration, now: u64) {
        self.lifetime.store(millis(lifetime), Ordering::Relaxed);
        self.touch(now);
        self.signal.notify_one();
    }

    /// Asks the connection's task to end it; the first reason stays.
    pub(super) fn request_close(&self, reason: CloseReason) {
        let mut outgoing = self.outgoing.lock();
        outgoing.close.get_or_insert(reason);
        drop(outgoing);
        self.signal.notify_one();
    }

    /// Ends the connection when everything queued is written.
    pub(super) fn close_after_queue(&self, reason: CloseReason) {
        let mut outgoing = self.outgoing.lock();
        outgoing.then_close.get_or_insert(reason);
        if outgoing.queue.is_empty() {
            outgoing.close.get_or_insert(reason);
            drop(outgoing);
            self.signal.notify_one();
        }
    }

    /// The reason for which somebody asked to end the connection.
    pub(super) fn close_requested(&self) -> Option<CloseReason> {
        self.outgoing.lock().close
    }

    /// Ends the connection: no sender can use it any more. Returns the
    /// messages lost and the bytes that left the queue.
    pub(super) fn mark_closed(&self) -> (VecDeque<Pending>, usize) {
        let mut outgoing = self.outgoing.lock();
        outgoing.phase = Phase::Closed;
        let lost = std::mem::take(&mut outgoing.queue);
        let bytes = std::mem::take(&mut outgoing.queued);
        drop(outgoing);
        if let Some(stream) = self.stream() {
            // Wakes a draining task. The descriptor itself is closed when the
            // last holder of the connection lets go.
            let _ = socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Both);
        }
        (lost, bytes)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
