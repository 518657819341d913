//! Reading a connection: filling the buffer, cutting it into messages, and
//! watching for the end.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{net::TcpStream, time::Instant};

use super::{Tcp, connection::Connection, cork, counters::count, framer::Frame};
use crate::{CloseReason, ConnInfo, Target};

/// Room made for each read.
const READ_CHUNK: usize = 4096;
/// Reads in a row before other connections get their turn.
const READS_IN_A_ROW: usize = 16;

/// The bytes received and not yet handed on.
#[derive(Default)]
struct Incoming {
    buffer: BytesMut,
    /// Bytes that the framer has already looked at in vain.
    seen: usize,
    /// Length before which the framer need not be asked again.
    at_least: usize,
}

/// Reads until the connection ends, and says why it does.
pub(super) async fn run(tcp: &Arc<Tcp>, conn: &Arc<Connection>) -> CloseReason {
    let Some(stream) = conn.stream() else {
        return CloseReason::Reset;
    };
    let info = conn.info();
    let mut incoming = Incoming::default();
    let idle = tokio::time::sleep_until(instant(tcp, conn.deadline()));
    tokio::pin!(idle);
    loop {
        tokio::select! {
            biased;
            () = conn.signal.notified() => {
                if let Some(reason) = conn.close_requested() {
                    return reason;
                }
                idle.as_mut().reset(instant(tcp, conn.deadline()));
            }
            ready = stream.readable() => {
                if ready.is_err() {
                    return CloseReason::Reset;
                }
                if let Err(reason) = receive(tcp, conn, &info, stream, &mut incoming) {
                    return reason;
                }
            }
            () = &mut idle => {
                // Traffic only moves the deadline; the timer follows when it
                // fires, so that a busy connection costs no timer at all.
                if conn.deadline() <= tcp.now() {
                    return CloseReason::Lifetime;
                }
                idle.as_mut().reset(instant(tcp, conn.deadline()));
            }
        }
    }
}

/// Takes what the kernel has and hands on the messages in it.
fn receive(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    info: &ConnInfo,
    stream: &TcpStream,
    incoming: &mut Incoming,
) -> Result<(), CloseReason> {
    for _ in 0..READS_IN_A_ROW {
        incoming.buffer.reserve(READ_CHUNK);
        let room = incoming.buffer.capacity() - incoming.buffer.len();
        match stream.try_read_buf(&mut incoming.buffer) {
            Ok(0) => return Err(CloseReason::PeerClosed),
            Ok(read) => {
                conn.touch(tcp.now());
                cork::during(|| hand_on(tcp, conn, info, incoming))?;
                if read < room {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(CloseReason::Reset),
        }
    }
    if incoming.buffer.is_empty() {
        // An idle connection holds no memory.
        incoming.buffer = BytesMut::new();
    }
    Ok(())
}

/// Cuts the buffer into messages and hands each to the caller, in order.
fn hand_on(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    info: &ConnInfo,
    incoming: &mut Incoming,
) -> Result<(), CloseReason> {
    let limit = tcp.options.max_message;
    while !incoming.buffer.is_empty() && incoming.buffer.len() >= incoming.at_least {
        let length = incoming.buffer.len();
        let frame = tcp.framer.frame(info, &incoming.buffer, incoming.seen);
        incoming.seen = 0;
        incoming.at_least = 0;
        match frame {
            Frame::NeedMore { at_least } => {
                if at_least > limit || length >= limit {
                    return Err(CloseReason::MessageTooBig);
                }
                incoming.seen = length;
                incoming.at_least = at_least.max(length + 1);
            }
            Frame::Message(bytes) if (1..=length).contains(&bytes) => {
                if bytes > limit {
                    return Err(CloseReason::MessageTooBig);
                }
                let message = incoming.buffer.split_to(bytes).freeze();
                let call = || tcp.inbound.stream(info, message);
                // A panic costs the message, not the connection.
                if catch_unwind(AssertUnwindSafe(call)).is_err() {
                    count(&tcp.tallies.panics);
                }
                if let Some(reason) = conn.close_requested() {
                    return Err(reason);
                }
            }
            Frame::Skip(bytes) if (1..=length).contains(&bytes) => incoming.buffer.advance(bytes),
            Frame::Keepalive { len, reply } if (1..=length).contains(&len) => {
                incoming.buffer.advance(len);
                // A peer that floods keepalives without reading the answers
                // loses the answers: the queue is bounded.
                let _ = tcp.send_on(conn, &Target::new(conn.proto, conn.peer), reply);
            }
            // Lengths beyond the buffer, or none at all, are as wrong as bytes
            // that the framer rejects.
            Frame::Message(_) | Frame::Skip(_) | Frame::Keepalive { .. } | Frame::Error => {
                return Err(CloseReason::Framing);
            }
        }
    }
    Ok(())
}

/// The point in time of a deadline in milliseconds.
fn instant(tcp: &Tcp, deadline: u64) -> Instant {
    /// A timer cannot reach further than this; it is set anew when it fires.
    const FAR: Duration = Duration::from_secs(86_400);
    let left = Duration::from_millis(deadline.saturating_sub(tcp.now()));
    Instant::now() + left.min(FAR)
}
