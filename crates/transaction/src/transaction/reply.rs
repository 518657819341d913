//! Replies: from downstream, made here, and the choice between those of a fork.

use super::{AlreadyReplied, Data, Decision, Transaction};
use crate::branch::{Branch, Cancel, Client};
use crate::client_invite::{ClientInvite, Reaction};
use crate::output::{BranchNo, Output, Outputs, Request, Response};
use crate::pick::priority;
use crate::time::Millis;

impl<D: Data> Transaction<D> {
    /// A reply to the request of a branch arrived. The machine acts on it at once (ACK, end of retransmission, buffered
    /// CANCEL); if it goes further, `Deliver` says so.
    pub fn on_reply(&mut self, now: Millis, number: BranchNo, status: u16, outputs: &mut Outputs) {
        let restart = self.rules.restart_fr;
        let Some(branch) = self.branches.get_mut(usize::from(number.0)) else {
            return;
        };
        let reaction = branch.on_reply(now, status, &self.timing, restart);
        branch.replied = true;
        if branch.wants_cancel_after(status) {
            branch.send_cancel(now, &self.timing, number, outputs);
        }
        match reaction {
            Reaction::Deliver => outputs.push(Output::Deliver {
                branch: number,
                status,
            }),
            Reaction::AckAndDeliver => {
                branch.acked = true;
                outputs.push(Output::Send {
                    branch: number,
                    what: Request::Ack,
                });
                outputs.push(Output::Deliver {
                    branch: number,
                    status,
                });
            }
            Reaction::AckAgain => {
                let what = if branch.acked {
                    Request::AckRetransmission
                } else {
                    Request::Ack
                };
                branch.acked = true;
                outputs.push(Output::Send {
                    branch: number,
                    what,
                });
            }
            Reaction::Absorb => {}
        }
    }

    /// A reply to the CANCEL of a branch arrived; it goes no further.
    pub fn on_cancel_reply(&mut self, now: Millis, number: BranchNo, status: u16) {
        let timing = self.timing;
        if let Some(branch) = self.branches.get_mut(usize::from(number.0))
            && let Cancel::Sent(machine) = branch.cancel
        {
            branch.cancel = Cancel::Sent(machine.on_reply(now, status, &timing).0);
        }
    }

    /// A delivered reply has passed the reply routes: forward it, or let it take part in the choice.
    pub fn forward_reply(
        &mut self,
        now: Millis,
        number: BranchNo,
        status: u16,
        outputs: &mut Outputs,
    ) {
        let Some(branch) = self.branches.get_mut(usize::from(number.0)) else {
            return;
        };
        // Reply routes of two threads may finish in another order than they began.
        if branch.status < 200 || (200..300).contains(&status) {
            branch.status = status;
            branch.local = false;
        }
        let replied = self.decision.is_over();
        let forward = Output::Respond(Response::Forward {
            branch: number,
            status,
        });
        match status {
            ..200 => {
                if !replied && (status != 100 || self.rules.relay_100) {
                    self.server
                        .on_response(now, status, &self.timing, self.transport);
                    outputs.push(forward);
                }
            }
            200..=299 if !replied => {
                outputs.push(forward);
                self.decide(now, status, outputs);
            }
            // RFC 6026 §7.1: every 2xx of an INVITE goes to the caller, who acknowledges each.
            200..=299 if self.kind.is_invite() => outputs.push(forward),
            200..=299 => {}
            600.. if !replied && !self.rules.disable_6xx_block => {
                self.cancel_pending(now, outputs);
                self.settle(outputs);
            }
            _ => self.settle(outputs),
        }
    }

    /// A branch failed here: its destination cannot be reached, or the script gave it up.
    pub fn on_branch_failure(&mut self, number: BranchNo, status: u16, outputs: &mut Outputs) {
        if let Some(branch) = self.branches.get_mut(usize::from(number.0))
            && !branch.is_final()
        {
            branch.finish_locally(status.max(300));
            self.settle(outputs);
        }
    }

    /// A reply made here is to be sent. A final one cancels what is pending.
    pub fn on_local_reply(
        &mut self,
        now: Millis,
        status: u16,
        outputs: &mut Outputs,
    ) -> Result<(), AlreadyReplied> {
        if self.decision == Decision::Made {
            return Err(AlreadyReplied);
        }
        outputs.push(Output::Respond(Response::Local { status }));
        if status < 200 {
            self.server
                .on_response(now, status, &self.timing, self.transport);
        } else {
            self.decide(now, status, outputs);
        }
        Ok(())
    }

    /// Ends the decision phase: unless a branch was added or a reply was sent since `AllBranchesFinal`, the winner's
    /// reply goes upstream now.
    pub fn conclude(&mut self, now: Millis, outputs: &mut Outputs) {
        if self.decision != Decision::Asked {
            return;
        }
        let Some(mut winner) = self.winner() else {
            return;
        };
        if winner.local && winner.status == 408 && self.canceled {
            winner.status = 487;
        }
        outputs.push(Output::Respond(Response::Final(winner)));
        self.decide(now, winner.status, outputs);
    }

    /// Asks for a decision if every branch is final.
    pub(super) fn settle(&mut self, outputs: &mut Outputs) {
        let ready = self.decision == Decision::Open && self.holds == 0;
        if ready
            && self.branches.iter().all(Branch::is_final)
            && let Some(winner) = self.winner()
        {
            self.decision = Decision::Asked;
            outputs.push(Output::AllBranchesFinal { winner });
        }
    }

    /// The final reply goes out: nothing else may be chosen, the rest is cancelled, the wait begins.
    pub(super) fn decide(&mut self, now: Millis, status: u16, outputs: &mut Outputs) {
        self.server
            .on_response(now, status, &self.timing, self.transport);
        self.retire(now);
        // A branch that gave no sign of life yet goes on being sent: a CANCEL may only follow one.
        self.cancel_pending(now, outputs);
    }

    /// Begins the wait state.
    pub(super) fn retire(&mut self, now: Millis) {
        self.decision = Decision::Made;
        self.lifetime = Millis::NEVER;
        self.wait = self.wait.min(now + self.timing.wait);
    }

    /// The rank of a final reply in the choice; the lowest wins.
    pub(super) fn rank(&self, branch: &Branch<D::Branch>) -> i32 {
        let penalty = if branch.local {
            self.rules.faked_reply_prio
        } else {
            0
        };
        priority(branch.status).saturating_add(penalty)
    }
}

impl<B> Branch<B> {
    /// Whether a CANCEL was waiting for this provisional reply. A branch that was given up before it gave any sign of
    /// life is cancelled when it gives one.
    fn wants_cancel_after(&self, status: u16) -> bool {
        let given_up = matches!(self.client, Client::Invite(ClientInvite::Expired));
        (100..200).contains(&status)
            && match self.cancel {
                Cancel::Buffered => true,
                Cancel::No => given_up,
                Cancel::Sent(_) => false,
            }
    }
}
