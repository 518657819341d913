//! The slots of a shard: which transaction is where, awake or at rest.

use crate::key::{AckKey, KeyBytes};
use crate::time::Millis;
use crate::transaction::{Data, Transaction};

use super::rests::{Ended, Place, Rested, Rests};

/// Slots that are used again, and what is in them.
pub(super) struct Slots<D: Data> {
    list: Vec<Slot<D>>,
    free: Vec<u32>,
    /// That of the next occupant, whichever slot it gets: slots that were given back may come again.
    generation: u32,
    rests: Rests<D>,
    /// The number of the shard.
    shard: u32,
}

struct Slot<D: Data> {
    /// Of its last occupant.
    generation: u32,
    occupant: Occupant<D>,
}

enum Occupant<D: Data> {
    Nobody,
    /// On the heap, so that what an empty slot held is given back and no transaction is moved.
    Awake(Box<Awake<D>>),
    Resting(Place),
}

/// A transaction and what it is found by.
pub(super) struct Awake<D: Data> {
    pub(super) transaction: Transaction<D>,
    pub(super) names: Names,
}

/// By what messages find a transaction.
pub(super) struct Names {
    pub(super) secret: u64,
    pub(super) key: Option<(u64, KeyBytes)>,
    pub(super) ack: Option<Box<AckKey>>,
}

