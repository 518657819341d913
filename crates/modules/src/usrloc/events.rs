//! What happens to contacts, for the modules that want to know.

use bytes::Bytes;
use parking_lot::RwLock;

use super::contact::Contact;

/// What happened to a contact. The values are Kamailio's bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EventKind {
    /// It is new.
    Insert = 1,
    /// It was refreshed or changed.
    Update = 2,
    /// It was removed on demand.
    Delete = 4,
    /// Its time was over.
    Expire = 8,
}

/// Something that happened to a contact.
#[derive(Clone, Debug)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Table.
    pub domain: Bytes,
    /// Address of record.
    pub aor: Bytes,
    /// Kamailio's hash of it.
    pub aor_hash: u32,
    /// The contact as it is now, or as it was when it went.
    pub contact: Contact,
}

/// Called after the change, with no lock held.
pub type Callback = Box<dyn Fn(&Event) + Send + Sync>;

/// Those who want to know, each with the sum of the kinds it wants.
#[derive(Default)]
pub struct Listeners {
    list: RwLock<Vec<(u8, Callback)>>,
}

impl Listeners {
    /// Adds one that wants these kinds.
    pub fn add(&self, kinds: &[EventKind], callback: Callback) {
        let mask = kinds.iter().fold(0, |m, k| m | *k as u8);
        self.list.write().push((mask, callback));
    }

    /// Whether anybody wants a kind.
    #[must_use]
    pub fn want(&self, kind: EventKind) -> bool {
        self.list
            .read()
            .iter()
            .any(|(mask, _)| mask & kind as u8 != 0)
    }

    /// Tells all who want to know.
    pub fn tell(&self, event: &Event) {
        for (mask, callback) in self.list.read().iter() {
            if mask & event.kind as u8 != 0 {
                callback(event);
            }
        }
    }
}
