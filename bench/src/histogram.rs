//! Latencies: counted in buckets that grow with the value, within 3 % of what was measured.

use std::time::Duration;

/// Buckets for each doubling.
const STEPS: u32 = 32;

/// Counted durations.
#[derive(Clone, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts one.
    pub(crate) fn add(&mut self, time: Duration) {
        let bucket = bucket(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// The time, in microseconds, that a share of all stayed below; 0 when nothing was counted.
    pub(crate) fn percentile(&self, share: f64) -> u64 {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return upper(bucket);
            }
        }
        0
    }
}

fn bucket(micros: u64) -> usize {
    if micros < u64::from(STEPS) {
        return micros as usize;
    }
    let doubling = micros.ilog2() - STEPS.ilog2();
    let step = (micros >> doubling) as u32 - STEPS;
    (STEPS * (doubling + 1) + step) as usize
}

/// The largest value of a bucket.
fn upper(bucket: usize) -> u64 {
    let steps = STEPS as usize;
    if bucket < steps {
        return bucket as u64;
    }
    let doubling = (bucket / steps - 1) as u32;
    let step = (bucket % steps + steps) as u64;
    ((step + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_close() {
        let mut all = Histogram::default();
        for micros in 1..=100_000 {
            all.add(Duration::from_micros(micros));
        }
        for (share, exact) in [(0.5, 50_000), (0.99, 99_000), (1.0, 100_000)] {
            let seen = all.percentile(share);
            assert!(
                seen >= exact && seen - exact <= exact / 30,
                "{share}: {seen}"
            );
        }
        assert_eq!(Histogram::default().percentile(0.99), 0);
    }

    #[test]
    fn buckets_follow_each_other() {
        for micros in 0..70_000 {
            assert!(micros <= upper(bucket(micros)));
            assert!(bucket(micros) == 0 || upper(bucket(micros) - 1) < micros);
        }
    }
}
