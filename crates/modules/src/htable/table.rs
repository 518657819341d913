//! A table: sharded by a keyed hash, each item with its own expiry.
//!
//! An item's deadline is queued once. Moving it later, as each update does, costs nothing: the
//! queue entry comes due, is seen to be early and queued again. So an expiry run looks only at
//! items that may be due, never at the whole table.

use std::collections::BTreeSet;

use bytes::Bytes;
use hashbrown::HashMap;
use parking_lot::{Mutex, MutexGuard};
use script::value::Value;

use super::definition::Definition;

/// Shards of a table: enough that workers seldom meet.
const SHARDS: usize = 16;

/// Seconds since 1970: what expiry is counted in, as operators see it.
pub type Seconds = u64;

/// A table.
pub struct Table {
    /// What the configuration says of it.
    pub definition: Definition,
    /// Keyed: names of items often come from the network.
    hasher: ahash::RandomState,
    shards: Box<[Mutex<Shard>]>,
}

struct Shard {
    items: HashMap<Bytes, Item, ahash::RandomState>,
    deadlines: BTreeSet<(Seconds, Bytes)>,
}

struct Item {
    value: Value,
    /// When it ends; 0: never. Without `autoexpire` just a number that was given.
    expires: Seconds,
    /// Where its entry stands in the shard's deadlines; 0: nowhere.
    queued: Seconds,
}

