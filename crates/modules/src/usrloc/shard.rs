//! A slot of a location table: its records, found by AoR and by the time they are due.
//!
//! Each record stands once in `due`, under a time at which one of its contacts may expire. A
//! refresh leaves it there: when the time comes the record is looked at and put where it belongs.
//! So a refresh costs nothing here, and expiry touches only what is due.

use std::collections::BTreeSet;

use hashbrown::HashTable;
use slab::Slab;

use super::contact::{Contact, UnixTime};

/// An address of record with its contacts.
#[derive(Debug)]
pub(super) struct Record {
    /// User, or `user@domain` with `use_domain`.
    pub aor: Box<[u8]>,
    /// Kamailio's hash of it.
    pub aor_hash: u32,
    /// Its contacts in the order in which they are tried.
    pub contacts: Vec<Contact>,
    /// When to look at it; [`NEVER`] if nothing in it expires.
    due: UnixTime,
}

/// No contact expires.
const NEVER: UnixTime = UnixTime::MAX;

/// Records of one slot.
#[derive(Debug, Default)]
pub(super) struct Shard {
    index: HashTable<u32>,
    records: Slab<Record>,
    due: BTreeSet<(UnixTime, u32)>,
}

impl Shard {
    /// The number of a record.
    pub(super) fn find(&self, hasher: &ahash::RandomState, aor: &[u8]) -> Option<u32> {
        let records = &self.records;
        self.index
            .find(hasher.hash_one(aor), |id| {
                records.get(*id as usize).is_some_and(|r| *r.aor == *aor)
            })
            .copied()
    }

    /// A record by its number.
    pub(super) fn record(&self, id: u32) -> Option<&Record> {
        self.records.get(id as usize)
    }

    /// A record by its number, to change; call [`Shard::settle`] after.
    pub(super) fn record_mut(&mut self, id: u32) -> Option<&mut Record> {
        self.records.get_mut(id as usize)
    }

    /// Adds a record without contacts.
    pub(super) fn add(&mut self, hasher: &ahash::RandomState, aor: &[u8], aor_hash: u32) -> u32 {
        // A slot holds far fewer than 2^32 records: memory ends before.
        let id = self.records.insert(Record {
            aor: aor.into(),
            aor_hash,
            contacts: Vec::new(),
            due: NEVER,
        }) as u32;
        let records = &self.records;
        self.index.insert_unique(hasher.hash_one(aor), id, |other| {
            records
                .get(*other as usize)
                .map_or(0, |r| hasher.hash_one(&*r.aor))
        });
        id
    }

    /// Brings the books in order after a record was changed: removes it when it has no contact
    /// left, and has it looked at when its first contact expires. Says whether it is still there.
    pub(super) fn settle(&mut self, hasher: &ahash::RandomState, id: u32) -> bool {
        let Some(record) = self.records.get_mut(id as usize) else {
            return false;
        };
        if record.contacts.is_empty() {
            self.remove(hasher, id);
            return false;
        }
        let first = first_expiry(&record.contacts);
        if first < record.due {
            if record.due != NEVER {
                self.due.remove(&(record.due, id));
            }
            record.due = first;
            self.due.insert((first, id));
        }
        true
    }

    fn remove(&mut self, hasher: &ahash::RandomState, id: u32) {
        let Some(record) = self.records.try_remove(id as usize) else {
            return;
        };
        if record.due != NEVER {
            self.due.remove(&(record.due, id));
        }
        if let Ok(entry) = self
            .index
            .find_entry(hasher.hash_one(&*record.aor), |other| *other == id)
        {
            entry.remove();
        }
    }

    /// Takes the next record out of the order of expiry that is due at `now`.
    pub(super) fn pop_due(&mut self, now: UnixTime) -> Option<u32> {
        let (due, id) = *self.due.first()?;
        if due > now {
            return None;
        }
        self.due.pop_first();
        if let Some(record) = self.records.get_mut(id as usize) {
            record.due = NEVER;
        }
        Some(id)
    }

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// All records.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Record)> {
        self.records.iter().map(|(id, r)| (id as u32, r))
    }

    /// Bytes that the slot takes besides its records' own allocations.
    #[cfg(test)]
    pub(super) fn overhead(&self) -> usize {
        self.index.capacity() * 5
            + self.records.capacity() * size_of::<Record>()
            + self.due.len() * 12
    }
}

fn first_expiry(contacts: &[Contact]) -> UnixTime {
    contacts
        .iter()
        .map(|c| if c.expires == 0 { NEVER } else { c.expires })
        .min()
        .unwrap_or(NEVER)
}
