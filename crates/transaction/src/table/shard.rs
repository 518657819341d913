//! One shard: its slots, an index of them by key, and the wheel.

use hashbrown::HashTable;

use super::TableFull;
use super::rests::Ended;
use super::slots::{Awake, Names, Slots};
use crate::key::{AckKey, RequestKey};
use crate::time::Millis;
use crate::transaction::{Data, Transaction};
use crate::wheel::Wheel;

/// An empty shard with more slots than this gives them back: they were for a peak.
const KEPT_SLOTS: usize = 64;

/// How long after a report a transaction is reported again if nobody ran `on_timer` on it.
const REMINDER: u32 = 1000;

/// How often rests that are over are looked for, milliseconds: many are ended in one go, so that the processor waits for
/// the memory of all of them at once. Nobody notices that a transaction rests a little longer.
const SWEEP: u32 = 100;

/// What came of looking for due timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Whether all that were due have been looked at.
    pub complete: bool,
    /// How many transactions had rested to their end, and are gone.
    pub rested: usize,
}

pub(super) struct Shard<D: Data> {
    slots: Slots<D>,
    by_key: HashTable<u32>,
    by_ack: HashTable<u32>,
    wheel: Wheel,
    due: Vec<u32>,
    ended: Vec<Ended>,
    /// When rests that are over are looked for next.
    next_sweep: Millis,
    capacity: usize,
}

impl<D: Data> Shard<D> {
    /// An empty one.
    pub(super) fn new(number: u32, now: Millis, capacity: usize) -> Shard<D> {
        Shard {
            slots: Slots::new(number),
            by_key: HashTable::new(),
            by_ack: HashTable::new(),
            wheel: Wheel::new(now),
            due: Vec::new(),
            ended: Vec::new(),
            next_sweep: now,
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
        let slot = self.slots.insert(Awake { transaction, names });
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
        let occupant = Self::awake(&mut self.slots, &mut self.wheel, slot, generation)?;
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
        if !self.slots.is_live(slot, generation) {
            return None;
        }
        self.slots.look(slot, at)
    }

    /// Packs a transaction that rests, which needs no timer then.
    pub(super) fn pack(&mut self, slot: u32, generation: u32) -> bool {
        let is_packed = self.slots.pack(slot, generation);
        if is_packed {
            self.wheel.disarm(slot);
        }
        is_packed
    }

    /// The transaction of that generation; one that rests is woken, and has a timer again.
    fn awake<'a>(
        slots: &'a mut Slots<D>,
        wheel: &mut Wheel,
        slot: u32,
        generation: u32,
    ) -> Option<&'a mut Awake<D>> {
        let rested = slots.is_resting(slot);
        let awake = slots.awake(slot, generation)?;
        if rested {
            wheel.arm(slot, awake.transaction.next_deadline());
        }
        Some(awake)
    }

    pub(super) fn remove(&mut self, slot: u32, generation: u32) -> Option<Transaction<D>> {
        self.slots.awake(slot, generation)?;
        self.forget_names(slot);
        self.wheel.disarm(slot);
        let taken = self.slots.empty(slot);
        self.give_back_if_empty();
        Some(taken?.transaction)
    }

    /// Takes a slot out of the indices.
    fn forget_names(&mut self, slot: u32) {
        self.forget_ack(slot);
        let hash = self.slots.key(slot).map(|(hash, _)| hash);
        remove(&mut self.by_key, hash, slot);
    }

    fn give_back_if_empty(&mut self) {
        if self.len() == 0 && self.slots.numbers().len() > KEPT_SLOTS {
            self.give_back();
        }
    }

    /// Gives back what grew with the number of transactions; there are none.
    fn give_back(&mut self) {
        self.slots.give_back();
        self.by_key = HashTable::new();
        self.by_ack = HashTable::new();
        self.due = Vec::new();
        self.ended = Vec::new();
        self.wheel.give_back();
    }

    pub(super) fn expect_ack(&mut self, slot: u32, generation: u32, key: AckKey) {
        if !self.slots.is_live(slot, generation) {
            return;
        }
        self.forget_ack(slot);
        let hash = key.hash;
        if let Some(awake) = Self::awake(&mut self.slots, &mut self.wheel, slot, generation) {
            awake.names.ack = Some(Box::new(key));
            let slots = &self.slots;
            self.by_ack
                .insert_unique(hash, slot, |slot| slots.ack_hash(*slot));
        }
    }

    /// Ends the rests that are over, and reports whose timers are due besides.
    pub(super) fn expire(
        &mut self,
        now: Millis,
        limit: usize,
        mut report: impl FnMut(u32, u32),
    ) -> Expired {
        let mut due = std::mem::take(&mut self.due);
        let mut complete = self.wheel.expire(now, limit, &mut due);
        for slot in due.drain(..) {
            let Some(deadline) = self.slots.next_deadline(slot) else {
                continue;
            };
            if deadline > now {
                self.wheel.arm(slot, deadline);
            } else {
                report(slot, self.slots.generation(slot));
                self.wheel.arm(slot, now + REMINDER);
            }
        }
        self.due = due;
        let mut rested = 0;
        if now >= self.next_sweep {
            let is_swept;
            (is_swept, rested) = self.end_rests(now, limit);
            if is_swept {
                self.next_sweep = now + SWEEP;
            }
            complete &= is_swept;
        }
        Expired { complete, rested }
    }

    /// Ends at most `limit` rests that are over; returns whether these were all, and how many.
    fn end_rests(&mut self, now: Millis, limit: usize) -> (bool, usize) {
        let mut ended = std::mem::take(&mut self.ended);
        let complete = self.slots.end_rests(now, limit, &mut ended);
        for Ended { slot, key_hash, .. } in &ended {
            remove(&mut self.by_key, *key_hash, *slot);
        }
        for Ended { slot, ack_hash, .. } in &ended {
            remove(&mut self.by_ack, *ack_hash, *slot);
        }
        let rested = ended.len();
        ended.clear();
        self.ended = ended;
        if rested > 0 {
            self.give_back_if_empty();
        }
        (complete, rested)
    }

    pub(super) fn find(&self, key: &RequestKey) -> Option<u32> {
        let same = |slot: &u32| self.slots.key(*slot) == Some((key.hash, &key.bytes[..]));
        self.by_key.find(key.hash, same).copied()
    }

    pub(super) fn find_by_ack(&self, key: &AckKey) -> Option<u32> {
        let same = |slot: &u32| self.slots.ack(*slot) == Some((key.hash, &key.bytes[..]));
        self.by_ack.find(key.hash, same).copied()
    }

    pub(super) fn secret(&self, slot: u32, generation: u32) -> Option<u64> {
        if !self.slots.is_live(slot, generation) {
            return None;
        }
        self.slots.secret(slot)
    }

    pub(super) fn generation(&self, slot: u32) -> u32 {
        self.slots.generation(slot)
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(u32, u32, &Transaction<D>)) {
        for slot in self.slots.numbers() {
            let generation = self.slots.generation(slot);
            self.slots.look(slot, |t| visit(slot, generation, t));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    fn forget_ack(&mut self, slot: u32) {
        let hash = self.slots.ack(slot).map(|(hash, _)| hash);
        remove(&mut self.by_ack, hash, slot);
    }
}

/// Takes a slot out of an index, if it has a name there.
fn remove(index: &mut HashTable<u32>, hash: Option<u64>, slot: u32) {
    if let Some(hash) = hash
        && let Ok(entry) = index.find_entry(hash, |other| *other == slot)
    {
        entry.remove();
    }
}
