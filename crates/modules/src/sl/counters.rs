//! How many replies were sent, by status and by class, under Kamailio's names.

use engine::statistics::{Counter, Statistics};

/// Statuses that have a counter of their own.
const SINGLE: [(u16, &str); 13] = [
    (200, "200_replies"),
    (202, "202_replies"),
    (300, "300_replies"),
    (301, "301_replies"),
    (302, "302_replies"),
    (400, "400_replies"),
    (401, "401_replies"),
    (403, "403_replies"),
    (404, "404_replies"),
    (407, "407_replies"),
    (408, "408_replies"),
    (483, "483_replies"),
    (500, "500_replies"),
];

/// What else is counted in a class.
const CLASSES: [&str; 6] = [
    "1xx_replies",
    "2xx_replies",
    "3xx_replies",
    "4xx_replies",
    "5xx_replies",
    "6xx_replies",
];

/// The counters.
pub(crate) struct Counters {
    single: [Counter; SINGLE.len()],
    classes: [Counter; CLASSES.len()],
    other: Counter,
    pub(crate) sent: Counter,
    pub(crate) received_acks: Counter,
    failures: Counter,
}

impl Counters {
    pub(crate) fn register(statistics: &Statistics) -> Self {
        let sl = |name: &str| statistics.counter("sl", name);
        // Kamailio has it and never counts it.
        sl("sent_err_replies");
        Self {
            single: SINGLE.map(|(_, name)| sl(name)),
            classes: CLASSES.map(sl),
            other: sl("xxx_replies"),
            sent: sl("sent_replies"),
            received_acks: sl("received_ACKs"),
            failures: sl("failures"),
        }
    }

    /// Counts a reply that was sent, or could not be.
    pub(crate) fn count(&self, status: u16, sent: bool) {
        if !sent {
            self.failures.increment();
            return;
        }
        self.sent.increment();
        let single = SINGLE.iter().position(|(s, _)| *s == status);
        let class = usize::from(status / 100).checked_sub(1);
        let counter = match (single, class.and_then(|class| self.classes.get(class))) {
            (Some(index), _) => &self.single[index],
            (None, Some(class)) => class,
            (None, None) => &self.other,
        };
        counter.increment();
    }

    /// Name and count of each counter, for `sl.stats`: of each class first its own statuses.
    pub(crate) fn values(&self) -> Vec<(&'static str, i64)> {
        let mut values = Vec::with_capacity(SINGLE.len() + CLASSES.len());
        for (class, name) in (1u16..).zip(CLASSES) {
            for ((status, single), counter) in SINGLE.iter().zip(&self.single) {
                if status / 100 == class {
                    values.push((*single, counter.value()));
                }
            }
            if let Some(counter) = self.classes.get(usize::from(class) - 1) {
                values.push((name, counter.value()));
            }
        }
        values.push(("xxx_replies", self.other.value()));
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_counts_once() {
        let counters = Counters::register(&Statistics::default());
        counters.count(404, true);
        counters.count(405, true);
        counters.count(100, true);
        counters.count(200, false);
        let counted: Vec<_> = counters
            .values()
            .into_iter()
            .filter(|(_, n)| *n != 0)
            .collect();
        assert_eq!(
            counted,
            [("1xx_replies", 1), ("404_replies", 1), ("4xx_replies", 1)]
        );
    }
}
