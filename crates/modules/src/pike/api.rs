//! The module's state: the tree and where time stands in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::Core;
use engine::log::Level;
use engine::statistics::Counter;

use super::tree::{Moment, Tree};

/// The module's state.
pub struct Pike {
    pub(super) tree: Tree,
    /// Seconds in a sampling unit.
    unit: u64,
    pub(super) log_level: Level,
    pub(super) blocked: Counter,
    units: AtomicU64,
    seconds: AtomicU64,
}

impl Pike {
    pub(super) fn new(tree: Tree, unit: u64, log_level: Level, blocked: Counter) -> Self {
        Self {
            tree,
            unit: unit.max(1),
            log_level,
            blocked,
            units: AtomicU64::new(0),
            seconds: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> Moment {
        Moment {
            unit: self.units.load(Ordering::Relaxed),
            second: self.seconds.load(Ordering::Relaxed),
        }
    }

    /// A second has passed.
    pub(super) fn second_passed(&self, core: &Arc<Core>) {
        let second = self.seconds.fetch_add(1, Ordering::Relaxed) + 1;
        if second.is_multiple_of(self.unit) {
            self.units.fetch_add(1, Ordering::Relaxed);
            for node in self.tree.cool_down(self.now()) {
                self.blocked.add(-1);
                self.log(core, &format!("PIKE - UNBLOCKing node {node}"));
            }
        }
        self.blocked.add(-self.tree.forget(self.now()));
    }

    pub(super) fn log(&self, core: &Core, line: &str) {
        core.log_as("pike", self.log_level, line);
    }
}
