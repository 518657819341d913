//! The INVITE client transaction: one branch of a forwarded or locally made INVITE.
//!
//! ```text
//!                      add_branch: INVITE sent
//!      Timer A fires        |
//!      INVITE again +-----+ v
//!                   |   +---------+   Timer B: 408
//!                   +---| Calling |---------------------------+
//!                       +---------+                           |
//!            300-699: ACK |  |  | 2xx                         |
//!         +---------------+  |  +------------------+          |
//!         |                  | 1xx                 |          |
//!         |                  v                     |          v
//!         |            +------------+  Timer C: 408, CANCEL +---------+
//!         |            | Proceeding |---------------------->| Expired |--+ 300-699: ACK
//!         |            +------------+              |        +---------+<-+
//!         | 300-699: ACK |   ^ |   \ 2xx           |          | 2xx
//!         v              |   +-+ 1xx \             v          v
//!       +-----------+    |            \       +----------+ <--+
//!   +---| Completed |<---+             +----->| Accepted |---+ 2xx: pass on
//!   +-->+-----------+ ----------- 2xx ------->+----------+<--+
//!  300-699: ACK
//! ```
//!
//! Differences from the figure of RFC 3261 §17.1.1.2 with RFC 6026 §7.2, all Kamailio's: timers D and M are the wait timer
//! of the whole transaction; a branch that timed out stays (`Expired`), so that the replies to its CANCEL are
//! acknowledged; and a 2xx is passed on from every state, because a downstream proxy may have forked.

use crate::time::{Millis, Retransmit, Timing, Transport};
use crate::timer::Timer;

/// What the branch wants done with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Pass the reply on.
    Deliver,
    /// Acknowledge it and pass it on.
    AckAndDeliver,
    /// Acknowledge a repeated or unwanted final reply, which goes no further.
    AckAgain,
    /// Nothing.
    Absorb,
}

/// The states; each type holds the timers that run in it and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientInvite {
    Calling(Calling),
    Proceeding(Proceeding),
    Completed,
    Accepted,
    Expired,
}

/// The INVITE is out and nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calling {
    /// Timer A.
    retransmit: Option<Retransmit>,
    /// Timer B.
    timeout: Millis,
}

/// A provisional reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proceeding {
    /// Timer C.
    timeout: Millis,
    /// The largest provisional status so far.
    highest: u16,
}

/// When a provisional reply starts timer C anew (`restart_fr_on_each_reply`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartFr {
    /// Each provisional reply does, as RFC 3261 §16.7 asks.
    EachReply,
    /// Only the first, and each later one of 180 or more that exceeds those before it.
    IncreasingReply,
}

impl ClientInvite {
    pub(crate) fn start(now: Millis, timing: &Timing, transport: Transport) -> ClientInvite {
        ClientInvite::Calling(Calling {
            retransmit: Retransmit::start(now, timing, transport),
            timeout: now + timing.fr,
        })
    }

    /// A reply arrived. `canceled` says that the branch is being cancelled: its timer runs on unchanged then.
    pub(crate) fn on_reply(
        self,
        now: Millis,
        status: u16,
        timing: &Timing,
        restart: RestartFr,
        canceled: bool,
    ) -> (ClientInvite, Reaction) {
        use ClientInvite::{Accepted, Completed, Expired, Proceeding as InProceeding};
        match (self, status) {
            (_, ..100) => (self, Reaction::Absorb),
            (ClientInvite::Calling(calling), 100..=199) => {
                let timeout = if canceled {
                    calling.timeout
                } else {
                    now + timing.fr_inv
                };
                (
                    InProceeding(Proceeding {
                        timeout,
                        highest: status,
                    }),
                    Reaction::Deliver,
                )
            }
            (InProceeding(state), 100..=199) => (
                InProceeding(state.on_provisional(now, status, timing, restart, canceled)),
                Reaction::Deliver,
            ),
            (Completed | Accepted | Expired, 100..=199) => (self, Reaction::Absorb),
            (_, 200..=299) => (Accepted, Reaction::Deliver),
            (ClientInvite::Calling(_) | InProceeding(_), 300..) => {
                (Completed, Reaction::AckAndDeliver)
            }
            // An Accepted branch got a negative reply from another fork further downstream: it must still be acknowledged.
            (Completed | Accepted | Expired, 300..) => (self, Reaction::AckAgain),
        }
    }

    /// Lets timer A or B, C fire. The first value says whether to send the INVITE again.
    pub(crate) fn on_timer(&mut self, now: Millis, timing: &Timing) -> (bool, Option<Timer>) {
        match self {
            ClientInvite::Calling(calling) if now >= calling.timeout => {
                *self = ClientInvite::Expired;
                (false, Some(Timer::B))
            }
            ClientInvite::Calling(calling) => (
                calling
                    .retransmit
                    .as_mut()
                    .is_some_and(|r| r.fire(now, timing)),
                None,
            ),
            ClientInvite::Proceeding(proceeding) if now >= proceeding.timeout => {
                *self = ClientInvite::Expired;
                (false, Some(Timer::C))
            }
            _ => (false, None),
        }
    }

    /// Gives up waiting: no further retransmission, no timeout.
    pub(crate) fn expire(&mut self) {
        *self = ClientInvite::Expired;
    }

    /// Stops the timers: nothing is sent again, nothing times out.
    pub(crate) fn halt(&mut self) {
        match self {
            ClientInvite::Calling(calling) => {
                calling.retransmit = None;
                calling.timeout = Millis::NEVER;
            }
            ClientInvite::Proceeding(proceeding) => proceeding.timeout = Millis::NEVER,
            _ => {}
        }
    }

    /// Sends no further INVITE, but waits on for a reply (`cancel_b_method` 2).
    pub(crate) fn stop_retransmission(&mut self) {
        if let ClientInvite::Calling(calling) = self {
            calling.retransmit = None;
        }
    }

    /// Applies new intervals to the running timers, counted from `now`.
    pub(crate) fn retime(&mut self, now: Millis, old: &Timing, new: &Timing) {
        match self {
            ClientInvite::Calling(calling) => {
                if old.fr != new.fr {
                    calling.timeout = now + new.fr;
                }
                if let Some(retransmit) = &mut calling.retransmit {
                    retransmit.retime(old, new);
                }
            }
            ClientInvite::Proceeding(proceeding) if old.fr_inv != new.fr_inv => {
                proceeding.timeout = now + new.fr_inv;
            }
            _ => {}
        }
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self {
            ClientInvite::Calling(calling) => {
                let retransmit = calling.retransmit.map_or(Millis::NEVER, |r| r.deadline());
                Some(retransmit.min(calling.timeout))
            }
            ClientInvite::Proceeding(proceeding) => Some(proceeding.timeout),
            _ => None,
        }
    }
}

impl Proceeding {
    fn on_provisional(
        mut self,
        now: Millis,
        status: u16,
        timing: &Timing,
        restart: RestartFr,
        canceled: bool,
    ) -> Proceeding {
        let increasing = status >= 180 && status > self.highest;
        if !canceled && (increasing || restart == RestartFr::EachReply) {
            self.timeout = now + timing.fr_inv;
        }
        self.highest = self.highest.max(status);
        self
    }
}
