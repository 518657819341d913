//! What a REGISTER asks for, as far as it can be told without looking into the table.

use sip::chars::{decimal, trim};
use sip::header::{Contact, Contacts, HeaderError};
use sip::{HeaderKind, Message, UriRef};

use super::error::Refusal;
use super::settings::{Outbound, Registrar};

/// Longest Call-ID that is stored.
const MAX_CALL_ID: usize = 255;

/// What is to be done.
#[derive(Debug)]
pub(super) enum Wish<'m> {
    /// No Contact: show what there is.
    Fetch,
    /// `Contact: *`: remove all.
    RemoveAll,
    /// Contacts to add, refresh or remove, in the order in which Kamailio takes them.
    Change(Vec<&'m Contact>),
}

/// Reads the headers that a registration needs, in the order in which Kamailio finds mistakes.
pub(super) fn read<'m>(registrar: &Registrar, msg: &'m Message) -> Result<Wish<'m>, Refusal> {
    if !matches!(msg.to(), Some(Ok(_))) {
        return Err(Refusal::NoTo);
    }
    if msg.call_id().is_none() {
        return Err(Refusal::NoCallId);
    }
    if msg.cseq().is_none() {
        return Err(Refusal::NoCSeq);
    }
    if msg.value(HeaderKind::Expires).is_some_and(<[u8]>::is_empty) {
        return Err(Refusal::BadExpiresHeader);
    }
    let wish = wish(registrar, msg)?;
    check_outbound(registrar, msg, &wish)?;
    Ok(wish)
}

fn wish<'m>(registrar: &Registrar, msg: &'m Message) -> Result<Wish<'m>, Refusal> {
    let mut stars = 0;
    let mut addresses = 0;
    for header in msg.all(HeaderKind::Contact) {
        if header.value.is_empty() {
            return Err(Refusal::BadContact);
        }
        // Kamailio does not look at what follows the star.
        match msg.text(header.value) {
            [b'*', ..] => stars += 1,
            _ => addresses += 1,
        }
    }
    if stars > 0 {
        let expires = msg.value(HeaderKind::Expires).and_then(decimal);
        return match (expires, stars, addresses) {
            (Some(0), 1, 0) => Ok(Wish::RemoveAll),
            (Some(0), _, _) => Err(Refusal::StarAndOthers),
            _ => Err(Refusal::StarExpires),
        };
    }
    match msg.contacts() {
        None => Ok(Wish::Fetch),
        Some(Err(HeaderError { .. })) => Err(Refusal::BadContact),
        Some(Ok(contacts)) => {
            let list = contacts.list();
            if list.iter().any(|c| !has_scheme(msg, c)) {
                return Err(Refusal::BadContact);
            }
            let longest = list.iter().map(|c| c.addr.uri.len as usize).max();
            if longest.is_some_and(|n| n > registrar.contact_max_size) {
                return Err(Refusal::ContactTooLong);
            }
            Ok(Wish::Change(in_order(msg, contacts)))
        }
    }
}

/// Kamailio takes no bare contact without a colon.
fn has_scheme(msg: &Message, contact: &Contact) -> bool {
    contact.addr.bracketed || msg.text(contact.addr.uri).contains(&b':')
}

/// Kamailio takes the headers in order, and the contacts of one header from the last to the first.
fn in_order<'m>(msg: &Message, contacts: &'m Contacts) -> Vec<&'m Contact> {
    let mut ordered = Vec::with_capacity(contacts.list().len());
    for header in msg.all(HeaderKind::Contact) {
        let inside = |c: &&Contact| {
            let start = c.addr.whole.start();
            header.value.start() <= start && start < header.value.end()
        };
        ordered.extend(contacts.list().iter().filter(inside).rev());
    }
    ordered
}

/// Whether an option tag stands in headers of a kind.
pub(super) fn has_option(msg: &Message, kind: HeaderKind, option: &[u8]) -> bool {
    msg.all(kind).any(|header| {
        let mut tags = msg.text(header.value).split(|c| *c == b',');
        tags.any(|tag| trim(tag).eq_ignore_ascii_case(option))
    })
}

/// Whether the client says that it knows RFC 5626.
pub(super) fn knows_outbound(msg: &Message) -> bool {
    has_option(msg, HeaderKind::Supported, b"outbound")
        || has_option(msg, HeaderKind::Require, b"outbound")
}

/// RFC 5626 section 6.
fn check_outbound(registrar: &Registrar, msg: &Message, wish: &Wish<'_>) -> Result<(), Refusal> {
    let required = has_option(msg, HeaderKind::Require, b"outbound");
    match registrar.outbound {
        Outbound::Off if required => return Err(Refusal::OutboundUnsupported),
        Outbound::Off => return Ok(()),
        // Kamailio lets clients pass that have no Supported header at all.
        Outbound::Required if msg.has(HeaderKind::Supported) && !knows_outbound(msg) => {
            return Err(Refusal::OutboundRequired);
        }
        Outbound::Required | Outbound::Supported => {}
    }
    let Wish::Change(contacts) = wish else {
        return Ok(());
    };
    let makes_flow = contacts
        .iter()
        .any(|c| c.addr.params.find(msg.raw(), b"reg-id").is_some());
    if makes_flow && knows_outbound(msg) && msg.vias().nth(1).is_some() && !path_has_ob(msg) {
        return Err(Refusal::EdgeLacksOutbound);
    }
    Ok(())
}

/// Whether the first proxy, which wrote the last Path, does outbound.
fn path_has_ob(msg: &Message) -> bool {
    let Some(Ok(paths)) = msg.paths() else {
        return false;
    };
    paths.last().is_some_and(|path| {
        UriRef::parse(msg.text(path.addr.uri)).is_ok_and(|uri| uri.param(b"ob").is_some())
    })
}

/// Call-ID and CSeq, checked.
pub(super) fn sequence(msg: &Message) -> Result<(&[u8], u32), Refusal> {
    let call_id = msg.call_id().unwrap_or_default();
    if call_id.len() > MAX_CALL_ID {
        return Err(Refusal::CallIdTooLong);
    }
    let Some(Ok(cseq)) = msg.cseq() else {
        return Err(Refusal::BadCSeq);
    };
    let number = decimal(msg.text(cseq.number_span)).ok_or(Refusal::BadCSeq)?;
    Ok((call_id, number))
}
