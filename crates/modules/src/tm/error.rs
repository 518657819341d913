//! Why a request cannot be relayed: the return code of `t_relay` and the reply that the module
//! sends when the script sends none.

use transaction::AddBranchError;

/// The reasons, each with Kamailio's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Something else went wrong.
    #[error("internal error")]
    Unspecified,
    /// The branch route dropped every branch, or there is none to send to.
    #[error("no branch to send to")]
    NoBranch,
    /// The request URI has its branch already, and there is no other destination.
    #[error("no destination that has no branch yet")]
    NoTarget,
    /// No socket of ours has the transport that the next hop needs.
    #[error("no corresponding listening socket")]
    NoSocket,
    /// The message lacks what a transaction needs.
    #[error("the request lacks a mandatory header")]
    BadRequest,
    /// Nothing could be handed to the network.
    #[error("sending failed")]
    Send,
    /// The next hop's URI cannot be parsed or its host cannot be resolved.
    #[error("the next hop cannot be resolved")]
    BadAddress,
    /// There are too many branches.
    #[error("too many branches")]
    TooManyBranches,
    /// The request was cancelled or has its final reply: no branch can be added.
    #[error("the transaction takes no more branches")]
    Closed,
    /// The request is a retransmission: there is nothing to do.
    #[error("the request is a retransmission")]
    Retransmission,
    /// The table is full.
    #[error("too many transactions")]
    OutOfMemory,
}

impl RelayError {
    /// What `t_relay` returns: the number of the error, but -1 when nothing could be sent.
    #[must_use]
    pub fn return_code(self) -> i64 {
        match self {
            Self::Send | Self::NoTarget => -1,
            other => other.code(),
        }
    }

    /// The number of the error.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Unspecified | Self::Closed | Self::Retransmission => -1,
            Self::OutOfMemory => -2,
            Self::NoBranch | Self::NoTarget => -6,
            Self::NoSocket => -7,
            Self::TooManyBranches => -9,
            Self::BadRequest => -400,
            Self::Send => -477,
            Self::BadAddress => -478,
        }
    }

    /// The reply: status and reason, as Kamailio words them.
    #[must_use]
    pub fn reply(self) -> (u16, String) {
        reply_to_error(self.code(), "TM")
    }
}

impl From<AddBranchError> for RelayError {
    fn from(error: AddBranchError) -> Self {
        match error {
            AddBranchError::TooMany => Self::TooManyBranches,
            AddBranchError::Canceled | AddBranchError::Replied => Self::Closed,
        }
    }
}

/// The reply that tells of an error: status and reason. `signature` says which module sends it.
#[must_use]
pub fn reply_to_error(code: i64, signature: &str) -> (u16, String) {
    let (status, text) = match code {
        -400 => (400, "Bad Request"),
        -477 => (477, "Unfortunately error on sending to next hop occurred"),
        -478 => (478, "Unresolvable destination"),
        _ => (500, "I'm terribly sorry, server error occurred"),
    };
    (status, format!("{text} ({}/{signature})", -code))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn replies() {
        assert_eq!(
            RelayError::NoSocket.reply(),
            (
                500,
                "I'm terribly sorry, server error occurred (7/TM)".into()
            )
        );
        assert_eq!(
            RelayError::NoBranch.reply().1,
            "I'm terribly sorry, server error occurred (6/TM)"
        );
        assert_eq!(RelayError::Send.return_code(), -1);
        assert_eq!(
            reply_to_error(-478, "SL"),
            (478, "Unresolvable destination (478/SL)".into())
        );
    }
}
