//! The simulated network: messages in flight, with delay, loss, duplication and reordering.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;

use bytes::Bytes;
use engine::socket::Proto;

/// How a link treats messages. UDP suffers all of it; streams only the delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Milliseconds from sender to receiver.
    pub delay: u64,
    /// Up to so many more, drawn for each message: reorders.
    pub jitter: u64,
    /// Share of messages lost, 0.0 to 1.0.
    pub loss: f64,
    /// Share of messages that arrive twice, 0.0 to 1.0.
    pub duplicate: f64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            delay: 1,
            jitter: 0,
            loss: 0.0,
            duplicate: 0.0,
        }
    }
}

/// A message on its way.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Flight {
    pub(crate) arrival: u64,
    /// Keeps the order of sending for equal arrival times.
    order: u64,
    pub(crate) proto: Proto,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Bytes,
}

/// All messages on their way.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
    pub(crate) link: Link,
}

impl Wire {
    /// Sends a message at a time; `dice` yields numbers from 0 to 1.
    pub(crate) fn send(
        &mut self,
        now: u64,
        proto: Proto,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &Bytes,
        mut dice: impl FnMut() -> f64,
    ) {
        let lossy = !proto.is_reliable();
        if lossy && dice() < self.link.loss {
            return;
        }
        let copies = if lossy && dice() < self.link.duplicate {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let jitter = if lossy {
                (dice() * self.link.jitter as f64) as u64
            } else {
                0
            };
            self.sent += 1;
            self.flights.push(Reverse(Flight {
                arrival: now + self.link.delay + jitter,
                order: self.sent,
                proto,
                from,
                to,
                bytes: bytes.clone(),
            }));
        }
    }

    /// The next message that has arrived by a time.
    pub(crate) fn arrived(&mut self, now: u64) -> Option<Flight> {
        if self.flights.peek()?.0.arrival > now {
            return None;
        }
        self.flights.pop().map(|r| r.0)
    }

    /// When the next message arrives.
    pub(crate) fn next_arrival(&self) -> Option<u64> {
        self.flights.peek().map(|f| f.0.arrival)
    }
}
