//! Routes that want one lock, on threads whose every step a scheduler decides: thousands of
//! orders at random, and the first of all orders one by one.
//!
//! No two may hold the lock at once, and nobody may be forgotten: if everybody waits, the scheduler
//! calls it a deadlock.

use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Poll};

use parking::{Locks, Owner};
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicUsize, Ordering};

/// Ready after so many turns.
struct Turns(usize);

impl Future for Turns {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Holds the lock alone for a moment.
async fn hold(locks: &Locks<u32>, inside: &AtomicUsize, owner: Owner) {
    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
    yield_now().await;
    inside.fetch_sub(1, Ordering::SeqCst);
    assert!(locks.give_back(&1, owner));
}

/// Three who wait as long as it takes and `impatient` who do not.
fn scene(impatient: usize) {
    let locks = std::sync::Arc::new(Locks::default());
    let inside = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for number in 0..3 + impatient {
        let (locks, inside) = (std::sync::Arc::clone(&locks), Arc::clone(&inside));
        // With and without owners: the same to others.
        let owner = (number % 2 == 0).then_some(number as u64);
        tasks.push(spawn(async move {
            let taken = if number < 3 {
                locks.take(1, owner, pending()).await
            } else {
                locks.take(1, owner, Turns(number % 3)).await
            };
            assert!(taken || number >= 3);
            if taken {
                hold(&locks, &inside, owner).await;
            }
        }));
    }
    for task in tasks {
        block_on(task).unwrap();
    }
    assert!(locks.try_take(&1, None), "held for ever");
}

#[test]
fn at_random() {
    shuttle::check_random(|| scene(3), 4_000);
}

#[test]
fn with_few_changes_of_turn() {
    shuttle::check_pct(|| scene(2), 4_000, 4);
}

#[test]
fn one_order_after_the_other() {
    shuttle::check_dfs(|| scene(1), Some(10_000));
}
