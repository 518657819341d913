//! The locks of `lock`, `trylock` and `unlock`.
//!
//! As in Kamailio there is a fixed number of them, and a key stands for the one that its hash
//! picks: keys made from messages cannot fill the memory. A lock belongs to nobody: whoever unlocks
//! it frees it, so that a route may take one, be suspended, and give it back when it goes on as
//! another run.

use std::sync::Arc;
use std::time::Duration;

use engine::context::Context;
use engine::hash::core_hash;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use parking::Locks;

/// How long a route waits. By then the transaction of whoever holds the lock is long over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest set is two to the power of this.
pub(super) const MAX_BITS: u32 = 14;

/// All locks.
pub(super) struct LockSet {
    bits: u32,
    locks: Arc<Locks<u32>>,
}

impl LockSet {
    /// Two to the power of `bits` locks, all free.
    pub(super) fn new(bits: u32) -> Self {
        Self {
            bits: bits.min(MAX_BITS),
            locks: Arc::default(),
        }
    }

    /// The number of the lock that a key stands for.
    fn index(&self, key: &[u8]) -> u32 {
        core_hash(key) & ((1 << self.bits) - 1)
    }

    /// Takes the lock of a key if it is free.
    pub(super) fn try_take(&self, key: &[u8]) -> bool {
        self.locks.try_take(&self.index(key), None)
    }

    /// Frees the lock of a key, whoever took it.
    pub(super) fn free(&self, key: &[u8]) {
        self.locks.give_back(&self.index(key), None);
    }
}

/// Takes the lock of a key, parking the route while it is held.
pub(super) fn take(cx: &mut Context, set: &LockSet, key: &[u8]) -> Outcome {
    if set.try_take(key) {
        return TRUE;
    }
    let given_up = cx.core.services.spawner.sleep(PATIENCE);
    let attempt = set.locks.take(set.index(key), None, given_up);
    Outcome::Wait(Box::pin(async move {
        let taken = attempt.await;
        Box::new(move |cx: &mut Context| {
            if taken {
                return TRUE;
            }
            cx.log(Level::Error, "lock: nobody gave the lock back in a minute");
            FALSE
        }) as script::host::Continuation<Context>
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which keys share a lock with `lock-me` in Kamailio 5.6.3.
    #[test]
    fn keys_share_locks_as_in_kamailio() {
        for (bits, shared) in [(3, vec![4, 15, 20, 29, 33]), (4, vec![4, 29])] {
            let set = LockSet::new(bits);
            assert!(set.try_take(b"lock-me"));
            let taken: Vec<u32> = (0..40)
                .filter(|n| {
                    let key = format!("key{n}");
                    let free = set.try_take(key.as_bytes());
                    if free {
                        set.free(key.as_bytes());
                    }
                    !free
                })
                .collect();
            assert_eq!(taken, shared);
        }
    }
}
