//! Periodic work of the core and its modules.
//!
//! The server (or a simulation) calls [`Timers::run`] often; each entry runs when it is due. Work
//! here must be short or spawn: it shares the runtime with connections.

use parking_lot::Mutex;

use crate::services::Millis;

type Work = Box<dyn FnMut(Millis) + Send>;

struct Entry {
    every: u64,
    next: Millis,
    work: Work,
}

/// The registered periodic jobs.
#[derive(Default)]
pub struct Timers {
    entries: Mutex<Vec<Entry>>,
}

impl Timers {
    /// Runs `work` every `every` milliseconds, for the first time one interval from `now`.
    pub fn every(&self, now: Millis, every: u64, work: impl FnMut(Millis) + Send + 'static) {
        let every = every.max(1);
        self.entries.lock().push(Entry {
            every,
            next: now.plus(every),
            work: Box::new(work),
        });
    }

    /// Runs what is due. A job that is late runs once, not once for each interval missed.
    pub fn run(&self, now: Millis) {
        // Taken out while they run: a job may register another one.
        let mut entries = std::mem::take(&mut *self.entries.lock());
        for entry in &mut entries {
            if entry.next <= now {
                (entry.work)(now);
                entry.next = now.plus(entry.every);
            }
        }
        let mut kept = self.entries.lock();
        entries.append(&mut kept);
        *kept = entries;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn runs_when_due_and_once_when_late() {
        let timers = Timers::default();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        timers.every(Millis(0), 100, move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        timers.run(Millis(99));
        assert_eq!(runs.load(Ordering::Relaxed), 0);
        timers.run(Millis(100));
        timers.run(Millis(1000));
        timers.run(Millis(1050));
        assert_eq!(runs.load(Ordering::Relaxed), 2);
    }
}
