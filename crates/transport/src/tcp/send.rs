//! Sending on a connection from any thread, without ever blocking.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;

use super::{
    Tcp, connect,
    connection::{Connection, Outgoing, Pending, Phase},
    cork,
    counters::count,
    drain,
};
use crate::{CloseReason, ConnId, Direction, SendError, SocketId, Target, udp::outbox};

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The kernel has it.
    Written(ConnId),
    /// It waits for the peer to read.
    Queued(ConnId),
    /// It waits for the connection to be established.
    Connecting(ConnId),
}

/// Where a new connection comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    /// The listening socket that it belongs to.
    pub(crate) socket: Option<SocketId>,
    /// The address of that socket, to bind it to.
    pub(crate) bind: Option<SocketAddr>,
}

impl Tcp {
    /// Sends on the connection named in the target, or on one that leads to
    /// its peer, or on a new one from `origin`.
    pub(crate) fn send(
        self: &Arc<Self>,
        target: &Target,
        origin: &Origin,
        message: &[u8],
    ) -> Result<Outcome, SendError> {
        if let Some(id) = target.conn {
            match self.table.by_id(id) {
                Some(conn) => return self.send_on(&conn, target, message),
                None if !target.connect => return Err(SendError::NoSuchConnection(id)),
                None => {}
            }
        }
        if let Some(conn) =
            self.table
                .by_peer(target.proto, target.peer, &self.wanted(target.socket))
        {
            match self.send_on(&conn, target, message) {
                // It ended between looking and sending.
                Err(SendError::Closing(_)) if target.connect => {}
                result => return result,
            }
        }
        if !target.connect || !self.options.load().connects {
            return Err(SendError::NotConnected(target.peer));
        }
        self.send_on_new(target, origin, message)
    }

    /// What a connection to a peer is opened from.
    fn source(&self, peer: SocketAddr, origin: &Origin) -> Option<SocketAddr> {
        let options = self.options.load();
        let set = options.source[usize::from(peer.is_ipv6())];
        set.filter(|address| address.is_ipv4() == peer.is_ipv4())
            .map(|address| SocketAddr::new(address, 0))
            .or(origin.bind.filter(|_| options.reuse_port))
            .or(origin.bind.map(|home| SocketAddr::new(home.ip(), 0)))
    }

    fn send_on_new(
        self: &Arc<Self>,
        target: &Target,
        origin: &Origin,
        message: &[u8],
    ) -> Result<Outcome, SendError> {
        if !self.has_room(target.peer.ip()) {
            count(&self.tallies.local_reject);
            return Err(SendError::TooManyConnections);
        }
        let conn = self.new_connection(
            target.proto,
            target.peer,
            origin.socket,
            Direction::Connected,
        );
        if let Some(found) = self.table.insert_or_find(&conn, &self.wanted(conn.socket)) {
            return self.send_on(&found, target, message);
        }
        // What the system knows at once, such as that nobody listens on this
        // machine, the sender learns at once.
        let source = self.source(conn.peer, origin);
        let stream = match connect::begin(conn.peer, source, &self.options.load()) {
            Ok(stream) => stream,
            Err(error) => {
                self.finish(&conn, CloseReason::ConnectFailed(error.kind()));
                return Err(error.into());
            }
        };
        let outcome = self.send_on(&conn, target, message);
        let task = connect::run(Arc::clone(self), conn, stream, self.live.enter());
        self.handle.spawn(task);
        outcome
    }

    /// Writes what the kernel takes at once and queues the rest; all of it
    /// waits in the queue while a batch of messages is handled.
    pub(super) fn send_on(
        self: &Arc<Self>,
        conn: &Arc<Connection>,
        target: &Target,
        message: &[u8],
    ) -> Result<Outcome, SendError> {
        let mut outgoing = conn.outgoing.lock();
        if outgoing.phase == Phase::Closed || outgoing.then_close.is_some() {
            return Err(SendError::Closing(conn.id));
        }
        let is_corked = cork::is_on();
        let waits = is_corked
            && outgoing.queued + message.len() <= cork::MOST
            && self.fits(&outgoing, message.len());
        // What this causes must not come before the datagrams that were sent earlier, as the answer
        // of a fast callee before our own 100. What this thread writes itself comes after them.
        let is_written_here =
            waits && outgoing.phase == Phase::Open && (!outgoing.draining || cork::has(conn));
        if !is_written_here {
            outbox::flush();
        }
        if is_corked && !waits && !outgoing.queue.is_empty() {
            drop(outgoing);
            cork::flush();
            outgoing = conn.outgoing.lock();
        }
        let mut written = 0;
        if outgoing.phase == Phase::Open && outgoing.queue.is_empty() && !waits {
            match write_now(conn, message) {
                Ok(bytes) => written = bytes,
                Err(error) => {
                    drop(outgoing);
                    conn.request_close(CloseReason::Reset);
                    return Err(error.into());
                }
            }
        }
        if written > 0 {
            conn.touch(self.now());
        }
        let rest = &message[written..];
        if !rest.is_empty() {
            // A message of which a part is written must be finished, or the
            // stream would be broken for all that follow.
            if written == 0 && !self.fits(&outgoing, rest.len()) {
                count(&self.tallies.sendq_full);
                return Err(SendError::QueueFull(conn.id));
            }
            self.enqueue(conn, &mut outgoing, rest, target.token);
        }
        let outcome = match (rest.is_empty(), outgoing.phase) {
            (true, _) => Outcome::Written(conn.id),
            (false, Phase::Connecting) => Outcome::Connecting(conn.id),
            (false, _) => Outcome::Queued(conn.id),
        };
        drop(outgoing);
        if target.close_after {
            conn.close_after_queue(CloseReason::Local);
        }
        Ok(outcome)
    }

    /// Whether the bounds allow queueing more. An empty queue takes any one
    /// message, or a bound below the message size would stop all traffic.
    fn fits(&self, outgoing: &Outgoing, more: usize) -> bool {
        let options = self.options.load();
        let own = outgoing.queued.saturating_add(more);
        let all = self.queued.load(Ordering::Relaxed).saturating_add(more);
        (outgoing.queue.is_empty() || own <= options.queue_per_connection)
            && all <= options.queue_total
    }

    fn enqueue(
        self: &Arc<Self>,
        conn: &Arc<Connection>,
        outgoing: &mut Outgoing,
        rest: &[u8],
        token: Option<u128>,
    ) {
        outgoing.queue.push_back(Pending {
            bytes: Bytes::copy_from_slice(rest),
            token,
        });
        outgoing.queued += rest.len();
        self.queued.fetch_add(rest.len(), Ordering::Relaxed);
        if outgoing.phase == Phase::Open && !outgoing.draining {
            outgoing.draining = true;
            if cork::is_on() {
                return cork::take_over(self, conn);
            }
            let task = drain::run(Arc::clone(self), Arc::clone(conn));
            self.handle.spawn(task);
        }
    }
}

/// How many bytes the kernel took; 0 when it would block.
fn write_now(conn: &Connection, message: &[u8]) -> io::Result<usize> {
    let Some(stream) = conn.stream() else {
        return Ok(0);
    };
    match stream.try_write(message) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}
