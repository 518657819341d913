//! Cancelling: the whole request, because the caller hung up, or single branches, because another one won.

use super::{CancelMode, Data, Transaction};
use crate::branch::{Branch, Cancel, Client};
use crate::client_invite::ClientInvite;
use crate::client_non_invite::ClientNonInvite;
use crate::output::{BranchNo, Output, Outputs, Request};
use crate::time::{Millis, Timing};

impl<D: Data> Transaction<D> {
    /// A CANCEL for this INVITE arrived: every pending branch is cancelled and no further one can be added. The answer
    /// to the CANCEL itself belongs to its own transaction.
    pub fn on_cancel(&mut self, now: Millis, outputs: &mut Outputs) {
        self.canceled = true;
        self.cancel_pending(now, outputs);
        self.settle(outputs);
    }

    /// Cancels one branch and leaves the others alone.
    pub fn cancel_branch(&mut self, now: Millis, number: BranchNo, outputs: &mut Outputs) {
        let mode = self.rules.cancel_mode;
        if let Some(branch) = self.branches.get_mut(usize::from(number.0)) {
            branch.cancel(now, mode, &self.timing, number, outputs);
        }
        self.settle(outputs);
    }

    /// Cancels every branch that still waits for a final reply.
    pub fn cancel_pending(&mut self, now: Millis, outputs: &mut Outputs) {
        let mode = self.rules.cancel_mode;
        for (index, branch) in (0..).zip(&mut self.branches) {
            branch.cancel(now, mode, &self.timing, BranchNo(index), outputs);
        }
    }
}

impl<B> Branch<B> {
    fn cancel(
        &mut self,
        now: Millis,
        mode: CancelMode,
        timing: &Timing,
        number: BranchNo,
        outputs: &mut Outputs,
    ) {
        let Client::Invite(machine) = &mut self.client else {
            return;
        };
        match (machine, mode) {
            _ if self.cancel != Cancel::No => {}
            (ClientInvite::Proceeding(_), _) => self.send_cancel(now, timing, number, outputs),
            (ClientInvite::Calling(_), CancelMode::FakeReply) => self.finish_locally(487),
            (ClientInvite::Calling(_), CancelMode::WaitForProvisional) => {
                self.cancel = Cancel::Buffered
            }
            (machine @ ClientInvite::Calling(_), CancelMode::SendAnyway) => {
                machine.stop_retransmission();
                self.send_cancel(now, timing, number, outputs);
            }
            (ClientInvite::Completed | ClientInvite::Accepted | ClientInvite::Expired, _) => {}
        }
    }

    pub(super) fn send_cancel(
        &mut self,
        now: Millis,
        timing: &Timing,
        number: BranchNo,
        outputs: &mut Outputs,
    ) {
        self.cancel = Cancel::Sent(ClientNonInvite::start(now, timing, self.transport));
        outputs.push(Output::Send {
            branch: number,
            what: Request::Cancel,
        });
    }
}
