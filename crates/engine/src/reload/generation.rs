//! The programs of the process so far, and who still runs them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::Program;
use crate::core::Core;

/// A program that was put in place.
pub struct Generation {
    number: u64,
    /// When, since 1970.
    since: Duration,
    program: Weak<Program>,
}

/// A program that somebody runs or will run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InUse {
    /// Its number; the first one is 1.
    pub number: u64,
    /// When it was put in place, since 1970.
    pub since: Duration,
    /// Messages and transactions that go on with it.
    pub users: usize,
    /// Whether it is the one that new messages run.
    pub is_current: bool,
}

impl Generation {
    pub(crate) fn first(program: &Arc<Program>, since: Duration) -> Self {
        Self {
            number: 1,
            since,
            program: Arc::downgrade(program),
        }
    }
}

impl Core {
    /// Lets messages that come from now on run a program; its number.
    pub(super) fn install(&self, program: Program) -> u64 {
        let program = Arc::new(program);
        let mut programs = self.programs.lock();
        programs.retain(|known| known.program.strong_count() > 0);
        let number = programs.last().map_or(0, |last| last.number) + 1;
        programs.push(Generation {
            number,
            since: self.services.clock.unix(),
            program: Arc::downgrade(&program),
        });
        self.program.store(Some(program));
        number
    }

    /// The programs that are in use, oldest first.
    #[must_use]
    pub fn programs_in_use(&self) -> Vec<InUse> {
        let current = self.program.load();
        let current = current.as_ref().map_or(std::ptr::null(), Arc::as_ptr);
        let programs = self.programs.lock();
        let rows = programs.iter().filter_map(|known| {
            let is_current = std::ptr::eq(known.program.as_ptr(), current);
            // The core's own hold on the current one is no use of it.
            let users = known.program.strong_count();
            (users > 0).then(|| InUse {
                number: known.number,
                since: known.since,
                users: users - usize::from(is_current),
                is_current,
            })
        });
        rows.collect()
    }
}
