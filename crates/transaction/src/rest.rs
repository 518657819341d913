//! A transaction at rest: the final reply is out, its one branch is over, and nothing but the end of the wait state will
//! happen to it unless a message comes late. Most transactions spend nearly all their time so.

use crate::branch::{Branch, Cancel, Client};
use crate::client_invite::ClientInvite;
use crate::client_non_invite::ClientNonInvite;
use crate::server::Server;
use crate::server_invite::ServerInvite;
use crate::server_non_invite::ServerNonInvite;
use crate::time::{Millis, Timing, Transport};
use crate::transaction::{Data, Decision, Kind, Rules, Transaction};

/// What the machines of a transaction at rest were: enough to make them again, in little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    timing: Timing,
    created: Millis,
    wait: Millis,
    rules: Rules,
    /// Sent upstream.
    status: u16,
    is_invite: bool,
    transport: Transport,
    canceled: bool,
    outlived: bool,
    leg: u8,
    branch: BranchRest,
}

/// What is left of the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BranchRest {
    status: u16,
    transport: Transport,
    acked: bool,
    dropped: bool,
    leg: u8,
}

impl<D: Data> Transaction<D> {
    /// The state of the machines, if the transaction is at rest: a received request with one branch, which was answered
    /// (an INVITE with 2xx), and that answer is out.
    pub fn rest(&self) -> Option<Rest> {
        let [branch] = self.branches.as_slice() else {
            return None;
        };
        let (is_invite, status) = match (self.kind, self.server) {
            (Kind::Invite, Server::Invite(ServerInvite::Accepted { status })) => (true, status),
            (Kind::NonInvite, Server::NonInvite(ServerNonInvite::Completed { status })) => {
                (false, status)
            }
            _ => return None,
        };
        let is_over = matches!(
            branch.client,
            Client::Invite(ClientInvite::Accepted) | Client::NonInvite(ClientNonInvite::Completed)
        );
        let is_plain = branch.replied
            && !branch.timed_out
            && !branch.local
            && !branch.blind
            && branch.cancel == Cancel::No;
        let is_decided = self.decision == Decision::Made
            && self.holds == 0
            && self.lifetime == Millis::NEVER
            && self.wait != Millis::NEVER;
        (is_over && is_plain && is_decided).then_some(Rest {
            timing: self.timing,
            created: self.created,
            wait: self.wait,
            rules: self.rules,
            status,
            is_invite,
            transport: self.transport,
            canceled: self.canceled,
            outlived: self.outlived,
            leg: self.leg,
            branch: BranchRest {
                status: branch.status,
                transport: branch.transport,
                acked: branch.acked,
                dropped: branch.dropped,
                leg: branch.leg,
            },
        })
    }

    /// The transaction that was at rest, with what its owner kept.
    pub fn resumed(rest: Rest, data: D::Transaction, branch: D::Branch) -> Transaction<D> {
        let (kind, server, client) = if rest.is_invite {
            (
                Kind::Invite,
                Server::Invite(ServerInvite::Accepted {
                    status: rest.status,
                }),
                Client::Invite(ClientInvite::Accepted),
            )
        } else {
            (
                Kind::NonInvite,
                Server::NonInvite(ServerNonInvite::Completed {
                    status: rest.status,
                }),
                Client::NonInvite(ClientNonInvite::Completed),
            )
        };
        Transaction {
            data,
            kind,
            server,
            transport: rest.transport,
            timing: rest.timing,
            rules: rest.rules,
            decision: Decision::Made,
            canceled: rest.canceled,
            outlived: rest.outlived,
            holds: 0,
            leg: rest.leg,
            created: rest.created,
            lifetime: Millis::NEVER,
            wait: rest.wait,
            branches: [Branch {
                data: branch,
                client,
                cancel: Cancel::No,
                transport: rest.branch.transport,
                status: rest.branch.status,
                acked: rest.branch.acked,
                replied: true,
                timed_out: false,
                local: false,
                dropped: rest.branch.dropped,
                blind: false,
                leg: rest.branch.leg,
            }]
            .into_iter()
            .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BranchNo, Outputs};

    fn answered(kind: Kind, status: u16) -> Transaction<()> {
        let (at, udp) = (Millis(5), Transport::Unreliable);
        let rules = Rules::default();
        let mut transaction = Transaction::new(at, kind, udp, Timing::INVITE, rules, ());
        let branch = transaction.add_branch(at, udp, ()).unwrap();
        let mut outputs = Outputs::new();
        assert!(transaction.rest().is_none());
        transaction.on_reply(Millis(9), branch, status, &mut outputs);
        transaction.forward_reply(Millis(9), branch, status, &mut outputs);
        transaction.conclude(Millis(9), &mut outputs);
        transaction
    }

    #[test]
    fn what_rests_goes_on_as_it_would_have() {
        for kind in [Kind::Invite, Kind::NonInvite] {
            let mut stayed = answered(kind, 200);
            let rest = stayed.rest().unwrap();
            let mut rested = Transaction::<()>::resumed(rest, (), ());
            assert_eq!(rested.rest(), Some(rest));
            assert_eq!(rested.next_deadline(), stayed.next_deadline());
            let late = |t: &mut Transaction<()>| {
                let mut outputs = Outputs::new();
                t.on_request_retransmission(&mut outputs);
                t.on_reply(Millis(20), BranchNo(0), 200, &mut outputs);
                t.on_reply(Millis(21), BranchNo(0), 486, &mut outputs);
                t.on_timer(Millis(6000), &mut outputs);
                outputs
            };
            assert_eq!(late(&mut rested), late(&mut stayed));
        }
    }

    #[test]
    fn what_still_has_to_do_something_does_not_rest() {
        // The ACK of a negative reply is awaited.
        assert!(answered(Kind::Invite, 486).rest().is_none());
        // Nobody waits for a retransmission of what was made here.
        assert!(answered(Kind::LocalNonInvite, 200).rest().is_none());
        assert!(answered(Kind::NonInvite, 404).rest().is_some());
        assert!(answered(Kind::Invite, 180).rest().is_none());
    }
}
