//! A location table (`location`): records in 2^n slots, each behind its own lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};

use super::contact::{Contact, ContactInfo, UnixTime};
use super::events::{Event, EventKind, Listeners};
use super::order::Order;
use super::shard::{Record, Shard};
use engine::hash::core_hash;

/// A table of contacts.
pub struct Domain {
    name: Bytes,
    shards: Box<[Mutex<Shard>]>,
    /// Keyed by chance: users choose their AoRs.
    hasher: ahash::RandomState,
    listeners: Arc<Listeners>,
    order: Order,
    users: AtomicI64,
    contacts: AtomicI64,
    expired: AtomicI64,
}

impl Domain {
    /// An empty table of 2^`size` slots.
    #[must_use]
    pub fn new(
        name: Bytes,
        size: u32,
        hasher: ahash::RandomState,
        listeners: Arc<Listeners>,
        order: Order,
    ) -> Self {
        Self {
            name,
            shards: (0..1usize << size).map(|_| Mutex::default()).collect(),
            hasher,
            listeners,
            order,
            users: AtomicI64::new(0),
            contacts: AtomicI64::new(0),
            expired: AtomicI64::new(0),
        }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &Bytes {
        &self.name
    }

    /// Number of slots.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shards.len()
    }

    /// Number of records.
    #[must_use]
    pub fn users(&self) -> i64 {
        self.users.load(Ordering::Relaxed)
    }

    /// Number of contacts.
    #[must_use]
    pub fn contacts(&self) -> i64 {
        self.contacts.load(Ordering::Relaxed)
    }

    /// Number of contacts that expired since the start.
    #[must_use]
    pub fn expired(&self) -> i64 {
        self.expired.load(Ordering::Relaxed)
    }

    /// Locks an address of record: nobody else changes it while the guard lives.
    #[must_use]
    pub fn lock<'d>(&'d self, aor: &'d [u8]) -> AorGuard<'d> {
        let hash = core_hash(aor);
        let shard = self.shards[hash as usize & (self.shards.len() - 1)].lock();
        let id = shard.find(&self.hasher, aor);
        AorGuard {
            domain: self,
            aor,
            hash,
            shard: Some(shard),
            id,
            events: Vec::new(),
        }
    }

    /// The AoR of the record in the slot of `hash` that has a contact with this unique id.
    #[must_use]
    pub fn find_ruid(&self, hash: u32, ruid: &[u8]) -> Option<Bytes> {
        let shard = self.shards[hash as usize & (self.shards.len() - 1)].lock();
        shard
            .iter()
            .find(|(_, r)| r.aor_hash == hash && r.contacts.iter().any(|c| c.ruid_bytes() == ruid))
            .map(|(_, r)| Bytes::copy_from_slice(&r.aor))
    }

    /// Notes that the contact with this unique id answered a keep-alive after so many
    /// microseconds; whether the table has it.
    pub fn heard(&self, hash: u32, ruid: &[u8], now: UnixTime, roundtrip: u32) -> bool {
        let mut shard = self.shards[hash as usize & (self.shards.len() - 1)].lock();
        let has_it =
            |r: &Record| r.aor_hash == hash && r.contacts.iter().any(|c| c.ruid_bytes() == ruid);
        let found = shard.iter().find(|(_, r)| has_it(r)).map(|(id, _)| id);
        let Some(record) = found.and_then(|id| shard.record_mut(id)) else {
            return false;
        };
        for contact in record.contacts.iter_mut() {
            if contact.ruid_bytes() == ruid {
                contact.last_keepalive = now;
                contact.keepalive_roundtrip = roundtrip;
            }
        }
        true
    }

    /// Shows every record of the table, slot by slot; each slot is locked while it is shown.
    pub(super) fn each_slot(&self, mut show: impl FnMut(&mut dyn Iterator<Item = &Record>, usize)) {
        for shard in &self.shards {
            let shard = shard.lock();
            show(&mut shard.iter().map(|(_, r)| r), shard.len());
        }
    }

