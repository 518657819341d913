//! The branch that `$sbranch(…)` makes up.

use engine::context::Branch;

/// Kept with the message; Kamailio keeps it with the process, where other messages would see it.
#[derive(Clone)]
pub(super) struct StaticBranch(pub(super) Branch);

impl Default for StaticBranch {
    /// Its q is 0, not none, until the script says so.
    fn default() -> Self {
        Self(Branch {
            q: Some(0),
            ..Branch::default()
        })
    }
}
