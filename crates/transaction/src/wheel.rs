//! A hashed timer wheel: arming, disarming and expiring one entry each cost O(1), however many there are.
//!
//! An entry is the number of a slot in the shard; its links live in a vector beside the slots, so nothing is allocated
//! per timer. Entries further away than one turn stay in their bucket and are looked at once per turn.

use crate::time::Millis;

/// Milliseconds per tick: no timer fires early, and none more than one tick late.
pub(crate) const TICK: u64 = 16;
const BUCKETS: usize = 1024;
const NONE: u32 = u32::MAX;
const DISARMED: u64 = u64::MAX;

/// The wheel of one shard.
#[derive(Debug)]
pub(crate) struct Wheel {
    heads: Box<[u32]>,
    nodes: Vec<Node>,
    /// Every tick up to this one has been expired.
    current: u64,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    previous: u32,
    next: u32,
    tick: u64,
}

const FREE: Node = Node {
    previous: NONE,
    next: NONE,
    tick: DISARMED,
};

impl Wheel {
    pub(crate) fn new(now: Millis) -> Wheel {
        Wheel {
            heads: vec![NONE; BUCKETS].into_boxed_slice(),
            nodes: Vec::new(),
            current: now.0 / TICK,
        }
    }

    /// Lets `id` fire at `at`, instead of whenever it was to fire before.
    pub(crate) fn arm(&mut self, id: u32, at: Millis) {
        self.disarm(id);
        let index = id as usize;
        if index >= self.nodes.len() {
            self.nodes.resize(index + 1, FREE);
        }
        let tick = at.0.div_ceil(TICK).max(self.current + 1);
        let bucket = bucket_of(tick);
        let next = self.heads[bucket];
        self.nodes[index] = Node {
            previous: NONE,
            next,
            tick,
        };
        if next != NONE {
            self.nodes[next as usize].previous = id;
        }
        self.heads[bucket] = id;
    }

    /// Takes `id` out, if it is in.
    pub(crate) fn disarm(&mut self, id: u32) {
        let Some(node) = self.nodes.get_mut(id as usize) else {
            return;
        };
        let Node {
            previous,
            next,
            tick,
        } = std::mem::replace(node, FREE);
        if tick == DISARMED {
            return;
        }
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
        if previous != NONE {
            self.nodes[previous as usize].next = next;
            return;
        }
        self.heads[bucket_of(tick)] = next;
    }

    /// Gives back the room for entries; none is armed.
    pub(crate) fn give_back(&mut self) {
        self.nodes = Vec::new();
    }

    /// Whether `id` fires no later than it would if it were armed for `at`.
    pub(crate) fn fires_by(&self, id: u32, at: Millis) -> bool {
        let tick = at.0.div_ceil(TICK).max(self.current + 1);
        self.nodes
            .get(id as usize)
            .is_some_and(|node| node.tick != DISARMED && node.tick <= tick)
    }

    /// Takes out the entries that are due by `now` and appends them to `due`, at most `limit`. Returns whether all were
    /// taken.
    pub(crate) fn expire(&mut self, now: Millis, limit: usize, due: &mut Vec<u32>) -> bool {
        let now_tick = now.0 / TICK;
        // After a long sleep one turn visits every bucket.
        let mut tick = (self.current + 1).max(now_tick.saturating_sub(BUCKETS as u64 - 1));
        let mut taken = 0;
        while tick <= now_tick {
            let mut id = self.heads[bucket_of(tick)];
            while id != NONE {
                let Node { next, tick: at, .. } = self.nodes[id as usize];
                if at <= now_tick {
                    if taken == limit {
                        self.current = tick - 1;
                        return false;
                    }
                    self.disarm(id);
                    due.push(id);
                    taken += 1;
                }
                id = next;
            }
            self.current = tick;
            tick += 1;
        }
        true
    }
}

fn bucket_of(tick: u64) -> usize {
    (tick % BUCKETS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, TICK, Wheel};
    use crate::time::Millis;

    fn due(wheel: &mut Wheel, now: u64) -> Vec<u32> {
        let mut due = Vec::new();
        assert!(wheel.expire(Millis(now), usize::MAX, &mut due));
        due.sort_unstable();
        due
    }

    #[test]
    fn fires_never_early_and_at_most_one_tick_late() {
        for start in [0, 5, 16, 1_000_003] {
            for delay in [
                0, 1, 15, 16, 17, 500, 4_000, 16_383, 16_384, 16_385, 120_000, 180_000,
            ] {
                let mut wheel = Wheel::new(Millis(start));
                let at = start + delay;
                wheel.arm(3, Millis(at));
                let fired = (start..)
                    .find(|now| !due(&mut wheel, *now).is_empty())
                    .unwrap();
                assert!(
                    fired >= at && fired < at + 2 * TICK,
                    "{start}+{delay}: {fired}"
                );
                assert!(delay == 0 || fired < at + TICK, "{start}+{delay}: {fired}");
            }
        }
    }

    #[test]
    fn disarmed_and_rearmed_entries_keep_the_lists_whole() {
        let mut wheel = Wheel::new(Millis(0));
        let same_bucket = |turn: u64| Millis((5 + turn * BUCKETS as u64) * TICK);
        for id in 0..5 {
            wheel.arm(id, same_bucket(u64::from(id) % 2));
        }
        wheel.disarm(2);
        wheel.disarm(2);
        wheel.disarm(99);
        wheel.arm(4, Millis(TICK));
        assert_eq!(due(&mut wheel, TICK), [4]);
        assert_eq!(due(&mut wheel, 5 * TICK), [0]);
        assert_eq!(due(&mut wheel, same_bucket(1).0), [1, 3]);
        assert!(wheel.heads.iter().all(|head| *head == super::NONE));
    }

    #[test]
    fn a_long_sleep_loses_nothing_and_a_limit_is_resumed() {
        let mut wheel = Wheel::new(Millis(0));
        for id in 0..1000 {
            wheel.arm(id, Millis(u64::from(id) * 40));
        }
        let mut all = Vec::new();
        while !wheel.expire(Millis(1_000_000_000), 64, &mut all) {}
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
    }
}
