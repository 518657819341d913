//! Request methods.

use crate::folded::FoldedName;

/// The methods that Kamailio tells apart; any other token is [`Method::Other`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Method {
    /// RFC 3261
    Invite,
    /// RFC 3261
    Ack,
    /// RFC 3261
    Cancel,
    /// RFC 3261
    Bye,
    /// RFC 3261
    Options,
    /// RFC 3261
    Register,
    /// RFC 6086
    Info,
    /// RFC 3311
    Update,
    /// RFC 3262
    Prack,
    /// RFC 6665
    Subscribe,
    /// RFC 6665
    Notify,
    /// RFC 3428
    Message,
    /// RFC 3515
    Refer,
    /// RFC 3903
    Publish,
    /// Messages between Kamailio nodes (module dmq).
    Kdmq,
    /// HTTP on a SIP listener (module xhttp).
    Get,
    /// HTTP on a SIP listener.
    Post,
    /// HTTP on a SIP listener.
    Put,
    /// HTTP on a SIP listener.
    Delete,
    /// A method we have no name for; the text is in the message.
    Other,
}

/// The names of [`Method::NAMED`], to compare with.
const FOLDED: [FoldedName; Method::NAMED.len()] = {
    let mut folded = [FoldedName::of(b""); Method::NAMED.len()];
    let mut i = 0;
    while i < folded.len() {
        folded[i] = FoldedName::of(Method::NAMED[i].as_str().as_bytes());
        i += 1;
    }
    folded
};

impl Method {
    /// Every method with a name, in declaration order.
    pub const NAMED: [Method; 19] = [
        Method::Invite,
        Method::Ack,
        Method::Cancel,
        Method::Bye,
        Method::Options,
        Method::Register,
        Method::Info,
        Method::Update,
        Method::Prack,
        Method::Subscribe,
        Method::Notify,
        Method::Message,
        Method::Refer,
        Method::Publish,
        Method::Kdmq,
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Delete,
    ];

    /// The method spelled `text`, in any case: Kamailio takes `options` for OPTIONS.
    pub fn from_text(text: &[u8]) -> Method {
        Method::of_prefix(text, text.len())
    }

    /// The method that the first `len` bytes of `text` spell.
    pub(crate) fn of_prefix(text: &[u8], len: usize) -> Method {
        let name = FoldedName::prefix(text, len);
        let found = Method::NAMED
            .iter()
            .zip(&FOLDED)
            .find(|(_, folded)| **folded == name);
        // Zero bytes behind a name fold to nothing.
        let found = found.filter(|(method, _)| method.as_str().len() == len);
        found.map_or(Method::Other, |(method, _)| *method)
    }

    /// The name on the wire; empty for [`Method::Other`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Cancel => "CANCEL",
            Method::Bye => "BYE",
            Method::Options => "OPTIONS",
            Method::Register => "REGISTER",
            Method::Info => "INFO",
            Method::Update => "UPDATE",
            Method::Prack => "PRACK",
            Method::Subscribe => "SUBSCRIBE",
            Method::Notify => "NOTIFY",
            Method::Message => "MESSAGE",
            Method::Refer => "REFER",
            Method::Publish => "PUBLISH",
            Method::Kdmq => "KDMQ",
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Other => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for method in Method::NAMED {
            assert_eq!(Method::from_text(method.as_str().as_bytes()), method);
        }
        assert_eq!(Method::from_text(b"options"), Method::Options);
        assert_eq!(Method::from_text(b"FOO"), Method::Other);
    }
}
