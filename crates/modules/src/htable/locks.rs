//! Locks that scripts take on items, `sht_lock` to `sht_unlock`.
//!
//! A lock belongs to the message that took it, who may take it again. Another message that wants
//! it has its route parked, never its thread, and what a message still holds when it ends is
//! released: a script that forgets `sht_unlock` cannot stop the server, as it can Kamailio.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use engine::context::Context;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use parking_lot::Mutex;

/// How long a route waits for a lock: longer means that two messages wait for each other.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is locked: table and item.
type Key = (Bytes, Bytes);

/// All locks that are held.
#[derive(Default)]
pub(super) struct Locks {
    held: Mutex<HashMap<Key, Holder>>,
}

struct Holder {
    message: u64,
    depth: usize,
    waiting: Vec<Waker>,
}

/// What a message holds; gives it back when the message ends.
struct Holding {
    locks: Arc<Locks>,
    message: u64,
    keys: Vec<Key>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        for key in &self.keys {
            self.locks.release(key, self.message, true);
        }
    }
}

impl Locks {
    fn try_take(&self, key: &Key, message: u64, waker: Option<&Waker>) -> bool {
        let mut held = self.held.lock();
        match held.get_mut(key) {
            None => {
                held.insert(
                    key.clone(),
                    Holder {
                        message,
                        depth: 1,
                        waiting: Vec::new(),
                    },
                );
                true
            }
            Some(holder) if holder.message == message => {
                holder.depth += 1;
                true
            }
            Some(holder) => {
                if let Some(waker) = waker
                    && !holder.waiting.iter().any(|w| w.will_wake(waker))
                {
                    holder.waiting.push(waker.clone());
                }
                false
            }
        }
    }

    /// Gives a lock back, one level or `wholly`. True when it is free now.
    fn release(&self, key: &Key, message: u64, wholly: bool) -> bool {
        let mut held = self.held.lock();
        let Some(holder) = held.get_mut(key).filter(|h| h.message == message) else {
            return false;
        };
        holder.depth -= 1;
        if holder.depth > 0 && !wholly {
            return false;
        }
        let waiting = held.remove(key).map(|h| h.waiting).unwrap_or_default();
        drop(held);
        waiting.into_iter().for_each(Waker::wake);
        true
    }
}

/// Takes a lock for a message, parking its route while another one has it.
pub(super) fn lock(cx: &mut Context, locks: &Arc<Locks>, table: Bytes, item: &[u8]) -> Outcome {
    let key = (table, Bytes::copy_from_slice(item));
    let message = cx.id;
    if locks.try_take(&key, message, None) {
        note(cx, locks, key);
        return TRUE;
    }
    let attempt = Attempt {
        locks: Arc::clone(locks),
        key,
        message,
        given_up: cx.core.services.spawner.sleep(PATIENCE),
    };
    Outcome::Wait(Box::pin(async move {
        let taken = attempt.await;
        Box::new(move |cx: &mut Context| match taken {
            Some((locks, key)) => {
                note(cx, &locks, key);
                TRUE
            }
            None => {
                cx.log(
                    Level::Error,
                    "sht_lock: the item stays locked by another message",
                );
                FALSE
            }
        }) as script::host::Continuation<Context>
    }))
}

/// Gives a lock back.
pub(super) fn unlock(cx: &mut Context, locks: &Locks, table: Bytes, item: &[u8]) {
    let key = (table, Bytes::copy_from_slice(item));
    if locks.release(&key, cx.id, false)
        && let Some(holding) = cx.extensions.get_mut::<Holding>()
    {
        holding.keys.retain(|k| *k != key);
    }
}

fn note(cx: &mut Context, locks: &Arc<Locks>, key: Key) {
    let message = cx.id;
    match cx.extensions.get_mut::<Holding>() {
        Some(holding) if holding.keys.contains(&key) => {}
        Some(holding) => holding.keys.push(key),
        None => cx.extensions.insert(Holding {
            locks: Arc::clone(locks),
            message,
            keys: vec![key],
        }),
    }
}

/// Waits for a lock, but not for ever.
struct Attempt {
    locks: Arc<Locks>,
    key: Key,
    message: u64,
    given_up: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Attempt {
    type Output = Option<(Arc<Locks>, Key)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        if self
            .locks
            .try_take(&self.key, self.message, Some(cx.waker()))
        {
            return Poll::Ready(Some((Arc::clone(&self.locks), self.key.clone())));
        }
        self.given_up.as_mut().poll(cx).map(|()| None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_lock_again_and_must_unlock_as_often() {
        let locks = Locks::default();
        let key: Key = ("a".into(), "k".into());
        assert!(locks.try_take(&key, 1, None));
        assert!(locks.try_take(&key, 1, None));
        assert!(!locks.try_take(&key, 2, Some(Waker::noop())));
        assert!(!locks.release(&key, 2, false));
        assert!(!locks.release(&key, 1, false));
        assert!(locks.release(&key, 1, false));
        assert!(locks.try_take(&key, 2, None));
    }
}
