//! Datagrams that wait until the batch in work is done: what a thread sends
//! while it handles several messages, be they datagrams or from a stream,
//! leaves in one system call, and wakes its receivers once.
//!
//! Whoever sends must learn at once that nothing can be sent to a place. So
//! only datagrams to peers that were reached before wait here; one that is
//! refused when the box is emptied is lost as it could be on its way, and the
//! next one to that peer is tried at once again.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    os::fd::AsFd,
    sync::{Arc, atomic::Ordering},
};

use ahash::RandomState;
use socket2::SockAddr;

use super::{UdpSocket, batch::SendBatch};
use crate::SocketId;

/// The most datagrams that wait.
const MOST: usize = 64;
/// Longer ones may be too long for the path, which their sender must know.
const LONGEST: usize = 1300;
/// How many sets of remembered peers there are, as a power of two.
const SETS_BITS: u32 = 12;
/// How many peers a set remembers, half a cache line; one more drives one out.
const SET_SIZE: usize = 4;

thread_local! {
    static OUTBOX: RefCell<Option<Outbox>> = const { RefCell::new(None) };
}

/// The waiting datagrams of one thread, all from one socket.
struct Outbox {
    is_open: bool,
    socket: Option<Arc<UdpSocket>>,
    letters: Vec<Letter>,
    bytes: Vec<u8>,
    batch: SendBatch,
    reached: Reached,
}

struct Letter {
    to: SocketAddr,
    name: SockAddr,
    start: usize,
    end: usize,
}

/// Lets what this thread sends during the call wait for its end.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> T {
    open();
    let result = work();
    OUTBOX.with_borrow_mut(|outbox| {
        if let Some(outbox) = outbox {
            outbox.flush();
            outbox.is_open = false;
        }
    });
    result
}

/// Lets what this thread sends wait for a [`flush`].
pub(super) fn open() {
    OUTBOX.with_borrow_mut(|outbox| outbox.get_or_insert_with(Outbox::new).is_open = true);
}

/// Takes a datagram; false if it has to be sent at once.
pub(super) fn post(socket: &Arc<UdpSocket>, to: SocketAddr, message: &[u8]) -> bool {
    OUTBOX.with_borrow_mut(|outbox| {
        let Some(outbox) = outbox.as_mut().filter(|outbox| outbox.is_open) else {
            return false;
        };
        if message.len() > LONGEST || !outbox.reached.has(socket.id, to) {
            // Nothing overtakes what was sent before.
            outbox.flush();
            return false;
        }
        outbox.post(socket, to, message);
        true
    })
}

/// Notes that a peer can be sent to.
pub(super) fn reached(socket: SocketId, peer: SocketAddr) {
    OUTBOX.with_borrow_mut(|outbox| {
        if let Some(outbox) = outbox {
            outbox.reached.add(socket, peer);
        }
    });
}

/// Sends what waits.
pub(crate) fn flush() {
    OUTBOX.with_borrow_mut(|outbox| {
        if let Some(outbox) = outbox {
            outbox.flush();
        }
    });
}

impl Outbox {
    fn new() -> Self {
        Self {
            is_open: false,
            socket: None,
            letters: Vec::with_capacity(MOST),
            bytes: Vec::new(),
            batch: SendBatch::default(),
            reached: Reached::new(),
        }
    }

    fn post(&mut self, socket: &Arc<UdpSocket>, to: SocketAddr, message: &[u8]) {
        let is_same = self.socket.as_ref().is_some_and(|s| s.id == socket.id);
        if !is_same || self.letters.len() == MOST {
            self.flush();
            self.socket = Some(Arc::clone(socket));
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(message);
        self.letters.push(Letter {
            to,
            name: to.into(),
            start,
            end: self.bytes.len(),
        });
    }

    fn flush(&mut self) {
        let Some(socket) = self.socket.take() else {
            return;
        };
        let mut done = 0;
        while let Some(rest) = self.letters.get(done..).filter(|rest| !rest.is_empty()) {
            let datagrams = rest
                .iter()
                .map(|letter| (&letter.name, &self.bytes[letter.start..letter.end]));
            match self.batch.send(socket.socket.as_fd(), datagrams) {
                Ok(sent) => {
                    socket
                        .tallies
                        .sent
                        .fetch_add(sent as u64, Ordering::Relaxed);
                    done += sent.max(1);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    socket.note_failure(&error);
                    self.reached.remove(socket.id, rest[0].to);
                    done += 1;
                }
            }
        }
        self.letters.clear();
        self.bytes.clear();
    }
}

/// The peers that can be sent to, by hashes that nobody can foresee: 64 bits of
/// them are as good as the address.
struct Reached {
    hasher: RandomState,
    sets: Vec<[u64; SET_SIZE]>,
}

impl Reached {
    fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            sets: vec![[0; SET_SIZE]; 1 << SETS_BITS],
        }
    }

    fn has(&self, socket: SocketId, peer: SocketAddr) -> bool {
        let hash = self.hash(socket, peer);
        self.sets[set_of(hash)].contains(&hash)
    }

    fn add(&mut self, socket: SocketId, peer: SocketAddr) {
        let hash = self.hash(socket, peer);
        let set = &mut self.sets[set_of(hash)];
        if set.contains(&hash) {
            return;
        }
        let free = set.iter().position(|known| *known == 0);
        // Bit 0 is always set.
        set[free.unwrap_or((hash >> 1) as usize % SET_SIZE)] = hash;
    }

    fn remove(&mut self, socket: SocketId, peer: SocketAddr) {
        let hash = self.hash(socket, peer);
        for known in &mut self.sets[set_of(hash)] {
            if *known == hash {
                *known = 0;
            }
        }
    }

    fn hash(&self, socket: SocketId, peer: SocketAddr) -> u64 {
        // 0 stands for nobody.
        self.hasher.hash_one((socket, peer)) | 1
    }
}

