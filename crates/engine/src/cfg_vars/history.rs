//! What values were before they changed: a run of a script sees each value as it was when the run
//! began.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::{CfgValue, CfgVar, CfgVars, Place, Watcher};

/// So many changes are remembered. A run that is older than all of them sees later values.
const KEPT: usize = 1024;

/// How many changes there had been at some point.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version(u64);

/// The last changes.
#[derive(Default)]
pub(super) struct History {
    version: AtomicU64,
    past: Mutex<VecDeque<Past>>,
}

struct Past {
    /// The change's number.
    number: u64,
    group: String,
    instance: Option<u32>,
    name: String,
    old: CfgValue,
}

impl CfgVars {
    /// The point that a run which begins now is at.
    #[must_use]
    pub fn version(&self) -> Version {
        Version(self.changes.version.load(Ordering::Acquire))
    }

    /// The value that a variable had at a point; `None` when it has not changed since.
    pub(super) fn value_before(
        &self,
        then: Version,
        place: Place<'_>,
        name: &str,
    ) -> Option<CfgValue> {
        if then == self.version() {
            return None;
        }
        let past = self.changes.past.lock();
        let change = past.iter().find(|past| {
            past.number > then.0
                && past.group == place.group
                && past.instance == place.instance
                && past.name == name
        });
        change.map(|past| past.old.clone())
    }

    /// Changes a variable, checked before, and tells those who watch its group.
    pub(super) fn change(&self, var: &CfgVar, value: &CfgValue) {
        let place = Place {
            group: &var.group,
            instance: None,
        };
        let old = var.value();
        // Noted before it is made: a run that began before must never see the new value.
        self.note(place, &var.name, old);
        var.store(value);
        self.tell(&var.group);
    }

    /// Notes a change of an instance's value and tells those who watch its group.
    pub(super) fn note_change(&self, place: Place<'_>, name: &str, old: CfgValue) {
        self.note(place, name, old);
        self.tell(place.group);
    }

    fn note(&self, place: Place<'_>, name: &str, old: CfgValue) {
        let mut past = self.changes.past.lock();
        let number = self.changes.version.load(Ordering::Relaxed) + 1;
        past.push_back(Past {
            number,
            group: place.group.to_owned(),
            instance: place.instance,
            name: name.to_owned(),
            old,
        });
        if past.len() > KEPT {
            past.pop_front();
        }
        self.changes.version.store(number, Ordering::Release);
    }

    /// Has a function called when a value of a group has changed.
    pub fn watch(&self, group: &str, watcher: Watcher) {
        self.watchers.write().push((group.to_owned(), watcher));
    }

    fn tell(&self, group: &str) {
        let watchers = self.watchers.read();
        for (_, watcher) in watchers.iter().filter(|(own, _)| own == group) {
            watcher();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_run_sees_what_it_began_with() {
        let vars = CfgVars::default();
        vars.int("pstn", "port", 1, None, "");
        vars.int("pstn", "other", 7, None, "");
        let place = Place::parse("pstn").unwrap();
        let before = vars.version();
        for number in 2..4 {
            vars.set("pstn", "port", &CfgValue::Int(number)).unwrap();
        }
        let between = vars.version();
        vars.set("pstn", "port", &CfgValue::Int(4)).unwrap();
        let at = |then| vars.value_before(then, place, "port");
        assert_eq!(at(before), Some(CfgValue::Int(1)));
        assert_eq!(at(between), Some(CfgValue::Int(3)));
        assert_eq!(at(vars.version()), None);
        assert_eq!(vars.value_before(before, place, "other"), None);
    }

    #[test]
    fn memory_of_changes_is_bounded() {
        let vars = CfgVars::default();
        vars.int("pstn", "port", 0, None, "");
        let told = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&told);
        vars.watch(
            "pstn",
            Box::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            }),
        );
        for number in 0..3000 {
            vars.set("pstn", "port", &CfgValue::Int(number)).unwrap();
        }
        assert_eq!(vars.changes.past.lock().len(), KEPT);
        assert_eq!(told.load(Ordering::Relaxed), 3000);
    }
}
