//! Who answers keep-alives: contacts that stopped to are removed (`keepalive_timeout`).

use ahash::AHashMap;
use engine::context::Context;
use parking_lot::Mutex;

use crate::usrloc::api::Contact;

/// Begins the From tag of keep-alives: the name of the contact follows.
const NAME_PREFIX: &[u8] = b"uloc-";

/// When contacts that get SIP requests last answered one. Holds the contacts of the last round,
/// so that it is never larger than the location table.
pub(super) struct Answers {
    /// Seconds without an answer after which a contact goes.
    timeout: u32,
    contacts: Mutex<AHashMap<Box<[u8]>, Times>>,
}

#[derive(Clone, Copy)]
struct Times {
    /// The last answer; before the first one, the first request.
    heard: u32,
    asked: u32,
}

impl Answers {
    pub(super) fn new(timeout: u32) -> Self {
        Self {
            timeout,
            contacts: Mutex::default(),
        }
    }

    /// A contact gets a request.
    pub(super) fn asked(&self, ruid: &[u8], now: u32) {
        let mut contacts = self.contacts.lock();
        match contacts.get_mut(ruid) {
            Some(times) => times.asked = now,
            None => {
                let times = Times {
                    heard: now,
                    asked: now,
                };
                contacts.insert(ruid.into(), times);
            }
        }
    }

    /// Looks at a reply: is it one to a keep-alive?
    pub(super) fn take(&self, cx: &Context) {
        let now = crate::usrloc::api::unix_now(&cx.core);
        let name = cx.msg.from_tag().and_then(contact_of_tag);
        if let Some(name) = name
            && let Some(times) = self.contacts.lock().get_mut(name)
        {
            times.heard = now;
        }
    }

    /// Ends a round: forgets whoever was not asked in it, says whether someone is silent.
    pub(super) fn end_round(&self, now: u32) -> bool {
        let mut contacts = self.contacts.lock();
        contacts.retain(|_, times| times.asked == now);
        contacts.values().any(|times| self.is_too_long(*times, now))
    }

    /// Whether a contact has not answered for too long.
    pub(super) fn is_silent(&self, contact: &Contact, now: u32) -> bool {
        let contacts = self.contacts.lock();
        contacts
            .get(contact.ruid_bytes())
            .is_some_and(|times| self.is_too_long(*times, now))
    }

    fn is_too_long(&self, times: Times, now: u32) -> bool {
        now.saturating_sub(times.heard) > self.timeout
    }
}

/// The contact's name in a tag, behind which a hash and a random number stand.
fn contact_of_tag(tag: &[u8]) -> Option<&[u8]> {
    if !tag.starts_with(NAME_PREFIX) {
        return None;
    }
    let random = memchr::memrchr(b'-', tag)?;
    let hash = memchr::memrchr(b'-', &tag[..random])?;
    Some(&tag[..hash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_tags() {
        assert_eq!(
            contact_of_tag(b"uloc-6b03c2f3-5dbb-1-3c33e6-662ee8f4"),
            Some(&b"uloc-6b03c2f3-5dbb-1"[..])
        );
        for tag in [&b""[..], b"x-y-z", b"uloc-", b"uloc"] {
            assert!(contact_of_tag(tag).is_none_or(<[u8]>::is_empty), "{tag:?}");
        }
    }
}
