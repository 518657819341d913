//! Locks that scripts take on items, `sht_lock` to `sht_unlock`.
//!
//! A lock belongs to the message that took it, who may take it again. Another message that wants
//! it has its route parked, never its thread, and what a message still holds when it ends is
//! released: a script that forgets `sht_unlock` cannot stop the server, as it can Kamailio.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::context::Context;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};

/// How long a route waits for a lock: longer means that two messages wait for each other.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is locked: table and item.
type Key = (Bytes, Bytes);

/// All locks; messages own them.
pub(super) type Locks = parking::Locks<Key>;

/// What a message holds; gives it back when the message ends.
struct Holding {
    locks: Arc<Locks>,
    message: u64,
    keys: Vec<Key>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        for key in &self.keys {
            self.locks.give_up(key, Some(self.message));
        }
    }
}

/// Takes a lock for a message, parking its route while another one has it.
pub(super) fn lock(cx: &mut Context, locks: &Arc<Locks>, table: Bytes, item: &[u8]) -> Outcome {
    let key = (table, Bytes::copy_from_slice(item));
    let owner = Some(cx.id);
    if locks.try_take(&key, owner) {
        note(cx, locks, key);
        return TRUE;
    }
    let given_up = cx.core.services.spawner.sleep(PATIENCE);
    let attempt = locks.take(key.clone(), owner, given_up);
    let locks = Arc::clone(locks);
    Outcome::Wait(Box::pin(async move {
        let taken = attempt.await;
        Box::new(move |cx: &mut Context| {
            if taken {
                note(cx, &locks, key);
                return TRUE;
            }
            cx.log(
                Level::Error,
                "sht_lock: the item stays locked by another message",
            );
            FALSE
        }) as script::host::Continuation<Context>
    }))
}

/// Gives a lock back.
pub(super) fn unlock(cx: &mut Context, locks: &Locks, table: Bytes, item: &[u8]) {
    let key = (table, Bytes::copy_from_slice(item));
    if locks.give_back(&key, Some(cx.id))
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
