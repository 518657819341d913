//! Which stored contact a registration speaks of, and whether it comes in order (RFC 3261
//! section 10.3, step 7).

use super::contact::{Contact, UnixTime};

/// How contacts are matched (`matching_mode`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MatchingMode {
    /// 0: by URI.
    #[default]
    Contact,
    /// 1: by URI and Call-ID.
    ContactAndCallId,
    /// 2: by URI and Path.
    ContactAndPath,
    /// 3: by Call-ID.
    CallId,
}

impl MatchingMode {
    /// The mode of a number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [
            Self::Contact,
            Self::ContactAndCallId,
            Self::ContactAndPath,
            Self::CallId,
        ]
        .get(usize::try_from(number).ok()?)
        .copied()
    }
}

/// What a registration says about the contact it means.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Contact URI.
    pub uri: &'a [u8],
    /// Call-ID.
    pub call_id: &'a [u8],
    /// Path vector.
    pub path: &'a [u8],
    /// CSeq.
    pub cseq: u32,
}

/// What was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// No such contact.
    New,
    /// The contact at this position, to be refreshed.
    At(usize),
    /// A retransmission of the registration that made it: nothing to do.
    Repeated(usize),
    /// An older registration of the same Call-ID.
    OutOfOrder,
}

/// Finds the contact that a registration means.
#[must_use]
pub fn find(
    contacts: &[Contact],
    wanted: &Wanted<'_>,
    mode: MatchingMode,
    cseq_delay: u32,
    now: UnixTime,
) -> Found {
    let matches = |c: &Contact| match mode {
        MatchingMode::Contact => c.uri_bytes() == wanted.uri,
        MatchingMode::ContactAndCallId => {
            c.uri_bytes() == wanted.uri && c.call_id_bytes() == wanted.call_id
        }
        MatchingMode::ContactAndPath => {
            c.uri_bytes() == wanted.uri && c.path_bytes() == wanted.path
        }
        MatchingMode::CallId => c.call_id_bytes() == wanted.call_id,
    };
    match contacts.iter().position(matches) {
        Some(position) => in_order(&contacts[position], position, wanted, cseq_delay, now),
        None => Found::New,
    }
}

/// Finds the flow that a registration means (RFC 5626): same instance, same reg-id.
#[must_use]
pub fn find_flow(
    contacts: &[Contact],
    wanted: &Wanted<'_>,
    instance: &[u8],
    reg_id: u32,
    cseq_delay: u32,
    now: UnixTime,
) -> Found {
    let matches = |c: &Contact| c.reg_id == reg_id && c.instance_bytes() == instance;
    match contacts.iter().position(matches) {
        Some(position) => in_order(&contacts[position], position, wanted, cseq_delay, now),
        None => Found::New,
    }
}

fn in_order(
    contact: &Contact,
    position: usize,
    wanted: &Wanted<'_>,
    cseq_delay: u32,
    now: UnixTime,
) -> Found {
    if contact.call_id_bytes() != wanted.call_id || wanted.cseq > contact.cseq {
        Found::At(position)
    } else if wanted.cseq == contact.cseq && contact.last_modified.saturating_add(cseq_delay) > now
    {
        Found::Repeated(position)
    } else {
        Found::OutOfOrder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usrloc::contact::ContactInfo;

    fn contact(uri: &[u8], call_id: &[u8], path: &[u8]) -> Contact {
        Contact::new(&ContactInfo {
            uri,
            call_id,
            path,
            cseq: 5,
            last_modified: 100,
            ..ContactInfo::default()
        })
    }

    #[test]
    fn modes_and_order() {
        let contacts = [
            contact(b"sip:a", b"1", b""),
            contact(b"sip:a", b"2", b"<sip:p>"),
        ];
        let run = |mode, call_id: &[u8], path: &[u8], cseq| {
            let wanted = Wanted {
                uri: b"sip:a",
                call_id,
                path,
                cseq,
            };
            find(&contacts, &wanted, mode, 20, 110)
        };
        use MatchingMode::{CallId, Contact, ContactAndCallId, ContactAndPath};
        assert_eq!(run(Contact, b"9", b"", 1), Found::At(0));
        assert_eq!(run(Contact, b"1", b"", 6), Found::At(0));
        assert_eq!(run(Contact, b"1", b"", 5), Found::Repeated(0));
        assert_eq!(run(Contact, b"1", b"", 4), Found::OutOfOrder);
        assert_eq!(run(ContactAndCallId, b"2", b"", 6), Found::At(1));
        assert_eq!(run(ContactAndCallId, b"9", b"", 6), Found::New);
        assert_eq!(run(ContactAndPath, b"9", b"<sip:p>", 6), Found::At(1));
        assert_eq!(run(CallId, b"2", b"", 6), Found::At(1));
        assert_eq!(MatchingMode::from_number(4), None);
    }

    #[test]
    fn a_late_retransmission_is_out_of_order() {
        let contacts = [contact(b"sip:a", b"1", b"")];
        let wanted = Wanted {
            uri: b"sip:a",
            call_id: b"1",
            path: b"",
            cseq: 5,
        };
        let found = find(&contacts, &wanted, MatchingMode::Contact, 20, 120);
        assert_eq!(found, Found::OutOfOrder);
    }
}
