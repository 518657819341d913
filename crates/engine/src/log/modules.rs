//! Levels and facilities of single modules.

use arc_swap::ArcSwap;

use super::{CORE, Facility, SCRIPT};
use crate::cfg_vars::CfgInt;

/// What modules have of their own. Each kind counts only while its switch is on.
#[derive(Debug)]
pub struct ModuleLogs {
    level_mode: CfgInt,
    facility_mode: CfgInt,
    levels: ArcSwap<Vec<(String, i64)>>,
    facilities: ArcSwap<Vec<(String, Facility)>>,
}

/// The module that a speaker belongs to: lines of scripts are module xlog's.
#[must_use]
pub fn module_of(source: &str) -> &str {
    match source {
        CORE => "core",
        SCRIPT | "" => "xlog",
        module => module,
    }
}

fn find<T: Copy>(list: &[(String, T)], module: &str) -> Option<T> {
    list.iter().find(|(m, _)| m == module).map(|(_, v)| *v)
}

fn with<T: Copy>(list: &[(String, T)], module: &str, value: T) -> Vec<(String, T)> {
    let others = list.iter().filter(|(m, _)| m != module).cloned();
    others.chain([(module.to_owned(), value)]).collect()
}

impl ModuleLogs {
    /// The levels and facilities that the configuration gives, and the run-time values that switch
    /// them on.
    #[must_use]
    pub fn new(
        (level_mode, levels): (CfgInt, Vec<(String, i64)>),
        (facility_mode, facilities): (CfgInt, Vec<(String, Facility)>),
    ) -> Self {
        Self {
            level_mode,
            facility_mode,
            levels: ArcSwap::from_pointee(levels),
            facilities: ArcSwap::from_pointee(facilities),
        }
    }

    /// The level of a speaker, if it has one of its own now.
    #[must_use]
    pub fn level_of(&self, source: &str) -> Option<i64> {
        (self.level_mode.get() != 0)
            .then(|| self.level(module_of(source)))
            .flatten()
    }

    /// The facility of a speaker, if it has one of its own now.
    #[must_use]
    pub fn facility_of(&self, source: &str) -> Option<Facility> {
        (self.facility_mode.get() != 0)
            .then(|| self.facility(module_of(source)))
            .flatten()
    }

    /// The level that is kept for a module.
    #[must_use]
    pub fn level(&self, module: &str) -> Option<i64> {
        find(&self.levels.load(), module)
    }

    /// The facility that is kept for a module.
    #[must_use]
    pub fn facility(&self, module: &str) -> Option<Facility> {
        find(&self.facilities.load(), module)
    }

    /// Keeps a level for a module.
    pub fn set_level(&self, module: &str, level: i64) {
        self.levels.rcu(|list| with(list, module, level));
    }

    /// Keeps a facility for a module.
    pub fn set_facility(&self, module: &str, facility: Facility) {
        self.facilities.rcu(|list| with(list, module, facility));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfg_vars::CfgVars;

    #[test]
    fn they_count_while_switched_on() {
        let cfg = CfgVars::default();
        let mode = cfg.int("dbg", "mod_level_mode", 0, None, "");
        let other = cfg.int("dbg", "mod_facility_mode", 1, None, "");
        let logs = ModuleLogs::new(
            (mode.clone(), vec![("core".to_owned(), 3)]),
            (other, Vec::new()),
        );
        assert_eq!(logs.level_of(CORE), None);
        mode.set(1);
        assert_eq!(logs.level_of(CORE), Some(3));
        logs.set_level("xlog", 2);
        logs.set_level("xlog", 1);
        assert_eq!(logs.level_of(SCRIPT), Some(1));
        assert_eq!(logs.level_of("tm"), None);
        logs.set_facility("tm", Facility::DAEMON);
        assert_eq!(logs.facility_of("tm"), Some(Facility::DAEMON));
        assert_eq!(logs.facility_of(CORE), None);
    }
}
