//! What others may use: answers to challenges.

pub use super::digest::{Challenge, ChallengeError, Challenged, Identity, Secret};