/// An item as listings show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The slot that Kamailio would keep it in.
    pub slot: u32,
    /// The hash of its name.
    pub hash: u32,
    /// Its name.
    pub name: Bytes,
    /// Its value.
    pub value: Value,
    /// When it ends.
    pub expires: Seconds,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(definition: Definition, mut random: impl FnMut() -> u64) -> Self {
        let mut hasher = || ahash::RandomState::with_seeds(random(), random(), random(), random());
        let shards = (0..SHARDS)
            .map(|_| {
                Mutex::new(Shard {
                    items: HashMap::with_hasher(hasher()),
                    deadlines: BTreeSet::new(),
                })
            })
            .collect();
        Self {
            definition,
            hasher: hasher(),
            shards,
        }
    }

    fn shard(&self, name: &[u8]) -> MutexGuard<'_, Shard> {
        self.shards[self.hasher.hash_one(name) as usize % SHARDS].lock()
    }

    fn is_over(&self, expires: Seconds, now: Seconds) -> bool {
        self.definition.autoexpire > 0 && expires != 0 && expires < now
    }

    /// The deadline of an item that is set at `now` without one of its own.
    fn default_deadline(&self, now: Seconds) -> Seconds {
        match self.definition.autoexpire {
            0 => 0,
            life => now + life,
        }
    }

    /// An item's value; `None` when there is no such item.
    #[must_use]
    pub fn get(&self, name: &[u8], now: Seconds) -> Option<Value> {
        let shard = self.shard(name);
        let item = shard.items.get(name)?;
        (!self.is_over(item.expires, now)).then(|| item.value.clone())
    }

    /// An item's value, or the table's initial value for a missing one.
    #[must_use]
    pub fn value(&self, name: &[u8], now: Seconds) -> Value {
        match self.get(name, now) {
            Some(value) => value,
            None => self.definition.initial.map_or(Value::Null, Value::Int),
        }
    }

    /// An item as listings show it.
    #[must_use]
    pub fn entry(&self, name: &[u8], now: Seconds) -> Option<Entry> {
        let shard = self.shard(name);
        let (name, item) = shard.items.get_key_value(name)?;
        (!self.is_over(item.expires, now)).then(|| self.listed(name, item))
    }

    /// When an item ends, even if that is past and the item only waits for its removal.
    #[must_use]
    pub fn expires(&self, name: &[u8]) -> Option<Seconds> {
        Some(self.shard(name).items.get(name)?.expires)
    }

    /// Sets an item; null removes it.
    pub fn set(&self, name: &[u8], value: &Value, now: Seconds) {
        let Some(value) = owned(value) else {
            self.remove(name);
            return;
        };
        let deadline = self.default_deadline(now);
        let mut shard = self.shard(name);
        let expires = match shard.items.get_mut(name) {
            Some(item) => {
                item.value = value;
                if !self.definition.update_expire && !self.is_over(item.expires, now) {
                    return;
                }
                deadline
            }
            None => {
                shard.insert(name, value);
                deadline
            }
        };
        self.schedule(&mut shard, name, expires);
    }

    /// Sets an item that ends after so many seconds; 0 or less: after the table's own time.
    pub fn set_for(&self, name: &[u8], value: &Value, seconds: i64, now: Seconds) {
        let Some(value) = owned(value) else {
            return;
        };
        let mut shard = self.shard(name);
        match shard.items.get_mut(name) {
            Some(item) => item.value = value,
            None => shard.insert(name, value),
        }
        let expires = match u64::try_from(seconds) {
            Ok(seconds) if seconds > 0 => self.deadline(seconds, now),
            _ => self.default_deadline(now),
        };
        self.schedule(&mut shard, name, expires);
    }

    /// Lets an item end after so many seconds; 0 or less: never. False when there is none.
    pub fn set_life(&self, name: &[u8], seconds: i64, now: Seconds) -> bool {
        let mut shard = self.shard(name);
        if !shard.items.contains_key(name) {
            return false;
        }
        let expires = match u64::try_from(seconds) {
            Ok(seconds) if seconds > 0 => self.deadline(seconds, now),
            _ => 0,
        };
        self.schedule(&mut shard, name, expires);
        true
    }

    fn deadline(&self, seconds: u64, now: Seconds) -> Seconds {
        if self.definition.autoexpire == 0 {
            // Kamailio keeps the bare number where nothing expires.
            seconds
        } else {
            now.saturating_add(seconds)
        }
    }

    /// Adds to an integer item in one step and yields the sum. A missing item counts as the
    /// initial value; without one, and for text, nothing happens.
    pub fn add(&self, name: &[u8], by: i64, now: Seconds) -> Option<i64> {
        let deadline = self.default_deadline(now);
        let mut shard = self.shard(name);
        let live = shard
            .items
            .get_mut(name)
            .filter(|item| !self.is_over(item.expires, now));
        if let Some(item) = live {
            let Value::Int(number) = item.value else {
                return None;
            };
            let sum = i64::from(script::value::wrap(number.wrapping_add(by)));
            item.value = Value::Int(sum);
            if self.definition.update_expire {
                self.schedule(&mut shard, name, deadline);
            }
            return Some(sum);
        }
        let sum = i64::from(script::value::wrap(
            self.definition.initial?.wrapping_add(by),
        ));
        shard.remove(name);
        shard.insert(name, Value::Int(sum));
        self.schedule(&mut shard, name, deadline);
        Some(sum)
    }

    /// Changes the value of an item that exists; its end stays.
    pub fn replace(&self, name: &[u8], value: &Value) -> bool {
        let Some(value) = owned(value) else {
            return false;
        };
        match self.shard(name).items.get_mut(name) {
            Some(item) => {
                item.value = value;
                true
            }
            None => false,
        }
    }

    /// Removes an item; false when there is none.
    pub fn remove(&self, name: &[u8]) -> bool {
        self.shard(name).remove(name)
    }

    /// Removes every item.
    pub fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            shard.items.clear();
            shard.deadlines.clear();
        }
    }

    /// Removes the items that `wanted` names by name and value.
    pub fn remove_where(&self, wanted: impl Fn(&[u8], &Value) -> bool) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            let names: Vec<Bytes> = shard
                .items
                .iter()
                .filter(|(name, item)| wanted(name, &item.value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in names {
                shard.remove(&name);
            }
        }
    }

    /// How many items `wanted` names.
    pub fn count_where(&self, now: Seconds, wanted: impl Fn(&[u8], &Value) -> bool) -> i64 {
        let mut count = 0;
        for shard in &self.shards {
            let shard = shard.lock();
            count += shard
                .items
                .iter()
                .filter(|(name, item)| {
                    !self.is_over(item.expires, now) && wanted(name, &item.value)
                })
                .count() as i64;
        }
        count
    }

    /// All items in the order in which Kamailio lists them.
    #[must_use]
    pub fn entries(&self, now: Seconds) -> Vec<Entry> {
        let mut entries = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            let live = shard
                .items
                .iter()
                .filter(|(_, item)| !self.is_over(item.expires, now));
            entries.extend(live.map(|(name, item)| self.listed(name, item)));
        }
        entries.sort_by(|a, b| (a.slot, a.hash, &a.name).cmp(&(b.slot, b.hash, &b.name)));
        entries
    }

    fn listed(&self, name: &Bytes, item: &Item) -> Entry {
        let (slot, hash) = self.definition.place(name);
        Entry {
            slot,
            hash,
            name: name.clone(),
            value: item.value.clone(),
            expires: item.expires,
        }
    }

    /// Takes out the items that have ended.
    pub fn take_expired(&self, now: Seconds) -> Vec<Entry> {
        if self.definition.autoexpire == 0 {
            return Vec::new();
        }
        let mut gone = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock();
            while let Some(name) = shard.next_due(now) {
                let Some(item) = shard.items.get_mut(&name) else {
                    continue;
                };
                item.queued = 0;
                let expires = item.expires;
                if self.is_over(expires, now) {
                    if let Some(item) = shard.items.remove(&name) {
                        gone.push(self.listed(&name, &item));
                    }
                } else if expires != 0 {
                    self.schedule(&mut shard, &name, expires);
                }
            }
        }
        gone.sort_by(|a, b| (a.slot, a.hash, &a.name).cmp(&(b.slot, b.hash, &b.name)));
        gone
    }

    /// Gives an item its end and sees to it that the end is noticed.
    fn schedule(&self, shard: &mut Shard, name: &[u8], expires: Seconds) {
        let Some((key, item)) = shard.items.get_key_value(name) else {
            return;
        };
        let key = key.clone();
        let queued = item.queued;
        let mut place = queued;
        if self.definition.autoexpire > 0 && expires != 0 && (queued == 0 || expires < queued) {
            if queued != 0 {
                shard.deadlines.remove(&(queued, key.clone()));
            }
            shard.deadlines.insert((expires, key.clone()));
            place = expires;
        }
        if let Some(item) = shard.items.get_mut(&key) {
            item.expires = expires;
            item.queued = place;
        }
    }
}

