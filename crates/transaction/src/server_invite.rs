//! The INVITE server transaction: the side that faces the caller.
//!
//! ```text
//!                     INVITE received
//!                          |
//!                          v            INVITE again: last reply, if any
//!                    +------------+<--+
//!                    | Proceeding |---+ 1xx sent
//!                    +------------+
//!          300-699 sent |      | 2xx sent
//!                       |      +---------------------+
//!                       v                            v
//!  INVITE again,  +-----------+                +----------+<--+ INVITE again: last reply
//!  Timer G: +---->| Completed |                | Accepted |---+ another 2xx: passed on
//!  reply    +-----|           |                +----------+
//!                 +-----------+                     | wait timer
//!              ACK |        | Timer H               v
//!                  v        v                  (terminated)
//!            +-----------+ +---------+
//!            | Confirmed | | Unacked |--- wait timer --> (terminated)
//!            +-----------+ +---------+     (both: INVITE again: the reply)
//! ```
//!
//! RFC 3261 §17.2.1 with RFC 6026 §7.1. Timers I and L are the wait timer of the whole transaction. Kamailio starts it with
//! the final reply, not with the ACK, so that it usually ends the retransmission of an unacknowledged reply before timer H.

use crate::time::{Millis, Retransmit, Timing, Transport};

/// The states; each type holds the timers that run in it and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerInvite {
    Proceeding { last: u16 },
    Completed(Completed),
    Confirmed { status: u16 },
    Unacked { status: u16 },
    Accepted { status: u16 },
}

/// A negative final reply is out and the ACK is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Completed {
    status: u16,
    /// Timer G.
    retransmit: Option<Retransmit>,
    /// Timer H.
    timeout: Millis,
}

/// What a timer of the server side asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    Nothing,
    /// Timer G: send the reply again.
    Retransmit,
    /// Timer H: nobody acknowledged.
    NoAck,
}

impl ServerInvite {
    pub(crate) fn start() -> ServerInvite {
        ServerInvite::Proceeding { last: 0 }
    }

    /// A reply is being sent.
    pub(crate) fn on_response(
        self,
        now: Millis,
        status: u16,
        timing: &Timing,
        transport: Transport,
    ) -> ServerInvite {
        match (self, status) {
            (ServerInvite::Proceeding { .. }, ..200) => ServerInvite::Proceeding { last: status },
            (_, ..200) => self,
            (ServerInvite::Proceeding { .. }, 200..=299) => ServerInvite::Accepted { status },
            (ServerInvite::Proceeding { .. }, _) => ServerInvite::Completed(Completed {
                status,
                retransmit: Retransmit::start(now, timing, transport),
                timeout: now + timing.fr,
            }),
            // A 2xx that comes after a negative reply is passed on, yet that one still waits for its ACK.
            (_, _) => self,
        }
    }

    /// The ACK of a negative reply arrived; true if it is the first.
    pub(crate) fn on_ack(&mut self) -> bool {
        match self {
            ServerInvite::Completed(Completed { status, .. }) => {
                *self = ServerInvite::Confirmed { status: *status };
                true
            }
            _ => false,
        }
    }

    /// Lets timer G or H fire.
    pub(crate) fn on_timer(&mut self, now: Millis, timing: &Timing) -> Fired {
        let ServerInvite::Completed(completed) = self else {
            return Fired::Nothing;
        };
        if now >= completed.timeout {
            *self = ServerInvite::Unacked {
                status: completed.status,
            };
            return Fired::NoAck;
        }
        let again = completed
            .retransmit
            .as_mut()
            .is_some_and(|retransmit| retransmit.fire(now, timing));
        if again {
            Fired::Retransmit
        } else {
            Fired::Nothing
        }
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self {
            ServerInvite::Completed(completed) => {
                let retransmit = completed.retransmit.map_or(Millis::NEVER, |r| r.deadline());
                Some(retransmit.min(completed.timeout))
            }
            _ => None,
        }
    }

    /// Whether the ACK of a negative final reply has come.
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self, ServerInvite::Confirmed { .. })
    }

    /// The status of the last reply sent; 0 if there was none.
    pub(crate) fn last_status(&self) -> u16 {
        match *self {
            ServerInvite::Proceeding { last } => last,
            ServerInvite::Completed(Completed { status, .. })
            | ServerInvite::Confirmed { status }
            | ServerInvite::Unacked { status }
            | ServerInvite::Accepted { status } => status,
        }
    }
}
