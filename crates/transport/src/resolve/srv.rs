//! The order in which the servers of an SRV set are tried (RFC 2782).

use super::Srv;

/// Orders by priority, and among equal priorities draws by weight: each
/// record's chance to come next is its weight over the sum of those left.
/// `random(n)` returns a number from 0 to `n` inclusive.
pub fn order_by_weight(records: &[Srv], random: &mut dyn FnMut(u32) -> u32) -> Vec<Srv> {
    let mut left = by_priority(records);
    // Records without weight go first in the running sum, so that they still
    // have a small chance.
    left.sort_by_key(|record| (record.priority, record.weight != 0));
    let mut ordered = Vec::with_capacity(left.len());
    while let Some(first) = left.first() {
        let priority = first.priority;
        let equal = left.iter().take_while(|record| record.priority == priority);
        let weights: Vec<u32> = equal.map(|record| record.weight.into()).collect();
        // A set has at most 65,535 records of 16 bits in one DNS answer.
        let total = weights.iter().fold(0_u32, |sum, w| sum.saturating_add(*w));
        let drawn = random(total).min(total);
        let mut sum = 0_u32;
        let reaches = |weight: &u32| {
            sum = sum.saturating_add(*weight);
            sum >= drawn
        };
        let index = weights.iter().position(reaches).unwrap_or(0);
        ordered.push(left.remove(index));
    }
    ordered
}

/// Orders by priority, heavier records first: always the same order.
pub(super) fn by_priority(records: &[Srv]) -> Vec<Srv> {
    let mut ordered = records.to_vec();
    ordered.sort_by_key(|record| (record.priority, std::cmp::Reverse(record.weight)));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, weight: u16, target: &str) -> Srv {
        Srv {
            priority,
            weight,
            port: 5060,
            target: target.into(),
        }
    }

    fn names(records: &[Srv]) -> Vec<&str> {
        records.iter().map(|record| &*record.target).collect()
    }

    #[test]
    fn lower_priorities_come_first() {
        let set = [srv(20, 0, "c"), srv(10, 5, "b"), srv(10, 60, "a")];
        assert_eq!(names(&by_priority(&set)), ["a", "b", "c"]);
        let drawn = order_by_weight(&set, &mut |_| 0);
        assert_eq!(drawn.last().map(|record| &*record.target), Some("c"));
    }

    #[test]
    fn the_draw_follows_the_weights() {
        let set = [srv(1, 30, "a"), srv(1, 10, "b"), srv(1, 0, "z")];
        // Order within the running sum: z (0), a (30), b (40).
        assert_eq!(names(&order_by_weight(&set, &mut |_| 0))[0], "z");
        assert_eq!(names(&order_by_weight(&set, &mut |_| 1))[0], "a");
        assert_eq!(names(&order_by_weight(&set, &mut |_| 30))[0], "a");
        assert_eq!(names(&order_by_weight(&set, &mut |n| n))[0], "b");
    }

    #[test]
    fn shares_match_the_weights() {
        let set = [srv(1, 30, "a"), srv(1, 10, "b")];
        // Every possible draw once: 41 values, 0..=40.
        let mut first_a = 0;
        for draw in 0..=40 {
            let mut draws = [draw, 0].into_iter();
            let order = order_by_weight(&set, &mut |_| draws.next().unwrap_or(0));
            first_a += u32::from(&*order[0].target == "a");
        }
        assert_eq!(first_a, 31);
    }
}
