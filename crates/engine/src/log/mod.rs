//! Log levels, facilities, and the threshold that decides what is written.

mod facility;
mod level;
mod modules;
mod place;
mod prefix;

use std::sync::{Arc, OnceLock};

use crate::cfg_vars::CfgInt;

pub use facility::Facility;
pub use level::Level;
pub use modules::{ModuleLogs, module_of};
pub use place::{Place, Position, block_name};
pub use prefix::LogPrefix;
pub(crate) use prefix::{OwnPrefix, PrefixTime};

/// Who speaks in a line that the core writes.
pub const CORE: &str = "<core>";
/// Who speaks in a line that the script writes.
pub const SCRIPT: &str = "<script>";

/// The level up to which lines are written: the run-time value `core.debug`.
#[derive(Debug)]
pub struct Threshold {
    level: CfgInt,
    modules: OnceLock<Arc<ModuleLogs>>,
}

impl Threshold {
    /// A threshold that is this value.
    #[must_use]
    pub fn new(level: CfgInt) -> Self {
        Self {
            level,
            modules: OnceLock::new(),
        }
    }

    /// Whether a line of this level is written.
    #[must_use]
    pub fn allows(&self, level: Level) -> bool {
        i64::from(level.number()) <= self.level.get()
    }

    /// Whether a line of this level is written when this one speaks.
    #[must_use]
    pub fn allows_from(&self, level: Level, source: &str) -> bool {
        let own = self.modules.get().and_then(|m| m.level_of(source));
        i64::from(level.number()) <= own.unwrap_or_else(|| self.level.get())
    }

    /// The facility that this one's lines go to, if it has one of its own.
    #[must_use]
    pub fn facility_of(&self, source: &str) -> Option<Facility> {
        self.modules.get()?.facility_of(source)
    }

    /// Gives modules levels and facilities of their own; the first call counts.
    pub fn divide(&self, modules: Arc<ModuleLogs>) {
        let _ = self.modules.set(modules);
    }

    /// The current level.
    #[must_use]
    pub fn get(&self) -> i32 {
        let level = self
            .level
            .get()
            .clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        level as i32
    }

    /// Changes the level.
    pub fn set(&self, level: i32) {
        self.level.set(i64::from(level));
    }
}
