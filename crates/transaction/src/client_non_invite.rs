//! The non-INVITE client transaction: one branch of a forwarded or locally made request, or the CANCEL of an INVITE branch.
//!
//! ```text
//!                    request sent
//!   Timer E: again +-----+ |
//!   (T1, 2*T1 … T2)|     | v
//!                  |  +--------+  200-699: pass on
//!                  +--| Trying |-------------------+
//!                     +--------+                   |
//!                     1xx |   | Timer F: 408       v
//!                         v   +-----------+   +-----------+
//!                  +------------+         |   | Completed |--+ anything: absorb
//!   Timer E (T2) +-| Proceeding |---------|-->+-----------+<-+
//!                | +------------+ 200-699 |        ^
//!                +----^   | Timer F: 408  v        | 200-699: absorb
//!                         +---------> +---------+  |
//!                                     | Expired |--+
//!                                     +---------+
//! ```
//!
//! RFC 3261 §17.1.2.2; timer K is the wait timer of the whole transaction.

use crate::client_invite::Reaction;
use crate::time::{Millis, Retransmit, Timing, Transport};
use crate::timer::Timer;

/// The states; each type holds the timers that run in it and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientNonInvite {
    Trying(Waiting),
    Proceeding(Waiting),
    Completed,
    Expired,
}

/// No final reply came yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Timer E.
    retransmit: Option<Retransmit>,
    /// Timer F.
    timeout: Millis,
}

impl ClientNonInvite {
    pub(crate) fn start(now: Millis, timing: &Timing, transport: Transport) -> ClientNonInvite {
        ClientNonInvite::Trying(Waiting {
            retransmit: Retransmit::start(now, timing, transport),
            timeout: now + timing.fr,
        })
    }

    pub(crate) fn on_reply(
        self,
        now: Millis,
        status: u16,
        timing: &Timing,
    ) -> (ClientNonInvite, Reaction) {
        use ClientNonInvite::{Completed, Expired, Proceeding, Trying};
        match (self, status) {
            (_, ..100) => (self, Reaction::Absorb),
            (Trying(mut waiting), 100..=199) => {
                waiting.retransmit = waiting
                    .retransmit
                    .map(|_| Retransmit::continue_at_t2(now, timing));
                (Proceeding(waiting), Reaction::Deliver)
            }
            (Proceeding(_), 100..=199) => (self, Reaction::Deliver),
            (Trying(_) | Proceeding(_), _) => (Completed, Reaction::Deliver),
            (Completed | Expired, _) => (self, Reaction::Absorb),
        }
    }

    /// Lets timer E or F fire. The first value says whether to send the request again.
    pub(crate) fn on_timer(&mut self, now: Millis, timing: &Timing) -> (bool, Option<Timer>) {
        match self {
            ClientNonInvite::Trying(waiting) | ClientNonInvite::Proceeding(waiting) => {
                if now >= waiting.timeout {
                    *self = ClientNonInvite::Expired;
                    return (false, Some(Timer::F));
                }
                (
                    waiting
                        .retransmit
                        .as_mut()
                        .is_some_and(|r| r.fire(now, timing)),
                    None,
                )
            }
            ClientNonInvite::Completed | ClientNonInvite::Expired => (false, None),
        }
    }

    /// Gives up waiting: no further retransmission, no timeout.
    pub(crate) fn expire(&mut self) {
        *self = ClientNonInvite::Expired;
    }

    /// Stops the timers: nothing is sent again, nothing times out.
    pub(crate) fn halt(&mut self) {
        if let ClientNonInvite::Trying(waiting) | ClientNonInvite::Proceeding(waiting) = self {
            waiting.retransmit = None;
            waiting.timeout = Millis::NEVER;
        }
    }

    /// Applies new intervals to the running timers, counted from `now`.
    pub(crate) fn retime(&mut self, now: Millis, old: &Timing, new: &Timing) {
        if let ClientNonInvite::Trying(waiting) | ClientNonInvite::Proceeding(waiting) = self {
            if old.fr != new.fr {
                waiting.timeout = now + new.fr;
            }
            if let Some(retransmit) = &mut waiting.retransmit {
                retransmit.retime(old, new);
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self {
            ClientNonInvite::Trying(waiting) | ClientNonInvite::Proceeding(waiting) => {
                let retransmit = waiting.retransmit.map_or(Millis::NEVER, |r| r.deadline());
                Some(retransmit.min(waiting.timeout))
            }
            ClientNonInvite::Completed | ClientNonInvite::Expired => None,
        }
    }
}
