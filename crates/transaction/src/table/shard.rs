//! One shard: slots that are used again, an index by key, and the wheel.

use hashbrown::HashTable;

use super::TableFull;
use crate::key::{AckKey, KeyBytes, RequestKey};
use crate::time::Millis;
use crate::transaction::{Data, Transaction};
use crate::wheel::Wheel;

/// An empty shard with more slots than this gives them back: they were for a peak.
const KEPT_SLOTS: usize = 64;

/// How long after a report a transaction is reported again if nobody ran `on_timer` on it.
const REMINDER: u32 = 1000;

pub(super) struct Shard<D: Data> {
    slots: Slots<D>,
    by_key: HashTable<u32>,
    by_ack: HashTable<u32>,
    wheel: Wheel,
    due: Vec<u32>,
    capacity: usize,
}

struct Slots<D: Data> {
    list: Vec<Slot<D>>,
    free: Vec<u32>,
    /// That of the next occupant, whichever slot it gets: slots that were given back may come again.
    generation: u32,
}

struct Slot<D: Data> {
    /// Of its last occupant.
    generation: u32,
    occupant: Option<Occupant<D>>,
}

/// On the heap, so that what an empty slot held is given back and no transaction is moved.
enum Occupant<D: Data> {
    Awake(Box<Awake<D>>),
    Resting(Box<Resting<D>>),
}

struct Awake<D: Data> {
    transaction: Transaction<D>,
    names: Names,
}

/// A packed transaction. It was written when it began to rest and is read once, at its end.
struct Resting<D: Data> {
    until: Millis,
    packed: D::Packed,
    names: Names,
}

/// By what messages find a transaction.
struct Names {
    secret: u64,
    key: Option<(u64, KeyBytes)>,
    ack: Option<Box<AckKey>>,
}

impl<D: Data> Occupant<D> {
    fn names(&self) -> &Names {
        match self {
            Occupant::Awake(awake) => &awake.names,
            Occupant::Resting(resting) => &resting.names,
        }
    }

    fn names_mut(&mut self) -> &mut Names {
        match self {
            Occupant::Awake(awake) => &mut awake.names,
            Occupant::Resting(resting) => &mut resting.names,
        }
    }

    fn next_deadline(&self) -> Millis {
        match self {
            Occupant::Awake(awake) => awake.transaction.next_deadline(),
            Occupant::Resting(resting) => resting.until,
        }
    }

    fn look<R>(&self, at: impl FnOnce(&Transaction<D>) -> R) -> R {
        match self {
            Occupant::Awake(awake) => at(&awake.transaction),
            Occupant::Resting(resting) => at(&D::unpack(&resting.packed)),
        }
    }
}

impl<D: Data> Slots<D> {
    fn get(&self, slot: u32) -> Option<&Slot<D>> {
        self.list.get(slot as usize)
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Slot<D>> {
        self.list.get_mut(slot as usize)
    }

    fn names(&self, slot: u32) -> Option<&Names> {
        self.get(slot)?.occupant.as_ref().map(Occupant::names)
    }

    /// The occupant, if it is still the one of that generation.
    fn live(&self, slot: u32, generation: u32) -> Option<&Occupant<D>> {
        let slot = self.get(slot)?;
        slot.occupant
            .as_ref()
            .filter(|_| slot.generation == generation)
    }

    /// As `live`, to change.
    fn live_mut(&mut self, slot: u32, generation: u32) -> Option<&mut Occupant<D>> {
        let slot = self.get_mut(slot)?;
        slot.occupant
            .as_mut()
            .filter(|_| slot.generation == generation)
    }

    /// The transaction of that generation; one that rests is woken.
    fn awake(&mut self, slot: u32, generation: u32) -> Option<&mut Awake<D>> {
        let slot = self.get_mut(slot)?;
        if slot.generation != generation {
            return None;
        }
        if let Some(Occupant::Resting(resting)) = slot
            .occupant
            .take_if(|occupant| matches!(occupant, Occupant::Resting(_)))
        {
            slot.occupant = Some(Occupant::Awake(Box::new(Awake {
                transaction: D::unpack(&resting.packed),
                names: resting.names,
            })));
        }
        match &mut slot.occupant {
            Some(Occupant::Awake(awake)) => Some(awake),
            _ => None,
        }
    }

    fn key_hash(&self, slot: u32) -> u64 {
        self.names(slot)
            .and_then(|names| names.key.as_ref())
            .map_or(0, |(hash, _)| *hash)
    }

    fn ack_hash(&self, slot: u32) -> u64 {
        self.names(slot)
            .and_then(|names| names.ack.as_ref())
            .map_or(0, |key| key.hash)
    }

    fn insert(&mut self, occupant: Occupant<D>) -> u32 {
        let generation = self.generation;
        // A handle of zeros names nothing.
        self.generation = generation.wrapping_add(1).max(1);
        let slot = Slot {
            generation,
            occupant: Some(occupant),
        };
        if let Some(free) = self.free.pop()
            && let Some(place) = self.get_mut(free)
        {
            *place = slot;
            return free;
        }
        self.list.push(slot);
        self.list.len() as u32 - 1
    }

    fn take(&mut self, number: u32) -> Option<Occupant<D>> {
        let occupant = self.get_mut(number)?.occupant.take()?;
        self.free.push(number);
        Some(occupant)
    }

    fn len(&self) -> usize {
        self.list.len() - self.free.len()
    }
}

impl<D: Data> Shard<D> {
    pub(super) fn new(now: Millis, capacity: usize) -> Shard<D> {
        Shard {
            slots: Slots {
                list: Vec::new(),
                free: Vec::new(),
                generation: 1,
            },
            by_key: HashTable::new(),
            by_ack: HashTable::new(),
            wheel: Wheel::new(now),
            due: Vec::new(),
            capacity,
        }
    }