impl Shard {
    fn insert(&mut self, name: &[u8], value: Value) {
        // A copy: the name may be part of a message, which must not live on with it.
        self.items.insert(
            Bytes::copy_from_slice(name),
            Item {
                value,
                expires: 0,
                queued: 0,
            },
        );
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        match self.items.remove_entry(name) {
            Some((name, item)) => {
                if item.queued != 0 {
                    self.deadlines.remove(&(item.queued, name));
                }
                true
            }
            None => false,
        }
    }

    /// Takes the next deadline before `now` out of the queue.
    fn next_due(&mut self, now: Seconds) -> Option<Bytes> {
        if self.deadlines.first()?.0 >= now {
            return None;
        }
        self.deadlines.pop_first().map(|(_, name)| name)
    }
}

/// A copy that keeps no message alive; `None` for null.
fn owned(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Int(n) => Some(Value::Int(*n)),
        Value::Str(t) => Some(Value::Str(Bytes::copy_from_slice(t))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(definition: &str) -> Table {
        let mut seed = 1;
        Table::new(Definition::parse(definition.as_bytes()).unwrap(), || {
            seed += 1;
            seed
        })
    }

    #[test]
    fn items_end_one_second_after_their_deadline() {
        let t = table("e=>autoexpire=2");
        t.set(b"k", &Value::Int(1), 100);
        assert_eq!(t.get(b"k", 102), Some(Value::Int(1)));
        assert_eq!(t.get(b"k", 103), None);
        assert!(t.take_expired(102).is_empty());
        assert_eq!(t.take_expired(103).len(), 1);
        assert_eq!(t.expires(b"k"), None);
    }

    #[test]
    fn updates_postpone_the_end_and_shortening_advances_it() {
        let t = table("e=>autoexpire=10");
        t.set(b"k", &Value::Int(1), 100);
        t.set(b"k", &Value::Int(2), 105);
        assert!(t.take_expired(111).is_empty());
        assert_eq!(t.get(b"k", 115), Some(Value::Int(2)));
        assert!(t.set_life(b"k", 1, 111));
        assert_eq!(t.take_expired(113).len(), 1);
        assert!(t.shards.iter().all(|s| s.lock().deadlines.is_empty()));
    }

    #[test]
    fn without_updateexpire_the_first_end_stays() {
        let t = table("e=>autoexpire=10;updateexpire=0");
        t.set(b"k", &Value::Int(1), 100);
        t.set(b"k", &Value::Int(2), 105);
        assert_eq!(t.expires(b"k"), Some(110));
        assert_eq!(t.add(b"k", 1, 106), Some(3));
        assert_eq!(t.expires(b"k"), Some(110));
        // What has ended but is still there is as good as gone.
        t.set(b"k", &Value::Int(5), 120);
        assert_eq!(t.expires(b"k"), Some(130));
    }

    #[test]
    fn removal_leaves_nothing_behind() {
        let t = table("e=>autoexpire=10");
        for round in 0..100 {
            t.set(b"k", &Value::Int(round), 100);
            assert!(t.remove(b"k"));
        }
        assert!(t.shards.iter().all(|s| s.lock().deadlines.is_empty()));
        t.set(b"k", &Value::Int(1), 100);
        t.set_life(b"k", 0, 100);
        assert!(t.take_expired(10_000).is_empty());
        assert_eq!(t.get(b"k", 10_000), Some(Value::Int(1)));
    }

    #[test]
    fn adding() {
        let t = table("b=>initval=5");
        assert_eq!(t.add(b"q", 1, 0), Some(6));
        assert_eq!(t.add(b"q", 1, 0), Some(7));
        assert_eq!(t.add(b"qq", -1, 0), Some(4));
        t.set(b"s", &Value::Str("str".into()), 0);
        assert_eq!(t.add(b"s", 1, 0), None);
        assert_eq!(table("a=>").add(b"new", 1, 0), None);
    }

    #[test]
    fn bare_numbers_where_nothing_expires() {
        let t = table("a=>size=4");
        t.set_for(b"k", &Value::Int(1), 10, 1000);
        assert_eq!(t.expires(b"k"), Some(10));
        assert_eq!(t.get(b"k", 2000), Some(Value::Int(1)));
        assert!(t.take_expired(2000).is_empty());
    }

    proptest::proptest! {
        /// Whatever is done, the queue holds exactly the items that can end, each once.
        #[test]
        fn queue_and_items_agree(steps in proptest::collection::vec((0u8..6, 0u8..5, 0i64..8), 0..200)) {
            let t = table("e=>autoexpire=4");
            let mut now = 100;
            for (what, key, number) in steps {
                let name = [key];
                match what {
                    0 => t.set(&name, &Value::Int(number), now),
                    1 => { t.set_life(&name, number, now); }
                    2 => { t.remove(&name); }
                    3 => t.set_for(&name, &Value::Int(number), number, now),
                    4 => { t.take_expired(now); }
                    _ => now += 1,
                }
                for shard in &t.shards {
                    let shard = shard.lock();
                    for (name, item) in &shard.items {
                        if item.expires != 0 {
                            proptest::prop_assert!(item.queued != 0 && item.queued <= item.expires);
                        }
                        if item.queued != 0 {
                            proptest::prop_assert!(shard.deadlines.contains(&(item.queued, name.clone())));
                        }
                    }
                    let queued = shard.items.values().filter(|i| i.queued != 0).count();
                    proptest::prop_assert_eq!(queued, shard.deadlines.len());
                }
            }
        }
    }
}
