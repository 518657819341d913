//! Counting what happens to connections.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::CloseReason;

/// What happened to connections so far, named after Kamailio's `tcp`
/// statistics where it has them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TcpCounters {
    /// Connections accepted (`passive_open`).
    pub passive_open: u64,
    /// Connections that we opened (`connect_success`).
    pub connect_success: u64,
    /// Attempts that failed (`connect_failed`).
    pub connect_failed: u64,
    /// Connections established, by either side (`established`).
    pub established: u64,
    /// Connections that the peer or the network broke (`con_reset`).
    pub con_reset: u64,
    /// Connections closed for being idle (`con_timeout`).
    pub con_timeout: u64,
    /// Connections closed because the peer did not read (`send_timeout`).
    pub send_timeout: u64,
    /// Messages refused because a queue was full (`sendq_full`).
    pub sendq_full: u64,
    /// Connections refused because of a limit (`local_reject`).
    pub local_reject: u64,
    /// Connections ended for any reason after they were established.
    pub closed: u64,
    /// Connections closed for bytes that are no message, or too long a one.
    pub bad_stream: u64,
    /// Handlers that panicked.
    pub panics: u64,
    /// Connections there are (`current_opened_connections`).
    pub current: usize,
    /// Bytes in all queues (`current_write_queue_size`).
    pub queued: usize,
}

#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) passive_open: AtomicU64,
    pub(super) connect_success: AtomicU64,
    connect_failed: AtomicU64,
    con_reset: AtomicU64,
    con_timeout: AtomicU64,
    send_timeout: AtomicU64,
    pub(super) sendq_full: AtomicU64,
    pub(super) local_reject: AtomicU64,
    closed: AtomicU64,
    bad_stream: AtomicU64,
    pub(super) panics: AtomicU64,
}

/// Adds one to a counter.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Tallies {
    /// Counts the end of a connection.
    pub(super) fn count_close(&self, reason: CloseReason) {
        match reason {
            CloseReason::ConnectFailed(_) | CloseReason::ConnectTimeout => {
                count(&self.connect_failed);
                return;
            }
            CloseReason::Reset => count(&self.con_reset),
            CloseReason::Lifetime => count(&self.con_timeout),
            CloseReason::SendTimeout => count(&self.send_timeout),
            CloseReason::Framing | CloseReason::MessageTooBig => count(&self.bad_stream),
            CloseReason::PeerClosed | CloseReason::Local | CloseReason::Shutdown => {}
        }
        count(&self.closed);
    }

    pub(super) fn snapshot(&self, current: usize, queued: usize) -> TcpCounters {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TcpCounters {
            passive_open: load(&self.passive_open),
            connect_success: load(&self.connect_success),
            connect_failed: load(&self.connect_failed),
            established: load(&self.passive_open) + load(&self.connect_success),
            con_reset: load(&self.con_reset),
            con_timeout: load(&self.con_timeout),
            send_timeout: load(&self.send_timeout),
            sendq_full: load(&self.sendq_full),
            local_reject: load(&self.local_reject),
            closed: load(&self.closed),
            bad_stream: load(&self.bad_stream),
            panics: load(&self.panics),
            current,
            queued,
        }
    }
}
