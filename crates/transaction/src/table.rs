//! The table of transactions: shards with a lock, an index, slots and a timer wheel each.
//!
//! No lock is held while the caller sends, runs scripts or waits: a step is `with(handle, |t| t.on_…(…, &mut outputs))`,
//! and the outputs are performed after it has returned. Where a transaction lives is decided by its Call-ID, so that the
//! INVITE, its CANCEL and its ACKs meet in one shard.

mod rests;
mod shard;
mod slots;

use ahash::RandomState;
use parking_lot::Mutex;

use crate::key::{AckKey, BranchId, Handle, KeyBytes, Matching, RequestKey, write_part};
use crate::output::BranchNo;
use crate::time::Millis;
use crate::transaction::{Data, Transaction};
use shard::Shard;

pub use shard::Expired;

/// How large a table is and what its hashes are keyed with.
#[derive(Clone, Copy, Debug)]
pub struct TableOptions {
    /// There are 2^`shard_bits` shards (at most 2^12).
    pub shard_bits: u32,
    /// The most transactions in the table; what comes beyond it is refused.
    pub capacity: usize,
    /// Random numbers that nobody outside knows.
    pub hash_keys: [u64; 4],
}

/// The transactions.
pub struct Table<D: Data> {
    shards: Box<[Mutex<Shard<D>>]>,
    bits: u32,
    hasher: RandomState,
}

/// What `find_or_insert` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The request belongs to this transaction: it is a retransmission.
    Found(Handle),
    /// The request is new and has this transaction now.
    Inserted(Handle),
}

/// The table holds as many transactions as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transaction table is full")]
pub struct TableFull;

impl<D: Data> Table<D> {
    /// An empty table.
    pub fn new(now: Millis, options: TableOptions) -> Table<D> {
        let bits = options.shard_bits.min(12);
        let per_shard = (options.capacity >> bits).clamp(1, (u32::MAX >> bits) as usize);
        let [a, b, c, d] = options.hash_keys;
        Table {
            shards: (0..1u32 << bits)
                .map(|number| Mutex::new(Shard::new(number, now, per_shard)))
                .collect(),
            bits,
            hasher: RandomState::with_seeds(a, b, c, d),
        }
    }

    /// The key of a request. `compare_call_id` makes the Call-ID part of what must be equal (`callid_matching`).
    pub fn request_key(
        &self,
        call_id: &[u8],
        matching: Matching<'_>,
        compare_call_id: bool,
    ) -> RequestKey {
        let mut bytes = KeyBytes::new();
        matching.write(&mut bytes);
        if compare_call_id || !matches!(matching, Matching::Cookie { .. }) {
            write_part(&mut bytes, call_id);
        }
        RequestKey {
            shard: self.shard_for(call_id),
            hash: self.hasher.hash_one(&bytes[..]),
            bytes,
        }
    }

    /// The key of an end-to-end ACK, and of the 2xx that it answers.
    pub fn ack_key(&self, call_id: &[u8], from_tag: &[u8], to_tag: &[u8], cseq: u32) -> AckKey {
        let mut bytes = KeyBytes::new();
        for part in [call_id, from_tag, to_tag] {
            write_part(&mut bytes, part);
        }
        bytes.extend_from_slice(&cseq.to_be_bytes());
        AckKey {
            shard: self.shard_for(call_id),
            hash: self.hasher.hash_one(&bytes[..]),
            bytes,
        }
    }

    /// Finds the transaction of a request.
    pub fn find(&self, key: &RequestKey) -> Option<Handle> {
        let shard_number = key.shard;
        let shard = self.shards.get(shard_number as usize)?.lock();
        shard
            .find(key)
            .map(|slot| self.handle(shard_number, slot, &shard))
    }

    /// Finds the transaction of a request, or makes one; `secret` is a fresh random number for its branch parameters.
    /// `make` runs under the lock of the shard, so it should only move what was prepared.
    pub fn find_or_insert(
        &self,
        key: RequestKey,
        secret: u64,
        make: impl FnOnce() -> Transaction<D>,
    ) -> Result<Entry, TableFull> {
        let shard_number = key.shard;
        let mut shard = self
            .shards
            .get(shard_number as usize)
            .ok_or(TableFull)?
            .lock();
        if let Some(slot) = shard.find(&key) {
            return Ok(Entry::Found(self.handle(shard_number, slot, &shard)));
        }
        let slot = shard.insert(Some(key), secret, make)?;
        Ok(Entry::Inserted(self.handle(shard_number, slot, &shard)))
    }

    /// Adds a transaction for a request made here, which no received request can match.
    pub fn insert_local(
        &self,
        call_id: &[u8],
        secret: u64,
        make: impl FnOnce() -> Transaction<D>,
    ) -> Result<Handle, TableFull> {
        let shard_number = self.shard_for(call_id);
        let mut shard = self
            .shards
            .get(shard_number as usize)
            .ok_or(TableFull)?
            .lock();
        let slot = shard.insert(None, secret, make)?;
        Ok(self.handle(shard_number, slot, &shard))
    }

