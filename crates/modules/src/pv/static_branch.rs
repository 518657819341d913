//! The branch that `$sbranch(…)` makes up.

use engine::context::Branch;

/// Kept with the message; Kamailio keeps it with the process, where other messages would see it.
#[derive(Clone, Default)]
pub(super) struct StaticBranch(pub(super) Branch);