    pub(super) fn insert(
        &mut self,
        key: Option<RequestKey>,
        secret: u64,
        make: impl FnOnce() -> Transaction<D>,
    ) -> Result<u32, TableFull> {
        if self.len() >= self.capacity {
            return Err(TableFull);
        }
        let transaction = make();
        let deadline = transaction.next_deadline();
        let key = key.map(|key| (key.hash, key.bytes));
        let hash = key.as_ref().map(|(hash, _)| *hash);
        let names = Names {
            secret,
            key,
            ack: None,
        };
        let slot = self
            .slots
            .insert(Occupant::Awake(Box::new(Awake { transaction, names })));
        if let Some(hash) = hash {
            let slots = &self.slots;
            self.by_key
                .insert_unique(hash, slot, |slot| slots.key_hash(*slot));
        }
        self.wheel.arm(slot, deadline);
        Ok(slot)
    }

    pub(super) fn with<R>(
        &mut self,
        slot: u32,
        generation: u32,
        step: impl FnOnce(&mut Transaction<D>) -> R,
    ) -> Option<R> {
        let occupant = self.slots.awake(slot, generation)?;
        let was_replied = occupant.transaction.is_replied();
        let result = step(&mut occupant.transaction);
        let deadline = occupant.transaction.next_deadline();
        // An entry that fires too early is put back by `expire`; most timers are moved away before they fire, so this
        // saves most of the work. Not when the wait begins: until that is over nothing else moves it, and the caches
        // hold it now.
        let begins_to_wait = occupant.transaction.is_replied() && !was_replied;
        if begins_to_wait || !self.wheel.fires_by(slot, deadline) {
            self.wheel.arm(slot, deadline);
        }
        Some(result)
    }

    pub(super) fn look<R>(
        &self,
        slot: u32,
        generation: u32,
        at: impl FnOnce(&Transaction<D>) -> R,
    ) -> Option<R> {
        Some(self.slots.live(slot, generation)?.look(at))
    }

    /// Packs a transaction that rests. Its timer stays: when the rest ends is known.
    pub(super) fn pack(&mut self, slot: u32, generation: u32) -> bool {
        let Some(place) = self.slots.get_mut(slot) else {
            return false;
        };
        if place.generation != generation {
            return false;
        }
        let packed = match &mut place.occupant {
            Some(Occupant::Awake(awake)) => D::pack(&mut awake.transaction),
            _ => None,
        };
        let Some(packed) = packed else { return false };
        if let Some(Occupant::Awake(awake)) = place.occupant.take() {
            place.occupant = Some(Occupant::Resting(Box::new(Resting {
                until: awake.transaction.next_deadline(),
                packed,
                names: awake.names,
            })));
        }
        true
    }

