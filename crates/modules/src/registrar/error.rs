//! Why a registration is refused, and the reply that says so.

/// A reason to refuse a registration; its text is that of P-Registrar-Error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Expires parse error")]
    BadExpiresHeader,
    #[error("Contact parse error")]
    BadContact,
    #[error("To header not found")]
    NoTo,
    #[error("Call-ID header not found")]
    NoCallId,
    #[error("CSeq header not found")]
    NoCSeq,
    #[error("* used in contact and expires is not zero")]
    StarExpires,
    #[error("* used in contact and more than 1 contact")]
    StarAndOthers,
    #[error("Contact/received too long")]
    ContactTooLong,
    #[error("Address Of Record too long")]
    AorTooLong,
    #[error("Error while parsing AOR")]
    BadAor,
    #[error("Error while unescaping username")]
    BadEscape,
    #[error("Callid too long")]
    CallIdTooLong,
    #[error("Invalid CSeq number")]
    BadCSeq,
    #[error("Path parse error")]
    BadPath,
    #[error("Invalid q param in contact")]
    BadQ,
    #[error("No support for found Path indicated")]
    PathUnsupported,
    #[error("Interval too brief")]
    TooBrief,
    #[error("Too many registered contacts")]
    TooManyContacts,
    #[error("No support for Outbound indicated")]
    OutboundRequired,
    #[error("No support for Outbound on server")]
    OutboundUnsupported,
    #[error("No support for Outbound on edge proxy")]
    EdgeLacksOutbound,
    #[error("Invalid Reg-Id number")]
    BadRegId,
}

impl Refusal {
    /// Status and reason of the reply.
    pub(super) fn status(self) -> (u16, &'static str) {
        match self {
            Self::PathUnsupported | Self::OutboundUnsupported => (420, "Bad Extension"),
            Self::OutboundRequired => (421, "Extension Required"),
            Self::TooBrief => (423, "Interval Too Brief"),
            Self::EdgeLacksOutbound => (439, "First Hop Lacks Outbound Support"),
            Self::AorTooLong => (500, "Server Internal Error"),
            Self::TooManyContacts => (503, "Service Unavailable"),
            _ => (400, "Bad Request"),
        }
    }

    /// The code that `save` returns.
    pub(super) fn return_code(self) -> i64 {
        match self {
            Self::TooManyContacts => -2,
            _ => -1,
        }
    }
}
