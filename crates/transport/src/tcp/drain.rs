//! The task that writes a queue when the peer reads more slowly than we send.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use bytes::Buf;
use tokio::{net::TcpStream, time::timeout};

use super::{
    Tcp,
    connection::{Connection, Phase},
};
use crate::CloseReason;

/// Where the queue stands after a round of writing.
enum Progress {
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
        match timeout(tcp.options.send_timeout, stream.writable()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return conn.request_close(CloseReason::Reset),
            Err(_) => return conn.request_close(CloseReason::SendTimeout),
        }
    }
}

fn write_queue(tcp: &Tcp, conn: &Connection, stream: &TcpStream) -> Progress {
    let mut outgoing = conn.outgoing.lock();
    loop {
        if outgoing.phase == Phase::Closed {
            return Progress::Closed;
        }
        let Some(front) = outgoing.queue.front_mut() else {
            outgoing.draining = false;
            let then_close = outgoing.then_close;
            drop(outgoing);
            if let Some(reason) = then_close {
                conn.request_close(reason);
            }
            return Progress::Empty;
        };
        match stream.try_write(&front.bytes) {
            Ok(written) => {
                front.bytes.advance(written);
                if front.bytes.is_empty() {
                    outgoing.queue.pop_front();
                }
                outgoing.queued -= written;
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
