//! Where transactions rest: written one behind the other, and given back a chunk at a time.
//!
//! Nearly all transactions rest, for seconds, so that they lie in no cache. They begin and end to rest in the same order:
//! written in that order they need no allocation and no timer each, and are written and read as memory likes it best.

use std::collections::VecDeque;

use crate::key::{AckKey, KeyBytes};
use crate::time::Millis;
use crate::transaction::{Data, Transaction};

use super::slots::{Awake, Names};

/// How many records and bytes of texts make a chunk; the last record's texts may go beyond. The allocator gives back pieces
/// of that size by themselves, so that what a peak needed is not held by its neighbours.
const RECORDS: usize = 256;
const TEXTS: usize = 256 * 1024;

/// How many chunks without records keep their memory; the others were for a peak.
const KEPT_CHUNKS: usize = 1;

/// Nobody begins to rest behind others whose rest ends so much later, milliseconds: their ends are looked for in the order
/// of their beginnings.
const DISORDER: u32 = 200;

/// The transactions of one shard that rest.
pub(super) struct Rests<D: Data> {
    chunks: Vec<Chunk<D>>,
    /// Chunks without records.
    free: Vec<u32>,
    /// Those with records, in the order in which they were written; the last one is written to.
    order: VecDeque<u32>,
    /// The first record of the first of them that is not over.
    first: usize,
    /// When the rest that was written last ends.
    latest: Millis,
}

/// Whose rest was over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) slot: u32,
    pub(super) key_hash: Option<u64>,
    pub(super) ack_hash: Option<u64>,
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    chunk: u32,
    record: u32,
}

struct Chunk<D: Data> {
    records: Vec<Option<Resting<D>>>,
    texts: Vec<u8>,
}

/// A packed transaction. It was written when it began to rest and is read once, at its end.
struct Resting<D: Data> {
    until: Millis,
    slot: u32,
    secret: u64,
    key_hash: Option<u64>,
    ack_hash: Option<u64>,
    /// Where its texts begin, where its key and the key of its ACK end behind each other, and where what its owner keeps
    /// ends.
    start: u32,
    key_end: u32,
    ack_end: u32,
    end: u32,
    packed: D::Packed,
}

/// A record and its texts.
pub(super) struct Rested<'a, D: Data> {
    record: &'a Resting<D>,
    texts: &'a [u8],
}

impl<'a, D: Data> Rested<'a, D> {
    pub(super) fn secret(&self) -> u64 {
        self.record.secret
    }

    /// Hash and bytes of its key.
    pub(super) fn key(&self) -> Option<(u64, &'a [u8])> {
        let hash = self.record.key_hash?;
        Some((hash, self.text(self.record.start, self.record.key_end)))
    }

    /// Hash and bytes of the key of its ACK.
    pub(super) fn ack(&self) -> Option<(u64, &'a [u8])> {
        let hash = self.record.ack_hash?;
        Some((hash, self.text(self.record.key_end, self.record.ack_end)))
    }

    pub(super) fn unpacked(&self) -> Transaction<D> {
        let texts = self.text(self.record.ack_end, self.record.end);
        D::unpack(&self.record.packed, texts)
    }

    /// As it was before it rested; `shard` is where it is.
    pub(super) fn awake(&self, shard: u32) -> Awake<D> {
        Awake {
            transaction: self.unpacked(),
            names: Names {
                secret: self.secret(),
                key: self
                    .key()
                    .map(|(hash, bytes)| (hash, KeyBytes::from_slice(bytes))),
                ack: self.ack().map(|(hash, bytes)| {
                    Box::new(AckKey {
                        shard,
                        hash,
                        bytes: KeyBytes::from_slice(bytes),
                    })
                }),
            },
        }
    }

    fn text(&self, start: u32, end: u32) -> &'a [u8] {
        self.texts
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}

impl<D: Data> Chunk<D> {
    const EMPTY: Self = Self {
        records: Vec::new(),
        texts: Vec::new(),
    };

    fn is_full(&self) -> bool {
        self.records.len() >= RECORDS || self.texts.len() >= TEXTS
    }

    /// Forgets what was written; the memory stays.
    fn clear(&mut self) {
        self.records.clear();
        self.texts.clear();
    }
}