    /// Lets end-to-end ACKs with this key find the INVITE: called when a 2xx is passed on. The latest 2xx counts.
    pub fn expect_ack(&self, handle: Handle, key: AckKey) {
        let (shard_number, slot) = self.place(handle);
        if key.shard == shard_number
            && let Some(shard) = self.shards.get(shard_number as usize)
        {
            shard.lock().expect_ack(slot, handle.generation, key);
        }
    }

    /// Finds the INVITE transaction whose 2xx an ACK answers.
    pub fn find_by_ack(&self, key: &AckKey) -> Option<Handle> {
        let shard = self.shards.get(key.shard as usize)?.lock();
        shard
            .find_by_ack(key)
            .map(|slot| self.handle(key.shard, slot, &shard))
    }

    /// What to put in the `branch` parameter of a request.
    pub fn branch_id(&self, handle: Handle, branch: BranchNo) -> Option<BranchId> {
        let (shard_number, slot) = self.place(handle);
        let shard = self.shards.get(shard_number as usize)?.lock();
        let secret = shard.secret(slot, handle.generation)?;
        Some(BranchId {
            handle,
            secret,
            branch,
        })
    }

    /// Finds the transaction that a reply belongs to by the `branch` parameter of its topmost Via. The caller has yet to
    /// compare the method in CSeq.
    pub fn find_by_branch(&self, id: &BranchId) -> Option<Handle> {
        let (shard_number, slot) = self.place(id.handle);
        let shard = self.shards.get(shard_number as usize)?.lock();
        let secret = shard.secret(slot, id.handle.generation)?;
        (secret == id.secret).then_some(id.handle)
    }

    /// Runs one step on a transaction under the lock of its shard, then sets its timer anew. `None` if it is gone.
    /// The step must not use the table: it holds the lock.
    pub fn with<R>(
        &self,
        handle: Handle,
        step: impl FnOnce(&mut Transaction<D>) -> R,
    ) -> Option<R> {
        let (shard_number, slot) = self.place(handle);
        let mut shard = self.shards.get(shard_number as usize)?.lock();
        shard.with(slot, handle.generation, step)
    }

    /// Looks at a transaction under the lock of its shard: its timer stays as it is. `None` if it is gone.
    pub fn look<R>(&self, handle: Handle, at: impl FnOnce(&Transaction<D>) -> R) -> Option<R> {
        let (shard_number, slot) = self.place(handle);
        let shard = self.shards.get(shard_number as usize)?.lock();
        shard.look(slot, handle.generation, at)
    }

    /// Packs a transaction, if it rests. Whatever comes late wakes it: `with` sees it as it was.
    pub fn pack(&self, handle: Handle) -> bool {
        let (shard_number, slot) = self.place(handle);
        self.shards
            .get(shard_number as usize)
            .is_some_and(|shard| shard.lock().pack(slot, handle.generation))
    }

    /// Takes a transaction out.
    pub fn remove(&self, handle: Handle) -> Option<Transaction<D>> {
        let (shard_number, slot) = self.place(handle);
        self.shards
            .get(shard_number as usize)?
            .lock()
            .remove(slot, handle.generation)
    }

    /// Looks at the due timers of one shard, at most `limit`. Who has rested to its end is gone: `on_timer` would have
    /// asked for nothing else. Of the others the handles are appended; the caller runs `on_timer` on each, and one that is
    /// forgotten is reported again a second later.
    pub fn expire(
        &self,
        shard_number: usize,
        now: Millis,
        limit: usize,
        due: &mut Vec<Handle>,
    ) -> Expired {
        let Some(shard) = self.shards.get(shard_number) else {
            return Expired {
                complete: true,
                rested: 0,
            };
        };
        let mut shard = shard.lock();
        shard.expire(now, limit, |slot, generation| {
            due.push(Handle {
                index: slot << self.bits | shard_number as u32,
                generation,
            });
        })
    }

    /// Calls `visit` for each transaction of one shard, under its lock.
    pub fn for_each(&self, shard_number: usize, mut visit: impl FnMut(Handle, &Transaction<D>)) {
        let Some(shard) = self.shards.get(shard_number) else {
            return;
        };
        shard.lock().for_each(|slot, generation, transaction| {
            visit(
                Handle {
                    index: slot << self.bits | shard_number as u32,
                    generation,
                },
                transaction,
            );
        });
    }

    /// How many shards there are.
    pub fn shard_count(&self) -> usize {
        self.shards.len()
    }

    /// How many transactions one shard holds.
    pub fn shard_len(&self, shard_number: usize) -> usize {
        self.shards
            .get(shard_number)
            .map_or(0, |shard| shard.lock().len())
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        (0..self.shards.len())
            .map(|shard| self.shard_len(shard))
            .sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard_for(&self, call_id: &[u8]) -> u32 {
        self.hasher.hash_one(call_id) as u32 & ((1 << self.bits) - 1)
    }

    fn handle(&self, shard_number: u32, slot: u32, shard: &Shard<D>) -> Handle {
        Handle {
            index: slot << self.bits | shard_number,
            generation: shard.generation(slot),
        }
    }

    /// The shard and the slot.
    fn place(&self, handle: Handle) -> (u32, u32) {
        (
            handle.index & ((1 << self.bits) - 1),
            handle.index >> self.bits,
        )
    }
}

#[cfg(test)]
mod tests;
