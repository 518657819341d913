//! Records kept for their time to live.

use std::time::Duration;

use ahash::RandomState;
use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{LookupError, RecordKind, Records};

/// Entries looked at to find one to give up when the cache is full.
const EVICTION_SAMPLE: usize = 16;

/// A question: a type and a name in lower case without a final dot.
pub(super) type Question = (RecordKind, Box<str>);

/// An answer, good or bad.
pub(super) type Answer = Result<Records, LookupError>;

/// Counts of the cache.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CacheStats {
    /// Entries there are.
    pub entries: usize,
    /// Questions answered from the cache.
    pub hits: u64,
    /// Questions that had to be asked.
    pub misses: u64,
    /// Entries given up for lack of room.
    pub evicted: u64,
}

/// An entry, as operators see it (`dns.view`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CacheEntry {
    /// The name.
    pub name: Box<str>,
    /// The type.
    pub kind: RecordKind,
    /// Time left.
    pub ttl: Duration,
    /// Whether there are such records, rather than the knowledge that there
    /// are none.
    pub positive: bool,
}

/// The kept answers. Names come from attackers: the keys are hashed with
/// random seeds and the number of entries is bounded.
#[derive(Debug)]
pub(super) struct Cache {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<Question, Entry, RandomState>,
    stats: CacheStats,
}

#[derive(Debug)]
struct Entry {
    answer: Answer,
    expires: Instant,
}

impl Cache {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            inner: Mutex::default(),
        }
    }

    /// The kept answer, while it is good.
    pub(super) fn find(&self, question: &Question, now: Instant) -> Option<Answer> {
        let mut inner = self.inner.lock();
        let kept = inner.entries.get(question);
        let found = kept
            .filter(|entry| entry.expires > now)
            .map(|entry| entry.answer.clone());
        if found.is_some() {
            inner.stats.hits += 1;
        } else {
            inner.stats.misses += 1;
        }
        found
    }

    /// Keeps an answer; one that is good for no time is not kept.
    pub(super) fn insert(&self, question: Question, answer: Answer, ttl: Duration, now: Instant) {
        if ttl.is_zero() || self.limit == 0 {
            return;
        }
        // Further ahead than the clock reaches, an entry is good for ever.
        const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);
        let expires = now + ttl.min(FOR_EVER);
        let mut inner = self.inner.lock();
        if inner.entries.len() >= self.limit && !inner.entries.contains_key(&question) {
            inner.give_up_one();
        }
        inner.entries.insert(question, Entry { answer, expires });
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.inner.lock().entries.clear();
    }

    pub(super) fn stats(&self) -> CacheStats {
        let inner = self.inner.lock();
        CacheStats {
            entries: inner.entries.len(),
            ..inner.stats
        }
    }

    pub(super) fn list(&self, now: Instant) -> Vec<CacheEntry> {
        let inner = self.inner.lock();
        let good = inner.entries.iter().filter(|(_, e)| e.expires > now);
        good.map(|((kind, name), entry)| CacheEntry {
            name: name.clone(),
            kind: *kind,
            ttl: entry.expires - now,
            positive: entry.answer.is_ok(),
        })
        .collect()
    }
}

impl Inner {
    /// Removes the entry of a sample that would end first.
    fn give_up_one(&mut self) {
        let sample = self.entries.iter().take(EVICTION_SAMPLE);
        let Some((victim, _)) = sample.min_by_key(|(_, entry)| entry.expires) else {
            return;
        };
        let victim = victim.clone();
        self.entries.remove(&victim);
        self.stats.evicted += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &str) -> Question {
        (RecordKind::A, name.into())
    }

    #[test]
    fn answers_end_with_their_time() {
        let cache = Cache::new(8);
        let now = Instant::now();
        let answer = Err(LookupError::NotFound);
        cache.insert(question("a"), answer.clone(), Duration::from_secs(5), now);
        let later = now + Duration::from_secs(4);
        assert!(cache.find(&question("a"), later).is_some());
        let end = now + Duration::from_secs(5);
        assert!(cache.find(&question("a"), end).is_none());
        cache.insert(question("b"), answer, Duration::ZERO, now);
        assert!(cache.find(&question("b"), now).is_none());
        assert_eq!((cache.stats().hits, cache.stats().misses), (1, 2));
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let cache = Cache::new(10);
        let now = Instant::now();
        for index in 0..100_u64 {
            let ttl = Duration::from_secs(1 + index);
            let name = question(&index.to_string());
            cache.insert(name, Err(LookupError::NotFound), ttl, now);
        }
        assert_eq!(cache.stats().entries, 10);
        assert_eq!(cache.stats().evicted, 90);
        assert!(cache.find(&question("99"), now).is_some());
    }
}
