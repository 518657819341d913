//! Locks that a route of a script may hold while it waits for something else.
//!
//! Scripts take locks by names (`lock("$ci")`, `sht_lock("table=>key")`) and may be suspended with
//! them, go on as another run on another thread, and give them back there. So a lock is an entry of
//! a table and no guard, and who wants one that is held is a [`Future`] in its queue.
//!
//! Every step of the protocol holds the table's lock from its first look to its last change; who is
//! to be woken is woken afterwards. A lock that is freed stays free until somebody comes: whoever
//! was woken, or somebody faster, behind whom the woken one keeps its place. `tests/interleavings.rs`
//! has the steps happen in every order.

#![forbid(unsafe_code)]

mod queue;
mod sync;

use std::collections::HashMap;
use std::future::Future;
use std::hash::{BuildHasher, Hash, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use queue::{Queue, Ticket};
use sync::Mutex;

/// Tables that keys are spread over, so that routes which want different locks seldom meet.
const SHARDS: usize = 16;

/// Who holds a lock. `None`: it belongs to nobody, is not taken twice, and whoever gives it back
/// frees it.
pub type Owner = Option<u64>;

/// All locks that are held or waited for, by their keys.
pub struct Locks<K> {
    shards: Box<[Mutex<HashMap<K, Lock>>]>,
    hasher: RandomState,
}

struct Lock {
    owner: Owner,
    /// How often its owner took it; 0: it is free, and somebody is about to take it.
    depth: usize,
    waiting: Queue,
}

impl<K> Default for Locks<K> {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Lock {
    fn free() -> Self {
        Self {
            owner: None,
            depth: 0,
            waiting: Queue::default(),
        }
    }

    fn take(&mut self, owner: Owner) -> bool {
        let is_again = owner.is_some() && self.owner == owner;
        if self.depth > 0 && !is_again {
            return false;
        }
        self.owner = owner;
        self.depth += 1;
        true
    }
}

impl<K: Clone + Eq + Hash> Locks<K> {
    fn shard(&self, key: &K) -> &Mutex<HashMap<K, Lock>> {
        // Truncation keeps the low bits.
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }

    /// Takes a lock if it is free, or once more if `owner` has it.
    pub fn try_take(&self, key: &K, owner: Owner) -> bool {
        let mut locks = self.shard(key).lock();
        locks
            .entry(key.clone())
            .or_insert_with(Lock::free)
            .take(owner)
    }

    /// Waits until a lock can be taken, or until `given_up` is ready: then `false`.
    pub fn take<F>(self: &Arc<Self>, key: K, owner: Owner, given_up: F) -> Attempt<K, F> {
        Attempt {
            locks: Arc::clone(self),
            key,
            owner,
            ticket: None,
            given_up,
        }
    }

    /// Gives a lock back, one level of it; `false` if `owner` still has it, or never had it.
    pub fn give_back(&self, key: &K, owner: Owner) -> bool {
        self.free(key, owner, |depth| depth - 1)
    }

    /// Gives a lock back with all its levels; `false` if `owner` does not have it.
    pub fn give_up(&self, key: &K, owner: Owner) -> bool {
        self.free(key, owner, |_| 0)
    }

    fn free(&self, key: &K, owner: Owner, left: fn(usize) -> usize) -> bool {
        let mut locks = self.shard(key).lock();
        let held = locks.get_mut(key);
        let Some(lock) = held.filter(|lock| lock.depth > 0 && lock.owner == owner) else {
            return false;
        };
        lock.depth = left(lock.depth);
        if lock.depth > 0 {
            return false;
        }
        let next = lock.waiting.first();
        if next.is_none() {
            locks.remove(key);
        }
        drop(locks);
        if let Some(waker) = next {
            waker.wake();
        }
        true
    }
}

/// Waits for a lock, but not for ever: see [`Locks::take`].
pub struct Attempt<K: Clone + Eq + Hash, F> {
    locks: Arc<Locks<K>>,
    key: K,
    owner: Owner,
    /// Its place among those that wait.
    ticket: Option<Ticket>,
    given_up: F,
}

impl<K, F> Future for Attempt<K, F>
where
    K: Clone + Eq + Hash + Unpin,
    F: Future<Output = ()> + Unpin,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let this = self.get_mut();
        let mut locks = this.locks.shard(&this.key).lock();
        let lock = locks.entry(this.key.clone()).or_insert_with(Lock::free);
        if lock.take(this.owner) {
            lock.waiting.leave(this.ticket.take());
            return Poll::Ready(true);
        }
        lock.waiting.join(&mut this.ticket, cx.waker());
        drop(locks);
        Pin::new(&mut this.given_up).poll(cx).map(|()| false)
    }
}

impl<K: Clone + Eq + Hash, F> Drop for Attempt<K, F> {
    /// One that gave up, perhaps woken just before, hands its turn on.
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let mut locks = self.locks.shard(&self.key).lock();
        let Some(lock) = locks.get_mut(&self.key) else {
            return;
        };
        lock.waiting.leave(Some(ticket));
        if lock.depth > 0 {
            return;
        }
        let next = lock.waiting.first();
        if next.is_none() {
            locks.remove(&self.key);
        }
        drop(locks);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

#[cfg(all(test, not(feature = "shuttle")))]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::Waker;

    use super::*;

    #[test]
    fn an_owner_may_take_again_and_must_give_back_as_often() {
        let locks = Locks::default();
        assert!(locks.try_take(&"k", Some(1)));
        assert!(locks.try_take(&"k", Some(1)));
        assert!(!locks.try_take(&"k", Some(2)));
        assert!(!locks.give_back(&"k", Some(2)));
        assert!(!locks.give_back(&"k", Some(1)));
        assert!(locks.give_back(&"k", Some(1)));
        assert!(locks.try_take(&"k", Some(2)));
        assert!(locks.try_take(&"k", Some(2)));
        assert!(locks.give_up(&"k", Some(2)));
    }

    #[test]
    fn without_owners_nobody_takes_twice_and_anybody_frees() {
        let locks = Locks::default();
        assert!(!locks.give_back(&1, None));
        assert!(locks.try_take(&1, None));
        assert!(!locks.try_take(&1, None));
        assert!(locks.give_back(&1, None));
        assert!(locks.try_take(&1, None));
    }

    #[test]
    fn nothing_is_kept_of_what_is_free() {
        let locks = Arc::new(Locks::default());
        assert!(locks.try_take(&1, None));
        let mut cx = Context::from_waker(Waker::noop());
        {
            let mut waits = pin!(locks.take(1, None, pending()));
            assert!(waits.as_mut().poll(&mut cx).is_pending());
            assert!(locks.give_back(&1, None));
            assert_eq!(waits.as_mut().poll(&mut cx), Poll::Ready(true));
            let gives_up = pin!(locks.take(1, None, ready(())));
            assert_eq!(gives_up.poll(&mut cx), Poll::Ready(false));
        }
        assert!(locks.give_back(&1, None));
        assert!(locks.shards.iter().all(|shard| shard.lock().is_empty()));
    }
}
