//! Log levels, facilities, and the threshold that decides what is written.

mod facility;
mod level;

use crate::cfg_vars::CfgInt;

pub use facility::Facility;
pub use level::Level;

/// Who speaks in a line that the core writes.
pub const CORE: &str = "<core>";
/// Who speaks in a line that the script writes.
pub const SCRIPT: &str = "<script>";

/// The level up to which lines are written: the run-time value `core.debug`.
#[derive(Debug)]
pub struct Threshold(CfgInt);

impl Threshold {
    /// A threshold that is this value.
    #[must_use]
    pub fn new(level: CfgInt) -> Self {
        Self(level)
    }

    /// Whether a line of this level is written.
    #[must_use]
    pub fn allows(&self, level: Level) -> bool {
        i64::from(level.number()) <= self.0.get()
    }

    /// The current level.
    #[must_use]
    pub fn get(&self) -> i32 {
        let level = self.0.get().clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        level as i32
    }

    /// Changes the level.
    pub fn set(&self, level: i32) {
        self.0.set(i64::from(level));
    }
}