    /// Shows every contact with its AoR. Slots are locked one after the other, each while its
    /// contacts are shown: do not take long, and do not lock an AoR meanwhile.
    pub fn each_contact(&self, mut show: impl FnMut(&[u8], &Contact)) {
        self.each_slot(|records, _| {
            for record in records {
                for contact in &record.contacts {
                    show(&record.aor, contact);
                }
            }
        });
    }

    /// Removes the contacts whose time is over. Looks only at records that are due.
    pub fn expire(&self, now: UnixTime) {
        let is_over = |contact: &Contact| !contact.is_valid(now);
        let mut events = Vec::new();
        for slot in &self.shards {
            let mut shard = slot.lock();
            while let Some(id) = shard.pop_due(now) {
                self.expire_record(&mut shard, id, &is_over, &mut events);
            }
            drop(shard);
            self.tell_all(&mut events);
        }
    }

    /// Removes the contacts that a test picks as if their time were over. Looks at all records.
    pub fn expire_where(&self, is_over: impl Fn(&Contact) -> bool) {
        let mut events = Vec::new();
        for slot in &self.shards {
            let mut shard = slot.lock();
            let touched: Vec<u32> = shard
                .iter()
                .filter(|(_, record)| record.contacts.iter().any(&is_over))
                .map(|(id, _)| id)
                .collect();
            for id in touched {
                self.expire_record(&mut shard, id, &is_over, &mut events);
            }
            drop(shard);
            self.tell_all(&mut events);
        }
    }

    /// Lets the contacts that a test picks live until a time and no longer. Looks at all records.
    pub fn shorten_where(&self, until: UnixTime, is_meant: impl Fn(&Contact) -> bool) {
        let lives_longer = |c: &Contact| c.is_valid(until) && is_meant(c);
        for slot in &self.shards {
            let mut shard = slot.lock();
            let touched: Vec<u32> = shard
                .iter()
                .filter(|(_, record)| record.contacts.iter().any(lives_longer))
                .map(|(id, _)| id)
                .collect();
            for id in touched {
                let contacts = shard.record_mut(id).map(|record| &mut record.contacts);
                for contact in contacts.into_iter().flatten() {
                    if lives_longer(contact) {
                        contact.expires = until;
                    }
                }
                shard.settle(&self.hasher, id);
            }
        }
    }

    fn expire_record(
        &self,
        shard: &mut Shard,
        id: u32,
        is_over: &dyn Fn(&Contact) -> bool,
        events: &mut Vec<Event>,
    ) {
        let Some(record) = shard.record_mut(id) else {
            return;
        };
        let before = record.contacts.len();
        if self.listeners.want(EventKind::Expire) {
            let gone = record.contacts.iter().filter(|c| is_over(c));
            events.extend(gone.map(|contact| Event {
                kind: EventKind::Expire,
                domain: self.name.clone(),
                aor: Bytes::copy_from_slice(&record.aor),
                aor_hash: record.aor_hash,
                contact: contact.clone(),
            }));
        }
        record.contacts.retain(|c| !is_over(c));
        let gone = (before - record.contacts.len()) as i64;
        self.expired.fetch_add(gone, Ordering::Relaxed);
        self.contacts.fetch_sub(gone, Ordering::Relaxed);
        if !shard.settle(&self.hasher, id) {
            self.users.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn tell_all(&self, events: &mut Vec<Event>) {
        for event in events.drain(..) {
            self.listeners.tell(&event);
        }
    }

    /// Removes everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            let contacts: usize = shard.iter().map(|(_, r)| r.contacts.len()).sum();
            self.contacts.fetch_sub(contacts as i64, Ordering::Relaxed);
            self.users.fetch_sub(shard.len() as i64, Ordering::Relaxed);
            *shard = Shard::default();
        }
    }

