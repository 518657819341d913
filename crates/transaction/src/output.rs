//! The one door through which a transaction acts on the world: it lists what to do, the caller does it.

use smallvec::SmallVec;

use crate::timer::Timer;

/// The number of a branch within its transaction: the last part of the `branch` parameter it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchNo(pub u8);

/// What one step asks the caller to do, in order.
pub type Outputs = SmallVec<[Output; 6]>;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a request downstream on a branch.
    Send {
        /// The branch whose destination and buffers to use.
        branch: BranchNo,
        /// What to send.
        what: Request,
    },
    /// Send a reply upstream (or, for a local transaction, tell its owner).
    Respond(Response),
    /// A reply is to run through the reply routes and then be handed to `forward_reply`.
    Deliver {
        /// Where the reply came from.
        branch: BranchNo,
        /// Its status.
        status: u16,
    },
    /// A branch got no final reply in time. From now on it counts as one that answered 408.
    Timeout {
        /// The branch that timed out.
        branch: BranchNo,
        /// The timer that fired: B, C or F, or `Lifetime`.
        timer: Timer,
    },
    /// Every branch is finished and none accepted. The caller runs the failure route, which may add branches or
    /// reply by itself, and then calls `conclude`.
    AllBranchesFinal {
        /// The reply to send upstream if nothing else is done.
        winner: Winner,
    },
    /// The negative final reply was never acknowledged; the timer is H.
    NoAck(Timer),
    /// The ACK of the negative final reply arrived for the first time.
    Acknowledged,
    /// The transaction has done its work: remove it from the table.
    Terminated,
}

/// A request to send downstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The request of the branch once more, unchanged.
    Retransmission,
    /// A CANCEL for the branch: build it, send it, keep it.
    Cancel,
    /// The CANCEL once more, unchanged.
    CancelRetransmission,
    /// The ACK of a negative final reply: build it, keep it, send it.
    Ack,
    /// The same ACK once more.
    AckRetransmission,
}

/// A reply to send upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// The reply that is being handled now (by `forward_reply`), forwarded.
    Forward {
        /// The branch it came from.
        branch: BranchNo,
        /// Its status.
        status: u16,
    },
    /// The winner of the fork. A timeout of a cancelled request has become 487 here.
    Final(Winner),
    /// A reply made here, with this status.
    Local {
        /// Its status.
        status: u16,
    },
    /// The last reply once more, unchanged.
    Retransmission,
}

/// The branch whose reply wins a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The winning branch.
    pub branch: BranchNo,
    /// Its final status.
    pub status: u16,
    /// Whether the reply was made here (a timeout) rather than received.
    pub local: bool,
}
