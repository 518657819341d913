//! Time passes: everything that is due by `now` happens.

use super::{Data, Decision, Transaction};
use crate::branch::{Branch, Cancel, Client};
use crate::client_invite::ClientInvite;
use crate::output::{BranchNo, Output, Outputs, Request, Response};
use crate::server_invite::Fired;
use crate::time::{Millis, Timing};
use crate::timer::Timer;

impl<D: Data> Transaction<D> {
    /// Lets every timer fire that is due. Calling it early does nothing; calling it late makes up for it once.
    pub fn on_timer(&mut self, now: Millis, outputs: &mut Outputs) {
        if now >= self.wait {
            outputs.push(Output::Terminated);
            return;
        }
        match self.server.on_timer(now, &self.timing) {
            Fired::Nothing => {}
            Fired::Retransmit => outputs.push(Output::Respond(Response::Retransmission)),
            Fired::NoAck => outputs.push(Output::NoAck(Timer::H)),
        }
        for (index, branch) in (0..).zip(&mut self.branches) {
            branch.on_timer(now, &self.timing, BranchNo(index), outputs);
        }
        if now >= self.lifetime {
            self.outlive(now, outputs);
        } else {
            self.settle(outputs);
        }
    }

    /// The transaction has been active for too long: what is pending has timed out, and a decision that nobody made is
    /// made here.
    fn outlive(&mut self, now: Millis, outputs: &mut Outputs) {
        self.outlived = true;
        self.holds = 0;
        for (index, branch) in (0..).zip(&mut self.branches) {
            if !branch.is_final() {
                branch.time_out(now, Timer::Lifetime, &self.timing, BranchNo(index), outputs);
            }
        }
        match self.decision {
            Decision::Open if self.winner().is_none() => {
                outputs.push(Output::Respond(Response::Local { status: 408 }));
                self.decide(now, 408, outputs);
            }
            Decision::Open => {
                // The failure route has one more interval to decide; then the winner goes upstream without it.
                self.lifetime = now + self.timing.wait.max(1);
                self.settle(outputs);
            }
            Decision::Asked => self.conclude(now, outputs),
            Decision::GivenUp | Decision::Made => self.lifetime = Millis::NEVER,
        }
    }
}

impl<B> Branch<B> {
    fn on_timer(&mut self, now: Millis, timing: &Timing, number: BranchNo, outputs: &mut Outputs) {
        if let Cancel::Sent(machine) = &mut self.cancel
            && machine.on_timer(now, timing).0
        {
            outputs.push(Output::Send {
                branch: number,
                what: Request::CancelRetransmission,
            });
        }
        let was_ringing = self.is_ringing();
        let (again, fired) = self.client.on_timer(now, timing);
        if again {
            outputs.push(Output::Send {
                branch: number,
                what: Request::Retransmission,
            });
        }
        if let Some(timer) = fired {
            self.give_up(now, timer, timing, number, was_ringing, outputs);
        }
    }

    fn time_out(
        &mut self,
        now: Millis,
        timer: Timer,
        timing: &Timing,
        number: BranchNo,
        outputs: &mut Outputs,
    ) {
        let was_ringing = self.is_ringing();
        self.give_up(now, timer, timing, number, was_ringing, outputs);
    }

    /// RFC 3261 §16.8: a branch that has answered provisionally is cancelled when it is given up.
    fn give_up(
        &mut self,
        now: Millis,
        timer: Timer,
        timing: &Timing,
        number: BranchNo,
        was_ringing: bool,
        outputs: &mut Outputs,
    ) {
        self.finish_locally(408);
        self.timed_out = true;
        outputs.push(Output::Timeout {
            branch: number,
            timer,
        });
        if was_ringing && !self.cancel_sent() {
            self.send_cancel(now, timing, number, outputs);
        }
    }

    fn is_ringing(&self) -> bool {
        matches!(self.client, Client::Invite(ClientInvite::Proceeding(_)))
    }
}
