//! Methods as bits, as contacts keep what a phone allows.

use sip::chars::trim;
use sip::{HeaderKind, Message, Method};

/// What a contact is taken to support when its registration did not say.
pub(super) const ALL: u32 = u32::MAX;

/// The bit of methods without a bit of their own.
const OTHER: u32 = 1 << 19;

/// The bit of a method.
pub(super) fn bit(method: Method) -> u32 {
    let place = match method {
        Method::Invite => 0,
        Method::Cancel => 1,
        Method::Ack => 2,
        Method::Bye => 3,
        Method::Info => 4,
        Method::Register => 5,
        Method::Subscribe => 6,
        Method::Notify => 7,
        Method::Message => 8,
        Method::Options => 9,
        Method::Prack => 10,
        Method::Update => 11,
        Method::Refer => 12,
        Method::Publish => 13,
        Method::Kdmq => 14,
        Method::Get => 15,
        Method::Post => 16,
        Method::Put => 17,
        Method::Delete => 18,
        Method::Other => return OTHER,
    };
    1 << place
}

/// The bits of a list of methods; `None` if it is malformed.
pub(super) fn parse(list: &[u8]) -> Option<u32> {
    let list = trim(list);
    if list.is_empty() {
        return Some(0);
    }
    list.split(|c| *c == b',').try_fold(0, |bits, name| {
        let name = trim(name);
        let is_token = !name.is_empty() && name.iter().all(|c| sip::chars::is_token(*c));
        is_token.then(|| bits | bit(Method::from_text(name)))
    })
}

/// The bits of a message's Allow headers; all if there is none or one is malformed.
pub(super) fn allowed(msg: &Message) -> u32 {
    if !msg.has(HeaderKind::Allow) {
        return ALL;
    }
    msg.all(HeaderKind::Allow)
        .try_fold(0, |bits, header| {
            Some(bits | parse(msg.text(header.value))?)
        })
        .unwrap_or(ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values seen in Kamailio's `ul.dump`.
    #[test]
    fn lists() {
        assert_eq!(parse(b"INVITE, MESSAGE"), Some(257));
        assert_eq!(parse(b"INVITE,ACK,CANCEL,BYE,INFO,REGISTER,SUBSCRIBE,NOTIFY,MESSAGE,OPTIONS,PRACK,UPDATE,REFER,PUBLISH"), Some(16383));
        assert_eq!(parse(b"KDMQ, foo"), Some(540_672));
        assert_eq!(parse(b""), Some(0));
        assert_eq!(parse(b"INVITE BYE"), None);
        assert_eq!(parse(b"INVITE,,BYE"), None);
    }
}
