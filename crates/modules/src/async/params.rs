//! The module's parameters.

use engine::module::{Param, Status};

/// Every parameter.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "workers",
        1,
        "One runtime serves all that waits: there are no workers to number.",
    )
    .with(Status::Noop),
    Param::int(
        "ms_timer",
        0,
        "Above 0, the functions that take milliseconds work.",
    ),
    Param::int(
        "return",
        0,
        "What the functions return that have suspended the request; 0 ends the script.",
    ),
];
