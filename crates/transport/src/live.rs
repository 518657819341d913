//! Counting what still runs, so that stopping can wait for it.

use std::{sync::Arc, time::Duration};

use parking_lot::{Condvar, Mutex};

/// The number of running threads or tasks.
#[derive(Debug, Default)]
pub(crate) struct Live {
    count: Mutex<usize>,
    empty: Condvar,
}

/// Held by one running thread or task.
#[derive(Debug)]
pub(crate) struct LiveGuard(Arc<Live>);

impl Live {
    /// Counts one more until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> LiveGuard {
        *self.count.lock() += 1;
        LiveGuard(Arc::clone(self))
    }

    /// Waits until nothing runs; returns how many still run after `limit`.
    pub(crate) fn wait(&self, limit: Duration) -> usize {
        let mut count = self.count.lock();
        self.empty
            .wait_while_for(&mut count, |count| *count > 0, limit);
        *count
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        let mut count = self.0.count.lock();
        *count -= 1;
        if *count == 0 {
            self.0.empty.notify_all();
        }
    }
}
