//! The locks of `lock`, `trylock` and `unlock`.
//!
//! As in Kamailio there is a fixed number of them, and a key stands for the one that its hash
//! picks: keys made from messages cannot fill the memory. A lock belongs to nobody: whoever unlocks
//! it frees it, so that a route may take one, be suspended, and give it back when it goes on as
//! another run.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use engine::context::Context;
use engine::hash::core_hash;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use parking_lot::Mutex;

/// How long a route waits. By then the transaction of whoever holds the lock is long over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest set is two to the power of this.
pub(super) const MAX_BITS: u32 = 14;

/// All locks.
pub(super) struct LockSet {
    locks: Box<[Mutex<Lock>]>,
}

#[derive(Default)]
struct Lock {
    is_held: bool,
    /// Routes that wait, by the number of their ticket, longest first.
    waiting: VecDeque<(u64, Waker)>,
    next_ticket: u64,
}

impl LockSet {
    /// Two to the power of `bits` locks, all free.
    pub(super) fn new(bits: u32) -> Self {
        let count = 1_usize << bits.min(MAX_BITS);
        Self {
            locks: (0..count).map(|_| Mutex::default()).collect(),
        }
    }

    /// The number of the lock that a key stands for.
    fn index(&self, key: &[u8]) -> usize {
        // The number of locks is a power of two of at most 14 bits.
        core_hash(key) as usize & (self.locks.len() - 1)
    }

    /// Takes the lock of a key if it is free.
    pub(super) fn try_take(&self, key: &[u8]) -> bool {
        let mut lock = self.locks[self.index(key)].lock();
        !std::mem::replace(&mut lock.is_held, true)
    }

    /// Frees the lock of a key, whoever took it.
    pub(super) fn free(&self, key: &[u8]) {
        self.free_at(self.index(key));
    }

    fn free_at(&self, index: usize) {
        let mut lock = self.locks[index].lock();
        lock.is_held = false;
        let next = lock.waiting.front().map(|(_, waker)| waker.clone());
        drop(lock);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// Takes the lock of a key, parking the route while it is held.
pub(super) fn take(cx: &mut Context, set: &Arc<LockSet>, key: &[u8]) -> Outcome {
    if set.try_take(key) {
        return TRUE;
    }
    let attempt = Attempt {
        index: set.index(key),
        set: Arc::clone(set),
        ticket: None,
        given_up: cx.core.services.spawner.sleep(PATIENCE),
    };
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

/// Waits for a lock, but not for ever.
struct Attempt {
    set: Arc<LockSet>,
    index: usize,
    /// Its place among those that wait.
    ticket: Option<u64>,
    given_up: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Attempt {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<bool> {
        let this = self.get_mut();
        let mut lock = this.set.locks[this.index].lock();
        if !lock.is_held {
            lock.is_held = true;
            leave(&mut lock, this.ticket.take());
            return Poll::Ready(true);
        }
        match this.ticket {
            Some(ticket) => {
                for (_, waker) in lock.waiting.iter_mut().filter(|(t, _)| *t == ticket) {
                    waker.clone_from(cx.waker());
                }
            }
            None => {
                let ticket = lock.next_ticket;
                lock.next_ticket += 1;
                lock.waiting.push_back((ticket, cx.waker().clone()));
                this.ticket = Some(ticket);
            }
        }
        drop(lock);
        this.given_up.as_mut().poll(cx).map(|()| false)
    }
}

impl Drop for Attempt {
    /// One that gave up, perhaps woken just before, hands its turn on.
    fn drop(&mut self) {
        let mut lock = self.set.locks[self.index].lock();
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        leave(&mut lock, Some(ticket));
        let next = (!lock.is_held)
            .then(|| lock.waiting.front().map(|(_, waker)| waker.clone()))
            .flatten();
        drop(lock);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

fn leave(lock: &mut Lock, ticket: Option<u64>) {
    if let Some(ticket) = ticket {
        lock.waiting.retain(|(t, _)| *t != ticket);
    }
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

    fn attempt(set: &Arc<LockSet>) -> Pin<Box<Attempt>> {
        Box::pin(Attempt {
            set: Arc::clone(set),
            index: 0,
            ticket: None,
            given_up: Box::pin(std::future::pending()),
        })
    }

    #[test]
    fn the_longest_waiting_comes_first_and_one_that_leaves_hands_on() {
        let set = Arc::new(LockSet::new(0));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(set.try_take(b"k"));
        let (mut first, mut second) = (attempt(&set), attempt(&set));
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        set.free(b"k");
        // Woken, but gone before it looked.
        drop(first);
        assert_eq!(set.locks[0].lock().waiting.len(), 1);
        assert!(second.as_mut().poll(&mut cx).is_ready());
        assert!(!set.try_take(b"k"));
        drop(second);
        assert!(
            !set.try_take(b"k"),
            "the lock stays taken until it is freed"
        );
        assert!(set.locks[0].lock().waiting.is_empty());
        set.free(b"k");
        assert!(set.try_take(b"k"));
    }
}
