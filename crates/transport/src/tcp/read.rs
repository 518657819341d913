//! Reading a connection: filling the buffer, cutting it into messages, and
//! watching for the end.

use std::{
    cell::Cell,
    future::poll_fn,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::tcp::OwnedReadHalf,
    time::Instant,
};

use super::{Tcp, connection::Connection, cork, counters::count, framer::Frame};
use crate::{CloseReason, ConnInfo, Target, udp::outbox};

/// The most that one read takes; who has more lets other connections have their turn.
const READ_SIZE: usize = 32 << 10;

thread_local! {
    /// What this thread reads into: a connection keeps only what is no whole message yet.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes received and not yet handed on.
#[derive(Default)]
struct Incoming {
    buffer: BytesMut,
    /// Bytes that the framer has already looked at in vain.
    seen: usize,
    /// Length before which the framer need not be asked again.
    at_least: usize,
}

/// Reads until the connection ends, and says why it does. `early` was read before.
pub(super) async fn run(tcp: &Arc<Tcp>, conn: &Arc<Connection>, early: &[u8]) -> CloseReason {
    let Some(mut reader) = conn.take_reader() else {
        return CloseReason::Reset;
    };
    let info = conn.info();
    let mut incoming = Incoming::default();
    if !early.is_empty()
        && let Err(reason) = cork::during(|| take(tcp, conn, &info, &mut incoming, early))
    {
        return reason;
    }
    let idle = tokio::time::sleep_until(instant(tcp, conn.deadline()));
    tokio::pin!(idle);
    let signal = conn.signal.notified();
    tokio::pin!(signal);
    loop {
        tokio::select! {
            biased;
            () = &mut signal => {
                signal.set(conn.signal.notified());
                if let Some(reason) = conn.close_requested() {
                    return reason;
                }
                idle.as_mut().reset(instant(tcp, conn.deadline()));
            }
            received = receive(tcp, conn, &info, &mut reader, &mut incoming) => match received {
                Ok(READ_SIZE) => tokio::task::yield_now().await,
                Ok(_) => {}
                Err(reason) => return reason,
            },
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

/// Waits until the kernel has something, takes it with one read and hands on the
/// messages in it. Says how much it was.
async fn receive(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    info: &ConnInfo,
    reader: &mut OwnedReadHalf,
    incoming: &mut Incoming,
) -> Result<usize, CloseReason> {
    let mut buffer = Vec::new();
    let read = poll_fn(|cx| {
        buffer = READ_BUFFER.take();
        buffer.resize(READ_SIZE, 0);
        let mut space = ReadBuf::new(&mut buffer);
        let polled = Pin::new(&mut *reader).poll_read(cx, &mut space);
        let filled = space.filled().len();
        if polled.is_pending() {
            READ_BUFFER.set(std::mem::take(&mut buffer));
        }
        polled.map_ok(|()| filled)
    })
    .await;
    // Nothing is waited for from here on: the buffer goes back to its thread.
    let result = match read {
        Ok(0) => Err(CloseReason::PeerClosed),
        Ok(read) => {
            conn.touch(tcp.now());
            let fresh = buffer.get(..read).unwrap_or_default();
            // Datagrams leave before what is corked, as they would one by one.
            let work = || outbox::during(|| take(tcp, conn, info, incoming, fresh));
            cork::during(work).map(|()| read)
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
        Err(_) => Err(CloseReason::Reset),
    };
    READ_BUFFER.set(buffer);
    result
}

/// Hands on the messages in what was left and what came now; keeps the rest.
fn take(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    info: &ConnInfo,
    incoming: &mut Incoming,
    fresh: &[u8],
) -> Result<(), CloseReason> {
    if incoming.buffer.is_empty() {
        let done = hand_on(tcp, conn, info, incoming, fresh)?;
        incoming.buffer.extend_from_slice(&fresh[done..]);
        return Ok(());
    }
    incoming.buffer.extend_from_slice(fresh);
    let whole = std::mem::take(&mut incoming.buffer);
    let done = hand_on(tcp, conn, info, incoming, &whole)?;
    incoming.buffer = whole;
    incoming.buffer.advance(done);
    if incoming.buffer.is_empty() {
        // An idle connection holds no memory.
        incoming.buffer = BytesMut::new();
    }
    Ok(())
}

/// Cuts bytes into messages and hands each to the caller, in order. Says how
/// many bytes are done with.
fn hand_on(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    info: &ConnInfo,
    incoming: &mut Incoming,
    bytes: &[u8],
) -> Result<usize, CloseReason> {
    let limit = tcp.options.load().max_message;
    let mut done = 0;
    loop {
        let rest = bytes.get(done..).unwrap_or_default();
        let length = rest.len();
        if length == 0 || length < incoming.at_least {
            return Ok(done);
        }
        let frame = tcp.framer.frame(info, rest, incoming.seen);
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
                // The one copy of a message: it takes no more memory than its length.
                let message = Bytes::copy_from_slice(&rest[..bytes]);
                let call = || tcp.inbound.stream(info, message);
                // A panic costs the message, not the connection.
                if catch_unwind(AssertUnwindSafe(call)).is_err() {
                    count(&tcp.tallies.panics);
                }
                if let Some(reason) = conn.close_requested() {
                    return Err(reason);
                }
                done += bytes;
            }
            Frame::Skip(bytes) if (1..=length).contains(&bytes) => done += bytes,
            Frame::Keepalive { len, reply } if (1..=length).contains(&len) => {
                done += len;
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
}

/// The point in time of a deadline in milliseconds.
fn instant(tcp: &Tcp, deadline: u64) -> Instant {
    /// A timer cannot reach further than this; it is set anew when it fires.
    const FAR: Duration = Duration::from_secs(86_400);
    let left = Duration::from_millis(deadline.saturating_sub(tcp.now()));
    Instant::now() + left.min(FAR)
}
