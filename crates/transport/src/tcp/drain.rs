//! Writing a queue, and the task that does so when the peer reads more slowly
//! than we send.

use std::{
    io::{self, IoSlice},
    sync::{Arc, atomic::Ordering},
};

use tokio::{net::TcpStream, time::timeout};

use super::{
    Tcp,
    connection::{Connection, Phase},
};
use crate::CloseReason;

/// Messages in one system call.
const AT_ONCE: usize = 16;

/// Where the queue stands after a round of writing.
pub(super) enum Progress {
    Empty,
    Blocked,
    Closed,
}

/// Writes until the queue is empty or the connection ends.
pub(super) async fn run(tcp: Arc<Tcp>, conn: Arc<Connection>) {
    let Some(stream) = conn.stream() else {
        return;
    };
    loop {
        match write_queue(&tcp, &conn, stream) {
            Progress::Empty | Progress::Closed => return,
            Progress::Blocked => {}
        }
        let limit = tcp.options.load().send_timeout;
        match timeout(limit, stream.writable()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return conn.request_close(CloseReason::Reset),
            Err(_) => return conn.request_close(CloseReason::SendTimeout),
        }
    }
}

/// Writes what the kernel takes, several messages in one system call.
pub(super) fn write_queue(tcp: &Tcp, conn: &Connection, stream: &TcpStream) -> Progress {
    let mut outgoing = conn.outgoing.lock();
    loop {
        if outgoing.phase == Phase::Closed {
            return Progress::Closed;
        }
        if outgoing.queue.is_empty() {
            outgoing.draining = false;
            let then_close = outgoing.then_close;
            drop(outgoing);
            if let Some(reason) = then_close {
                conn.request_close(reason);
            }
            return Progress::Empty;
        }
        let mut slices = [IoSlice::new(&[]); AT_ONCE];
        for (slice, pending) in slices.iter_mut().zip(&outgoing.queue) {
            *slice = IoSlice::new(&pending.bytes);
        }
        let count = outgoing.queue.len().min(AT_ONCE);
        match stream.try_write_vectored(&slices[..count]) {
            Ok(written) => {
                outgoing.written(written);
                tcp.queued.fetch_sub(written, Ordering::Relaxed);
                conn.touch(tcp.now());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Progress::Blocked,
            Err(_) => {
                drop(outgoing);
                conn.request_close(CloseReason::Reset);
                return Progress::Closed;
            }
        }
    }
}
