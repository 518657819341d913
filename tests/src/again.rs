//! Playing again what failed.
//!
//! A loaded machine delivers a message late now and then: that is no fault of the server's. What
//! fails each time is one.

use std::sync::{Mutex, PoisonError};

/// Held by what is played again: one thing at a time, so that the machine is less busy.
static ALONE: Mutex<()> = Mutex::new(());

/// Plays until it passes: turn 0 and, after failures, up to `again` further ones. Each failure that
/// is followed by another turn is told on standard error; the last one is the outcome.
pub fn until_it_passes(
    name: &str,
    again: usize,
    mut play: impl FnMut(usize) -> Result<(), String>,
) -> Result<(), String> {
    let mut outcome = play(0);
    for turn in 1..=again {
        let Err(why) = &outcome else { break };
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let when = if turn == 1 { "at first" } else { "again" };
        eprintln!("{name} failed {when} and is played again: {why}");
        outcome = play(turn);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::until_it_passes;

    /// The turns that were played when the first `failures` of them fail, and the outcome.
    fn played(again: usize, failures: usize) -> (usize, Result<(), String>) {
        let mut turns = 0;
        let outcome = until_it_passes("a test", again, |turn| {
            assert_eq!(turn, turns);
            turns += 1;
            match turn < failures {
                true => Err(format!("failure {turn}")),
                false => Ok(()),
            }
        });
        (turns, outcome)
    }

    #[test]
    fn what_passes_is_played_no_more() {
        assert_eq!(played(1, 0), (1, Ok(())));
        assert_eq!(played(1, 1), (2, Ok(())));
        assert_eq!(played(2, 1), (2, Ok(())));
    }

    #[test]
    fn the_last_failure_counts() {
        assert_eq!(played(0, 9), (1, Err("failure 0".to_owned())));
        assert_eq!(played(1, 9), (2, Err("failure 1".to_owned())));
        assert_eq!(played(2, 9), (3, Err("failure 2".to_owned())));
    }
}
