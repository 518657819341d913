//! Things that are due at some time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

/// Things by the time they are due.
pub(super) struct Clock<T> {
    order: BinaryHeap<Reverse<(Instant, u64)>>,
    things: HashMap<u64, T>,
    next: u64,
}

impl<T> Default for Clock<T> {
    fn default() -> Self {
        Self {
            order: BinaryHeap::new(),
            things: HashMap::new(),
            next: 0,
        }
    }
}

impl<T> Clock<T> {
    /// Puts off a thing.
    pub(super) fn set(&mut self, delay: Duration, thing: T) {
        self.next += 1;
        self.order
            .push(Reverse((Instant::now() + delay, self.next)));
        self.things.insert(self.next, thing);
    }

    /// The next thing that is due by now.
    pub(super) fn due(&mut self) -> Option<T> {
        let Reverse((when, number)) = *self.order.peek()?;
        if when > Instant::now() {
            return None;
        }
        self.order.pop();
        self.things.remove(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_in_the_order_of_their_times() {
        let mut clock = Clock::default();
        clock.set(Duration::from_secs(3600), 'c');
        clock.set(Duration::ZERO, 'a');
        clock.set(Duration::ZERO, 'b');
        assert_eq!(clock.due(), Some('a'));
        assert_eq!(clock.due(), Some('b'));
        assert_eq!(clock.due(), None);
    }
}