impl<D: Data> Rests<D> {
    pub(super) fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: Vec::new(),
            order: VecDeque::new(),
            first: 0,
            latest: Millis(0),
        }
    }

    /// Packs the transaction of a slot; `None` leaves it as it was.
    pub(super) fn write(&mut self, slot: u32, awake: &mut Awake<D>) -> Option<Place> {
        let until = awake.transaction.next_deadline();
        if until == Millis::NEVER || until + DISORDER < self.latest {
            return None;
        }
        let number = self.open();
        let chunk = self.chunks.get_mut(number as usize)?;
        let begun = chunk.texts.len();
        let place = Place {
            chunk: number,
            record: chunk.records.len() as u32,
        };
        let Some(record) = pack(slot, until, awake, &mut chunk.texts) else {
            chunk.texts.truncate(begun);
            return None;
        };
        chunk.records.push(Some(record));
        self.latest = until.max(self.latest);
        Some(place)
    }

    pub(super) fn get(&self, place: Place) -> Option<Rested<'_, D>> {
        let chunk = self.chunks.get(place.chunk as usize)?;
        let record = chunk.records.get(place.record as usize)?.as_ref()?;
        Some(Rested {
            record,
            texts: &chunk.texts,
        })
    }

    /// Forgets a record before its end; its room comes back when those around it are over.
    pub(super) fn forget(&mut self, place: Place) {
        if let Some(chunk) = self.chunks.get_mut(place.chunk as usize)
            && let Some(record) = chunk.records.get_mut(place.record as usize)
        {
            *record = None;
        }
    }

    /// Takes out whose rests are over, at most `limit`, and appends them to `ended`. Returns whether all were taken.
    pub(super) fn end(&mut self, now: Millis, limit: usize, ended: &mut Vec<Ended>) -> bool {
        let most = ended.len().saturating_add(limit);
        while let Some(&number) = self.order.front() {
            let Some(chunk) = self.chunks.get_mut(number as usize) else {
                return true;
            };
            while let Some(record) = chunk.records.get_mut(self.first) {
                if let Some(resting) = record {
                    if resting.until > now {
                        return true;
                    }
                    if ended.len() == most {
                        return false;
                    }
                    ended.push(Ended {
                        slot: resting.slot,
                        key_hash: resting.key_hash,
                        ack_hash: resting.ack_hash,
                    });
                    *record = None;
                }
                self.first += 1;
            }
            self.first = 0;
            self.order.pop_front();
            chunk.clear();
            if self.free.len() >= KEPT_CHUNKS {
                *chunk = Chunk::EMPTY;
            }
            self.free.push(number);
        }
        true
    }

    /// The chunk to write to.
    fn open(&mut self) -> u32 {
        let open = self.order.back().and_then(|&open| {
            let chunk = self.chunks.get(open as usize)?;
            (!chunk.is_full()).then_some(open)
        });
        if let Some(open) = open {
            return open;
        }
        let next = self.free.pop().unwrap_or_else(|| {
            self.chunks.push(Chunk::EMPTY);
            self.chunks.len() as u32 - 1
        });
        // The first one grows as it is needed: many shards never fill it.
        if !self.order.is_empty()
            && let Some(chunk) = self.chunks.get_mut(next as usize)
        {
            chunk.records.reserve_exact(RECORDS);
            chunk.texts.reserve(TEXTS + TEXTS / 16);
        }
        self.order.push_back(next);
        next
    }
}

fn pack<D: Data>(
    slot: u32,
    until: Millis,
    awake: &mut Awake<D>,
    texts: &mut Vec<u8>,
) -> Option<Resting<D>> {
    let start = texts.len();
    let names = &awake.names;
    if let Some((_, bytes)) = &names.key {
        texts.extend_from_slice(bytes);
    }
    let key_end = texts.len();
    if let Some(ack) = &names.ack {
        texts.extend_from_slice(&ack.bytes);
    }
    let ack_end = texts.len();
    let packed = D::pack(&mut awake.transaction, texts)?;
    Some(Resting {
        until,
        slot,
        secret: names.secret,
        key_hash: names.key.as_ref().map(|(hash, _)| *hash),
        ack_hash: names.ack.as_ref().map(|ack| ack.hash),
        // Chunks are far smaller than this counts.
        start: start as u32,
        key_end: key_end as u32,
        ack_end: ack_end as u32,
        end: texts.len() as u32,
        packed,
    })
}
