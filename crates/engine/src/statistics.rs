//! Statistics under Kamailio's names (`group:name`), cheap enough for every message.
//!
//! Counting adds to a cell of the calling thread, so that threads do not share cache lines;
//! reading sums the cells. Values that a module computes when asked (contacts stored, memory
//! used) are functions.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use parking_lot::RwLock;

const SHARDS: usize = 8;

thread_local! {
    static SHARD: Cell<usize> = const { Cell::new(usize::MAX) };
}

static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

fn shard() -> usize {
    SHARD.with(|s| {
        if s.get() == usize::MAX {
            s.set(NEXT_SHARD.fetch_add(1, Ordering::Relaxed) % SHARDS);
        }
        s.get()
    })
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct PaddedCell(AtomicI64);

/// A number that only counts: keep a clone of it where it is counted.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<[PaddedCell; SHARDS]>);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds a number, which may be negative.
    pub fn add(&self, by: i64) {
        self.0[shard()].0.fetch_add(by, Ordering::Relaxed);
    }

    /// The sum over all threads.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.0.iter().map(|c| c.0.load(Ordering::Relaxed)).sum()
    }

    /// Back to zero.
    pub fn reset(&self) {
        for cell in self.0.iter() {
            cell.0.store(0, Ordering::Relaxed);
        }
    }
}

type Read = Box<dyn Fn() -> i64 + Send + Sync>;

enum Source {
    Counter(Counter),
    Function(Read),
}

struct Entry {
    group: String,
    name: String,
    source: Source,
    /// A reset leaves it alone.
    is_kept: bool,
}

impl Entry {
    fn is(&self, group: &str, name: &str) -> bool {
        (group.is_empty() || self.group == group) && self.name == name
    }
}

/// All statistics of the server. Registration happens at load, reading on request.
pub struct Statistics {
    entries: RwLock<Vec<Entry>>,
    separator: char,
}

impl Default for Statistics {
    fn default() -> Self {
        Self::separated_by('_')
    }
}

impl Statistics {
    /// None yet; `separator` joins the parts of names that have several.
    #[must_use]
    pub fn separated_by(separator: char) -> Self {
        Self {
            entries: RwLock::default(),
            separator,
        }
    }

    /// The name of what is counted of something: `location_users`.
    #[must_use]
    pub fn name_of(&self, something: &str, what: &str) -> String {
        format!("{something}{}{what}", self.separator)
    }

    /// A counter under this name; the same counter when it is registered already.
    pub fn counter(&self, group: &str, name: &str) -> Counter {
        let mut entries = self.entries.write();
        for entry in entries.iter() {
            if entry.group == group
                && entry.name == name
                && let Source::Counter(c) = &entry.source
            {
                return c.clone();
            }
        }
        let counter = Counter::default();
        entries.push(Entry {
            group: group.to_owned(),
            name: name.to_owned(),
            source: Source::Counter(counter.clone()),
            is_kept: false,
        });
        counter
    }

    /// A value computed when asked for.
    pub fn function(
        &self,
        group: &str,
        name: &str,
        read: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        self.entries.write().push(Entry {
            group: group.to_owned(),
            name: name.to_owned(),
            source: Source::Function(Box::new(read)),
            is_kept: false,
        });
    }

    /// The value of `group` and `name`; `group` empty searches all groups.
    #[must_use]
    pub fn value(&self, group: &str, name: &str) -> Option<i64> {
        let entries = self.entries.read();
        let entry = entries.iter().find(|e| e.is(group, name))?;
        Some(read(&entry.source))
    }

    /// Sets a counter back to zero; false when there is none of this name, it is computed or
    /// [kept](Self::keep).
    pub fn reset(&self, group: &str, name: &str) -> bool {
        let entries = self.entries.read();
        match entries.iter().find(|e| e.is(group, name)) {
            Some(Entry {
                source: Source::Counter(counter),
                is_kept: false,
                ..
            }) => {
                counter.reset();
                true
            }
            _ => false,
        }
    }

    /// Lets no reset touch a statistic from now on.
    pub fn keep(&self, group: &str, name: &str) {
        for entry in self.entries.write().iter_mut() {
            if entry.is(group, name) {
                entry.is_kept = true;
            }
        }
    }

    /// Adds to a counter, whoever registered it; false when there is no statistic of this name. A
    /// computed one stays what it is.
    pub fn add(&self, group: &str, name: &str, by: i64) -> bool {
        let entries = self.entries.read();
        let found = entries.iter().find(|e| e.is(group, name));
        if let Some(Source::Counter(counter)) = found.map(|e| &e.source) {
            counter.add(by);
        }
        found.is_some()
    }

    /// Every statistic as (group, name, value), in the order of registration.
    #[must_use]
    pub fn all(&self) -> Vec<(String, String, i64)> {
        let entries = self.entries.read();
        entries
            .iter()
            .map(|e| (e.group.clone(), e.name.clone(), read(&e.source)))
            .collect()
    }
}

fn read(source: &Source) -> i64 {
    match source {
        Source::Counter(c) => c.value(),
        Source::Function(f) => f(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_one_name_are_one() {
        let statistics = Statistics::default();
        let a = statistics.counter("core", "rcv_requests");
        let b = statistics.counter("core", "rcv_requests");
        a.increment();
        std::thread::spawn(move || b.add(2)).join().unwrap();
        assert_eq!(statistics.value("core", "rcv_requests"), Some(3));
        assert!(statistics.reset("", "rcv_requests"));
        assert_eq!(a.value(), 0);
        statistics.function("usrloc", "location-users", || 7);
        assert_eq!(statistics.value("usrloc", "location-users"), Some(7));
        assert!(!statistics.reset("usrloc", "location-users"));
        assert!(
            statistics.add("", "location-users", 2) && statistics.add("core", "rcv_requests", 2)
        );
        assert!(!statistics.add("core", "nosuch", 1));
        assert_eq!(
            (a.value(), statistics.value("", "location-users")),
            (2, Some(7))
        );
        statistics.keep("core", "rcv_requests");
        assert!(!statistics.reset("core", "rcv_requests") && a.value() == 2);
    }
}