/// Who is in a slot.
enum Who<'a, D: Data> {
    Awake(&'a Awake<D>),
    Resting(Rested<'a, D>),
}

impl<'a, D: Data> Who<'a, D> {
    fn key(&self) -> Option<(u64, &'a [u8])> {
        match self {
            Who::Awake(awake) => {
                let (hash, bytes) = awake.names.key.as_ref()?;
                Some((*hash, bytes))
            }
            Who::Resting(rested) => rested.key(),
        }
    }

    fn ack(&self) -> Option<(u64, &'a [u8])> {
        match self {
            Who::Awake(awake) => {
                let ack = awake.names.ack.as_ref()?;
                Some((ack.hash, &ack.bytes))
            }
            Who::Resting(rested) => rested.ack(),
        }
    }
}

impl<D: Data> Slots<D> {
    pub(super) fn new(shard: u32) -> Self {
        Self {
            list: Vec::new(),
            free: Vec::new(),
            generation: 1,
            rests: Rests::new(),
            shard,
        }
    }

    fn who(&self, slot: u32) -> Option<Who<'_, D>> {
        match &self.list.get(slot as usize)?.occupant {
            Occupant::Nobody => None,
            Occupant::Awake(awake) => Some(Who::Awake(awake)),
            Occupant::Resting(place) => self.rests.get(*place).map(Who::Resting),
        }
    }

    /// Whether the occupant is still the one of that generation.
    pub(super) fn is_live(&self, slot: u32, generation: u32) -> bool {
        self.list.get(slot as usize).is_some_and(|slot| {
            slot.generation == generation && !matches!(slot.occupant, Occupant::Nobody)
        })
    }

    /// Hash and bytes of the key of whoever is there.
    pub(super) fn key(&self, slot: u32) -> Option<(u64, &[u8])> {
        self.who(slot)?.key()
    }

    /// Hash and bytes of the key of its ACK.
    pub(super) fn ack(&self, slot: u32) -> Option<(u64, &[u8])> {
        self.who(slot)?.ack()
    }

    pub(super) fn key_hash(&self, slot: u32) -> u64 {
        self.key(slot).map_or(0, |(hash, _)| hash)
    }

    pub(super) fn ack_hash(&self, slot: u32) -> u64 {
        self.ack(slot).map_or(0, |(hash, _)| hash)
    }

    pub(super) fn generation(&self, slot: u32) -> u32 {
        self.list
            .get(slot as usize)
            .map_or(0, |slot| slot.generation)
    }

    pub(super) fn secret(&self, slot: u32) -> Option<u64> {
        Some(match self.who(slot)? {
            Who::Awake(awake) => awake.names.secret,
            Who::Resting(rested) => rested.secret(),
        })
    }

    /// When the next timer of an awake transaction is due.
    pub(super) fn next_deadline(&self, slot: u32) -> Option<Millis> {
        match &self.list.get(slot as usize)?.occupant {
            Occupant::Awake(awake) => Some(awake.transaction.next_deadline()),
            Occupant::Nobody | Occupant::Resting(_) => None,
        }
    }

    pub(super) fn is_resting(&self, slot: u32) -> bool {
        matches!(
            self.list.get(slot as usize),
            Some(Slot {
                occupant: Occupant::Resting(_),
                ..
            })
        )
    }

    /// Lets somebody look at whoever is there; one that rests goes on resting.
    pub(super) fn look<R>(&self, slot: u32, at: impl FnOnce(&Transaction<D>) -> R) -> Option<R> {
        Some(match self.who(slot)? {
            Who::Awake(awake) => at(&awake.transaction),
            Who::Resting(rested) => at(&rested.unpacked()),
        })
    }

    /// The transaction of that generation; one that rests is woken.
    pub(super) fn awake(&mut self, slot: u32, generation: u32) -> Option<&mut Awake<D>> {
        let slot = self.list.get_mut(slot as usize)?;
        if slot.generation != generation {
            return None;
        }
        if let Occupant::Resting(place) = slot.occupant {
            let awake = self.rests.get(place)?.awake(self.shard);
            self.rests.forget(place);
            slot.occupant = Occupant::Awake(Box::new(awake));
        }
        match &mut slot.occupant {
            Occupant::Awake(awake) => Some(awake),
            _ => None,
        }
    }

    /// Packs the transaction of that generation, if it rests.
    pub(super) fn pack(&mut self, number: u32, generation: u32) -> bool {
        let Some(slot) = self.list.get_mut(number as usize) else {
            return false;
        };
        if slot.generation != generation {
            return false;
        }
        let Occupant::Awake(awake) = &mut slot.occupant else {
            return false;
        };
        let Some(place) = self.rests.write(number, awake) else {
            return false;
        };
        slot.occupant = Occupant::Resting(place);
        true
    }

    pub(super) fn insert(&mut self, awake: Awake<D>) -> u32 {
        let generation = self.generation;
        // A handle of zeros names nothing.
        self.generation = generation.wrapping_add(1).max(1);
        let slot = Slot {
            generation,
            occupant: Occupant::Awake(Box::new(awake)),
        };
        if let Some(free) = self.free.pop()
            && let Some(place) = self.list.get_mut(free as usize)
        {
            *place = slot;
            return free;
        }
        self.list.push(slot);
        self.list.len() as u32 - 1
    }

    /// Empties a slot; whoever was awake there is returned.
    pub(super) fn empty(&mut self, number: u32) -> Option<Box<Awake<D>>> {
        let slot = self.list.get_mut(number as usize)?;
        let occupant = std::mem::replace(&mut slot.occupant, Occupant::Nobody);
        match occupant {
            Occupant::Nobody => None,
            Occupant::Awake(awake) => {
                self.free.push(number);
                Some(awake)
            }
            Occupant::Resting(place) => {
                self.free.push(number);
                self.rests.forget(place);
                None
            }
        }
    }

    /// Takes out whose rests are over, at most `limit`, and appends them to `ended`: their slots are free, their names are
    /// still to be forgotten. Returns whether all were taken.
    pub(super) fn end_rests(&mut self, now: Millis, limit: usize, ended: &mut Vec<Ended>) -> bool {
        let begun = ended.len();
        let complete = self.rests.end(now, limit, ended);
        for ended in ended.iter().skip(begun) {
            if let Some(slot) = self.list.get_mut(ended.slot as usize) {
                slot.occupant = Occupant::Nobody;
                self.free.push(ended.slot);
            }
        }
        complete
    }

    /// All slots that were ever used.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..self.list.len() as u32
    }

    /// How many are occupied.
    pub(super) fn len(&self) -> usize {
        self.list.len() - self.free.len()
    }

    /// Gives back what grew with the number of transactions; there are none.
    pub(super) fn give_back(&mut self) {
        self.list = Vec::new();
        self.free = Vec::new();
        self.rests = Rests::new();
    }
}
