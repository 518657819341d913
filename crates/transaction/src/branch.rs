//! One branch: the client machine of the forwarded request, and that of its CANCEL.

use crate::client_invite::{ClientInvite, Reaction, RestartFr};
use crate::client_non_invite::ClientNonInvite;
use crate::time::{Millis, Timing, Transport};
use crate::timer::Timer;

/// The client machine of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Invite(ClientInvite),
    NonInvite(ClientNonInvite),
}

impl Client {
    pub(crate) fn on_timer(&mut self, now: Millis, timing: &Timing) -> (bool, Option<Timer>) {
        match self {
            Client::Invite(machine) => machine.on_timer(now, timing),
            Client::NonInvite(machine) => machine.on_timer(now, timing),
        }
    }

    pub(crate) fn expire(&mut self) {
        match self {
            Client::Invite(machine) => machine.expire(),
            Client::NonInvite(machine) => machine.expire(),
        }
    }

    pub(crate) fn halt(&mut self) {
        match self {
            Client::Invite(machine) => machine.halt(),
            Client::NonInvite(machine) => machine.halt(),
        }
    }

    pub(crate) fn retime(&mut self, now: Millis, old: &Timing, new: &Timing) {
        match self {
            Client::Invite(machine) => machine.retime(now, old, new),
            Client::NonInvite(machine) => machine.retime(now, old, new),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self {
            Client::Invite(machine) => machine.deadline(),
            Client::NonInvite(machine) => machine.deadline(),
        }
    }
}

/// How far cancelling a branch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// Nobody asked for it.
    No,
    /// It must wait for a provisional reply (RFC 3261 §9.1).
    Buffered,
    /// The CANCEL is out.
    Sent(ClientNonInvite),
}

/// One branch of a transaction, with what the owner of the table keeps for it.
pub struct Branch<B> {
    /// What the owner keeps per branch.
    pub data: B,
    pub(crate) client: Client,
    pub(crate) cancel: Cancel,
    pub(crate) transport: Transport,
    /// The last status that was handed to `forward_reply` or made here; 0 before.
    pub(crate) status: u16,
    pub(crate) acked: bool,
    pub(crate) replied: bool,
    pub(crate) timed_out: bool,
    pub(crate) local: bool,
    pub(crate) dropped: bool,
    /// Nothing was sent on it: it stands for a suspended script.
    pub(crate) blind: bool,
    /// Which round of serial forking made it.
    pub(crate) leg: u8,
}

impl<B> Branch<B> {
    /// The last status seen on the branch, or made here for it; 0 before any.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether a final status is known and has been handed to `forward_reply`.
    pub fn is_final(&self) -> bool {
        self.status >= 200
    }

    /// Whether any reply was ever received.
    pub fn was_replied(&self) -> bool {
        self.replied
    }

    /// Whether the branch ran into a timer.
    pub fn has_timed_out(&self) -> bool {
        self.timed_out
    }

    /// Whether the final status was made here.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Whether the branch is being cancelled.
    pub fn is_canceled(&self) -> bool {
        self.cancel != Cancel::No
    }

    /// Whether a CANCEL has been sent.
    pub fn cancel_sent(&self) -> bool {
        matches!(self.cancel, Cancel::Sent(_))
    }

    /// Whether `drop_replies` took its reply out of the choice.
    pub fn is_dropped(&self) -> bool {
        self.dropped
    }

    /// Whether it stands for a suspended script.
    pub fn is_blind(&self) -> bool {
        self.blind
    }

    /// Whether its final status takes part in the choice. What a script was suspended for does so only
    /// if it never went on.
    pub(crate) fn is_candidate(&self) -> bool {
        self.is_final() && (!self.blind || self.timed_out)
    }

    /// Whether the request still waits for a final reply.
    pub fn is_pending(&self) -> bool {
        matches!(
            self.client,
            Client::Invite(ClientInvite::Calling(_) | ClientInvite::Proceeding(_))
                | Client::NonInvite(ClientNonInvite::Trying(_) | ClientNonInvite::Proceeding(_))
        )
    }

    pub(crate) fn on_reply(
        &mut self,
        now: Millis,
        status: u16,
        timing: &Timing,
        restart: RestartFr,
    ) -> Reaction {
        let canceled = self.is_canceled();
        match &mut self.client {
            Client::Invite(machine) => {
                let (next, reaction) = machine.on_reply(now, status, timing, restart, canceled);
                *machine = next;
                reaction
            }
            Client::NonInvite(machine) => {
                let (next, reaction) = machine.on_reply(now, status, timing);
                *machine = next;
                reaction
            }
        }
    }

    /// Records a final status made here and stops the machine.
    pub(crate) fn finish_locally(&mut self, status: u16) {
        self.client.expire();
        self.status = status;
        self.local = true;
    }

    pub(crate) fn deadline(&self) -> Millis {
        let client = self.client.deadline().unwrap_or(Millis::NEVER);
        match &self.cancel {
            Cancel::Sent(machine) => client.min(machine.deadline().unwrap_or(Millis::NEVER)),
            Cancel::No | Cancel::Buffered => client,
        }
    }
}