fn set_of(hash: u64) -> usize {
    (hash >> (64 - SETS_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Protocol, Socket, Type};

    use super::*;
    use crate::testing::{PATIENCE, Rig};
    use crate::{ListenAddress, Proto, Target};

    fn ours() -> Arc<UdpSocket> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        Arc::new(UdpSocket::new(SocketId(0), socket, None))
    }

    fn peer() -> (std::net::UdpSocket, SocketAddr) {
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let addr = peer.local_addr().unwrap();
        (peer, addr)
    }

    fn next(peer: &std::net::UdpSocket) -> Vec<u8> {
        let mut buf = [0; 2000];
        let (length, _) = peer.recv_from(&mut buf).unwrap();
        buf[..length].to_vec()
    }

    #[test]
    fn what_is_sent_keeps_its_order() {
        let (socket, (peer, addr)) = (ours(), peer());
        open();
        let long = [b'l'; LONGEST + 1];
        let messages = [&b"first"[..], b"second", b"third", &long, b"last"];
        for message in messages {
            socket.send_to(addr, message).unwrap();
        }
        assert_eq!(socket.counters().sent, 4, "the last one waits");
        flush();
        assert_eq!(socket.counters().sent, 5);
        for message in messages {
            assert_eq!(next(&peer), message);
        }
    }

    /// What goes by a stream may be answered before this thread's batch is done.
    #[test]
    fn a_stream_overtakes_nothing() {
        let rig = Rig::new(Proto::Tcp, |config| {
            let udp = ListenAddress::new(Proto::Udp, "127.0.0.1:0".parse().unwrap());
            config.listen.push(udp);
        });
        let (peer, addr) = peer();
        let (_client, conn) = rig.dial();
        let datagram = Target::new(Proto::Udp, addr);
        open();
        rig.transport.send(&datagram, b"at once").unwrap();
        rig.transport.send(&datagram, b"waits").unwrap();
        assert_eq!(next(&peer), b"at once");
        let stream = Target {
            conn: Some(conn),
            ..Target::new(Proto::Tcp, rig.addr())
        };
        rig.transport.send(&stream, b"by stream\n").unwrap();
        assert_eq!(next(&peer), b"waits");
    }

    #[test]
    fn what_a_call_sends_leaves_at_its_end() {
        let (socket, (peer, addr)) = (ours(), peer());
        during(|| {
            socket.send_to(addr, b"at once").unwrap();
            socket.send_to(addr, b"waits").unwrap();
            assert_eq!(socket.counters().sent, 1);
        });
        assert_eq!(socket.counters().sent, 2);
        socket.send_to(addr, b"nothing to wait for").unwrap();
        assert_eq!(socket.counters().sent, 3);
        for message in [&b"at once"[..], b"waits", b"nothing to wait for"] {
            assert_eq!(next(&peer), message);
        }
    }

    #[test]
    fn as_many_peers_as_two_receiving_threads_serve_are_remembered() {
        let mut reached = Reached::new();
        let peers: Vec<SocketAddr> = (0..2000)
            .map(|port| SocketAddr::from(([127, 0, 0, 1], 20_000 + port)))
            .collect();
        for peer in &peers {
            reached.add(SocketId(0), *peer);
        }
        let known = |reached: &Reached| {
            let is_known = |peer: &&SocketAddr| reached.has(SocketId(0), **peer);
            peers.iter().filter(is_known).count()
        };
        assert!(known(&reached) > 1950, "{}", known(&reached));
        for peer in &peers {
            reached.remove(SocketId(0), *peer);
        }
        assert_eq!(known(&reached), 0);
    }

    #[test]
    fn more_than_fit_leave_early() {
        let (socket, (peer, addr)) = (ours(), peer());
        open();
        for number in 0..MOST + 2 {
            socket.send_to(addr, number.to_string().as_bytes()).unwrap();
        }
        assert_eq!(socket.counters().sent, 1 + MOST as u64);
        flush();
        for number in 0..MOST + 2 {
            assert_eq!(next(&peer), number.to_string().as_bytes());
        }
    }

    #[test]
    fn a_peer_never_reached_is_tried_at_once() {
        let (socket, (peer, addr)) = (ours(), peer());
        open();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        assert!(socket.send_to(nowhere, b"x").is_err());
        // As if it had been there once: its loss does not hold up the others.
        reached(socket.id, nowhere);
        socket.send_to(addr, b"at once").unwrap();
        socket.send_to(nowhere, b"x").unwrap();
        socket.send_to(addr, b"behind it").unwrap();
        flush();
        assert_eq!(next(&peer), b"at once");
        assert_eq!(next(&peer), b"behind it");
        assert_eq!(socket.counters().send_errors, 2);
        assert!(socket.send_to(nowhere, b"x").is_err(), "forgotten again");
    }
}