    #[cfg(test)]
    pub(super) fn overhead(&self) -> usize {
        self.shards
            .iter()
            .map(|s| size_of::<Mutex<Shard>>() + s.lock().overhead())
            .sum()
    }
}

/// An address of record under lock. When it is dropped the lock is released, then the listeners
/// are told what changed.
pub struct AorGuard<'d> {
    domain: &'d Domain,
    aor: &'d [u8],
    hash: u32,
    /// `None` only while dropping.
    shard: Option<MutexGuard<'d, Shard>>,
    id: Option<u32>,
    events: Vec<Event>,
}

impl AorGuard<'_> {
    /// Kamailio's hash of the AoR.
    #[must_use]
    pub fn aor_hash(&self) -> u32 {
        self.hash
    }

    /// Whether there is a record of the AoR.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.id.is_some()
    }

    /// The contacts in the order in which they are tried; none when there is no record.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        self.shard
            .as_ref()
            .zip(self.id)
            .and_then(|(shard, id)| shard.record(id))
            .map_or(&[], |record| &record.contacts)
    }

    /// Adds a contact.
    pub fn insert(&mut self, info: &ContactInfo<'_>) {
        let Some(shard) = self.shard.as_mut() else {
            return;
        };
        let id = *self.id.get_or_insert_with(|| {
            self.domain.users.fetch_add(1, Ordering::Relaxed);
            shard.add(&self.domain.hasher, self.aor, self.hash)
        });
        let contact = Contact::new(info);
        self.note(EventKind::Insert, &contact);
        let order = self.domain.order;
        if let Some(record) = self.record_mut(id) {
            order.insert(&mut record.contacts, contact);
        }
        self.domain.contacts.fetch_add(1, Ordering::Relaxed);
    }

    /// Refreshes the contact at a position; it may change its place in the order.
    pub fn update(&mut self, position: usize, info: &ContactInfo<'_>) {
        let order = self.domain.order;
        let Some(record) = self.id.and_then(|id| self.record_mut(id)) else {
            return;
        };
        let Some(slot) = record.contacts.get_mut(position) else {
            return;
        };
        let contact = slot.refreshed(info);
        *slot = contact.clone();
        order.refresh(&mut record.contacts, position);
        self.note(EventKind::Update, &contact);
    }

    /// Removes the contact at a position.
    pub fn remove(&mut self, position: usize) {
        if let Some(contact) = self.take(position) {
            self.domain.contacts.fetch_sub(1, Ordering::Relaxed);
            self.note(EventKind::Delete, &contact);
        }
    }

    /// Removes the contacts that a test picks.
    pub fn remove_where(&mut self, mut gone: impl FnMut(&Contact) -> bool) {
        let mut position = 0;
        while let Some(contact) = self.contacts().get(position) {
            if gone(contact) {
                self.remove(position);
            } else {
                position += 1;
            }
        }
    }

    fn take(&mut self, position: usize) -> Option<Contact> {
        let record = self.record_mut(self.id?)?;
        (position < record.contacts.len()).then(|| record.contacts.remove(position))
    }

    fn record_mut(&mut self, id: u32) -> Option<&mut Record> {
        self.shard.as_mut()?.record_mut(id)
    }

    fn note(&mut self, kind: EventKind, contact: &Contact) {
        if self.domain.listeners.want(kind) {
            self.events.push(Event {
                kind,
                domain: self.domain.name.clone(),
                aor: Bytes::copy_from_slice(self.aor),
                aor_hash: self.hash,
                contact: contact.clone(),
            });
        }
    }
}

impl Drop for AorGuard<'_> {
    fn drop(&mut self) {
        if let (Some(mut shard), Some(id)) = (self.shard.take(), self.id)
            && !shard.settle(&self.domain.hasher, id)
        {
            self.domain.users.fetch_sub(1, Ordering::Relaxed);
        }
        for event in &self.events {
            self.domain.listeners.tell(event);
        }
    }
}
