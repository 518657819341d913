//! Log levels, facilities, and the threshold that decides what is written.

mod facility;
mod level;

use std::sync::atomic::{AtomicI32, Ordering};

pub use facility::Facility;
pub use level::Level;

/// Who speaks in a line that the core writes.
pub const CORE: &str = "<core>";
/// Who speaks in a line that the script writes.
pub const SCRIPT: &str = "<script>";

/// The level up to which lines are written; changed at run time by `core.debug` and cfg.
#[derive(Debug)]
pub struct Threshold(AtomicI32);

impl Threshold {
    /// A threshold at this level.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Self(AtomicI32::new(level))
    }

    /// Whether a line of this level is written.
    #[must_use]
    pub fn allows(&self, level: Level) -> bool {
        level.number() <= self.0.load(Ordering::Relaxed)
    }

    /// The current level.
    #[must_use]
    pub fn get(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Changes the level.
    pub fn set(&self, level: i32) {
        self.0.store(level, Ordering::Relaxed);
    }
}