    /// Takes out a transaction whose rest is over, and that nothing woke.
    pub(super) fn remove_rested(
        &mut self,
        slot: u32,
        generation: u32,
        now: Millis,
    ) -> Option<D::Packed> {
        match self.slots.live(slot, generation)? {
            Occupant::Resting(resting) if resting.until <= now => {}
            _ => return None,
        }
        match self.take_out(slot)? {
            Occupant::Resting(resting) => Some(resting.packed),
            Occupant::Awake(_) => None,
        }
    }

    pub(super) fn remove(&mut self, slot: u32, generation: u32) -> Option<Transaction<D>> {
        self.slots.live(slot, generation)?;
        Some(match self.take_out(slot)? {
            Occupant::Awake(awake) => awake.transaction,
            Occupant::Resting(resting) => D::unpack(&resting.packed),
        })
    }

    fn take_out(&mut self, slot: u32) -> Option<Occupant<D>> {
        self.forget_ack(slot);
        let hash = self.slots.key_hash(slot);
        if let Ok(entry) = self.by_key.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
        self.wheel.disarm(slot);
        let taken = self.slots.take(slot);
        if self.len() == 0 && self.slots.list.len() > KEPT_SLOTS {
            self.give_back();
        }
        taken
    }

    /// Gives back what grew with the number of transactions; there are none.
    fn give_back(&mut self) {
        self.slots.list = Vec::new();
        self.slots.free = Vec::new();
        self.by_key = HashTable::new();
        self.by_ack = HashTable::new();
        self.due = Vec::new();
        self.wheel.give_back();
    }

    pub(super) fn expect_ack(&mut self, slot: u32, generation: u32, key: AckKey) {
        if self.slots.live(slot, generation).is_none() {
            return;
        }
        self.forget_ack(slot);
        let hash = key.hash;
        if let Some(occupant) = self.slots.live_mut(slot, generation) {
            occupant.names_mut().ack = Some(Box::new(key));
            let slots = &self.slots;
            self.by_ack
                .insert_unique(hash, slot, |slot| slots.ack_hash(*slot));
        }
    }

    pub(super) fn expire(
        &mut self,
        now: Millis,
        limit: usize,
        mut report: impl FnMut(u32, u32),
    ) -> bool {
        let mut due = std::mem::take(&mut self.due);
        let complete = self.wheel.expire(now, limit, &mut due);
        for slot in due.drain(..) {
            let Some(Slot {
                generation,
                occupant: Some(occupant),
            }) = self.slots.get(slot)
            else {
                continue;
            };
            let deadline = occupant.next_deadline();
            if deadline > now {
                self.wheel.arm(slot, deadline);
            } else {
                report(slot, *generation);
                self.wheel.arm(slot, now + REMINDER);
            }
        }
        self.due = due;
        complete
    }

    pub(super) fn next_wakeup(&self) -> Millis {
        self.wheel.next_wakeup()
    }

    pub(super) fn find(&self, key: &RequestKey) -> Option<u32> {
        let same = |slot: &u32| {
            let stored = self.slots.names(*slot).and_then(|names| names.key.as_ref());
            stored.is_some_and(|(hash, bytes)| *hash == key.hash && *bytes == key.bytes)
        };
        self.by_key.find(key.hash, same).copied()
    }

    pub(super) fn find_by_ack(&self, key: &AckKey) -> Option<u32> {
        let same = |slot: &u32| {
            let stored = self.slots.names(*slot).and_then(|names| names.ack.as_ref());
            stored.is_some_and(|stored| **stored == *key)
        };
        self.by_ack.find(key.hash, same).copied()
    }

    pub(super) fn secret(&self, slot: u32, generation: u32) -> Option<u64> {
        Some(self.slots.live(slot, generation)?.names().secret)
    }

    pub(super) fn generation(&self, slot: u32) -> u32 {
        self.slots.get(slot).map_or(0, |slot| slot.generation)
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(u32, u32, &Transaction<D>)) {
        for (number, slot) in (0..).zip(&self.slots.list) {
            if let Some(occupant) = &slot.occupant {
                occupant.look(|transaction| visit(number, slot.generation, transaction));
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    fn forget_ack(&mut self, slot: u32) {
        let hash = self.slots.ack_hash(slot);
        if let Ok(entry) = self.by_ack.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
    }
}
