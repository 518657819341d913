//! Points in time and the intervals of one transaction. The crate never asks a clock: callers pass `now`.

use std::ops::Add;

/// A point on the caller's monotonic clock, in milliseconds since an origin of the caller's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// Later than every deadline.
    pub const NEVER: Millis = Millis(u64::MAX);

    /// The milliseconds from `earlier` to `self`; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Millis) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u32> for Millis {
    type Output = Millis;

    fn add(self, interval: u32) -> Millis {
        Millis(self.0.saturating_add(u64::from(interval)))
    }
}

/// The intervals of one transaction in milliseconds; each is named after the tm parameter that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Timers B, F and H: no final reply, or no ACK (`fr_timer`).
    pub fr: u32,
    /// Timer C: no final reply after a provisional one (`fr_inv_timer`).
    pub fr_inv: u32,
    /// First retransmission interval, T1 (`retr_timer1`).
    pub retr_t1: u32,
    /// Largest retransmission interval, T2 (`retr_timer2`).
    pub retr_t2: u32,
    /// How long a finished transaction absorbs delayed messages (`wt_timer`).
    pub wait: u32,
    /// Longest active life of the whole transaction (`max_inv_lifetime` or `max_noninv_lifetime`).
    pub max_lifetime: u32,
}

impl Timing {
    /// Kamailio's defaults for an INVITE transaction.
    pub const INVITE: Timing = Timing {
        fr: 30_000,
        fr_inv: 120_000,
        retr_t1: 500,
        retr_t2: 4_000,
        wait: 5_000,
        max_lifetime: 180_000,
    };

    /// Kamailio's defaults for any other transaction.
    pub const NON_INVITE: Timing = Timing {
        max_lifetime: 32_000,
        ..Timing::INVITE
    };
}

/// A retransmission timer that doubles its interval up to T2 (timers A, E and G).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retransmit {
    at: Millis,
    interval: u32,
}

impl Retransmit {
    /// The timer that starts with T1; none when the transport repeats lost packets by itself.
    pub(crate) fn start(now: Millis, timing: &Timing, transport: Transport) -> Option<Retransmit> {
        match transport {
            Transport::Reliable => None,
            Transport::Unreliable => {
                let interval = timing.retr_t1.max(1);
                Some(Retransmit {
                    at: now + interval,
                    interval,
                })
            }
        }
    }

    /// The timer that continues at T2 (RFC 3261 §17.1.2.2, Proceeding).
    pub(crate) fn continue_at_t2(now: Millis, timing: &Timing) -> Retransmit {
        let interval = timing.retr_t2.max(1);
        Retransmit {
            at: now + interval,
            interval,
        }
    }

    /// Whether the timer fires now; if so, it is set again with the doubled interval.
    pub(crate) fn fire(&mut self, now: Millis, timing: &Timing) -> bool {
        if now < self.at {
            return false;
        }
        self.interval = self.interval.saturating_mul(2).min(timing.retr_t2).max(1);
        self.at = now + self.interval;
        true
    }

    /// Applies new intervals: what has not reached T2 begins again with T1, after the current interval.
    pub(crate) fn retime(&mut self, old: &Timing, new: &Timing) {
        self.interval = if self.interval < old.retr_t2 {
            new.retr_t1 / 2
        } else {
            new.retr_t2
        };
    }

    pub(crate) fn deadline(&self) -> Millis {
        self.at
    }
}

/// Whether the transport repeats lost packets by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP, TLS, SCTP, WebSocket.
    Reliable,
    /// UDP.
    Unreliable,
}
