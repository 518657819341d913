//! The non-INVITE server transaction: the side that faces the sender of the request.
//!
//! ```text
//!         request received
//!               |
//!               v
//!          +--------+<--+
//!          | Trying |---+ request again: absorb
//!          +--------+
//!       1xx |      | 200-699 sent
//!           v      +----------------+
//!     +------------+  200-699 sent  v
//!  +--| Proceeding |--------->+-----------+
//!  |  +------------+          | Completed |---+ request again: the final reply
//!  +------^                   +-----------+<--+
//!  1xx sent; request again:         | wait timer
//!  the last 1xx                     v
//!                              (terminated)
//! ```
//!
//! RFC 3261 §17.2.2. Timer J is the wait timer of the whole transaction.

/// The states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerNonInvite {
    Trying,
    Proceeding { last: u16 },
    Completed { status: u16 },
}

impl ServerNonInvite {
    pub(crate) fn start() -> ServerNonInvite {
        ServerNonInvite::Trying
    }

    /// A reply is being sent.
    pub(crate) fn on_response(self, status: u16) -> ServerNonInvite {
        match (self, status) {
            (ServerNonInvite::Completed { .. }, _) => self,
            (_, ..200) => ServerNonInvite::Proceeding { last: status },
            (_, _) => ServerNonInvite::Completed { status },
        }
    }

    /// The status of the last reply sent; 0 if there was none.
    pub(crate) fn last_status(&self) -> u16 {
        match *self {
            ServerNonInvite::Trying => 0,
            ServerNonInvite::Proceeding { last } => last,
            ServerNonInvite::Completed { status } => status,
        }
    }
}
