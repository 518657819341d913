//! The side of a transaction that faces whoever sent the request: one of the two server machines, or nobody.

use crate::server_invite::{Fired, ServerInvite};
use crate::server_non_invite::ServerNonInvite;
use crate::time::{Millis, Timing, Transport};

/// The server machine of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Invite(ServerInvite),
    NonInvite(ServerNonInvite),
    /// The request was made here; a reply goes to its owner, who needs no retransmission.
    Local(ServerNonInvite),
}

impl Server {
    pub(crate) fn on_response(
        &mut self,
        now: Millis,
        status: u16,
        timing: &Timing,
        transport: Transport,
    ) {
        match self {
            Server::Invite(machine) => {
                *machine = machine.on_response(now, status, timing, transport)
            }
            Server::NonInvite(machine) | Server::Local(machine) => {
                *machine = machine.on_response(status)
            }
        }
    }

    pub(crate) fn on_ack(&mut self) -> bool {
        match self {
            Server::Invite(machine) => machine.on_ack(),
            Server::NonInvite(_) | Server::Local(_) => false,
        }
    }

    /// Whether a request that comes again gets the last reply again. It does even after the ACK of a negative reply, where
    /// RFC 3261 §17.2.1 would have it absorbed: Kamailio was seen to answer.
    pub(crate) fn answers_again(&self) -> bool {
        !matches!(self, Server::Local(_)) && self.last_status() != 0
    }

    pub(crate) fn on_timer(&mut self, now: Millis, timing: &Timing) -> Fired {
        match self {
            Server::Invite(machine) => machine.on_timer(now, timing),
            Server::NonInvite(_) | Server::Local(_) => Fired::Nothing,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Millis> {
        match self {
            Server::Invite(machine) => machine.deadline(),
            Server::NonInvite(_) | Server::Local(_) => None,
        }
    }

    pub(crate) fn is_acknowledged(&self) -> bool {
        match self {
            Server::Invite(machine) => machine.is_acknowledged(),
            Server::NonInvite(_) | Server::Local(_) => false,
        }
    }

    pub(crate) fn last_status(&self) -> u16 {
        match self {
            Server::Invite(machine) => machine.last_status(),
            Server::NonInvite(machine) | Server::Local(machine) => machine.last_status(),
        }
    }
}
