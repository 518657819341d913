//! The loop of a receiving thread.

use std::{
    io,
    os::fd::AsFd,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
    time::Duration,
};

use super::{UdpSocket, batch::Batch, outbox};
use crate::{Inbound, tcp::cork};

/// How long to wait after an error that may come at once again.
const ERROR_PAUSE: Duration = Duration::from_millis(10);

/// Receives until the socket is stopped; each datagram is handled to its end
/// before the next one, and what was sent meanwhile leaves with the last.
pub(super) fn run(socket: &UdpSocket, inbound: &dyn Inbound, size: usize) {
    let mut batch = Batch::new(size);
    outbox::open();
    loop {
        let received = batch.receive(socket.socket.as_fd());
        if socket.stopping.load(Ordering::Acquire) {
            return;
        }
        let is_idle = received.is_err();
        match received {
            Ok(taken) => cork::during(|| handle(socket, inbound, &batch, taken)),
            // Nothing came for a while.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {
                let errors = &socket.tallies.receive_errors;
                errors.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(ERROR_PAUSE);
            }
        }
        inbound.between(is_idle);
    }
}

fn handle(socket: &UdpSocket, inbound: &dyn Inbound, batch: &Batch, taken: usize) {
    let tallies = &socket.tallies;
    tallies.received.fetch_add(taken as u64, Ordering::Relaxed);
    for datagram in batch.datagrams(taken) {
        let Some(peer) = datagram.peer else {
            continue;
        };
        let call = || inbound.datagram(socket.id, peer, datagram.local, datagram.payload);
        // A thread lost to a panic would never come back; a message may.
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            tallies.panics.fetch_add(1, Ordering::Relaxed);
        }
    }
    outbox::flush();
}
