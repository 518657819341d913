//! The probability that `rand_event` tests against.

use std::sync::atomic::{AtomicU8, Ordering};

/// A percentage that scripts and operators change.
pub(super) struct Chance {
    initial: u8,
    now: AtomicU8,
}

/// A number that is no percentage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoPercentage;

impl Chance {
    /// Starts with an initial value.
    pub(super) fn new(initial: i64) -> Result<Self, NoPercentage> {
        let initial = percentage(initial)?;
        Ok(Self {
            initial,
            now: AtomicU8::new(initial),
        })
    }

    /// The value as it is.
    pub(super) fn percent(&self) -> i64 {
        i64::from(self.now.load(Ordering::Relaxed))
    }

    /// Changes the value.
    pub(super) fn set(&self, percent: i64) -> Result<(), NoPercentage> {
        self.now.store(percentage(percent)?, Ordering::Relaxed);
        Ok(())
    }

    /// Back to the initial value.
    pub(super) fn reset(&self) {
        self.now.store(self.initial, Ordering::Relaxed);
    }

    /// Whether the event happens, with a throw of the dice.
    pub(super) fn happens(&self, dice: u64) -> bool {
        dice % 100 < u64::from(self.now.load(Ordering::Relaxed))
    }
}

fn percentage(number: i64) -> Result<u8, NoPercentage> {
    u8::try_from(number)
        .ok()
        .filter(|percent| *percent <= 100)
        .ok_or(NoPercentage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_never_all_always_and_the_rest_by_share() {
        let chance = Chance::new(0).unwrap();
        assert!((0..200).all(|dice| !chance.happens(dice)));
        chance.set(100).unwrap();
        assert!((0..200).all(|dice| chance.happens(dice)));
        chance.set(30).unwrap();
        assert_eq!((0..100).filter(|dice| chance.happens(*dice)).count(), 30);
        assert_eq!(chance.set(101), Err(NoPercentage));
        assert_eq!(chance.set(-1), Err(NoPercentage));
        assert_eq!(chance.percent(), 30);
        chance.reset();
        assert_eq!(chance.percent(), 0);
    }
}
