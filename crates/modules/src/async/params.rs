//! The module's parameters.

use engine::module::{DefaultValue, Param, Status};

const fn int(name: &'static str, value: i64, doc: &'static str, status: Status) -> Param {
    Param {
        name,
        default: DefaultValue::Int(value),
        doc,
        status,
    }
}

/// Every parameter.
pub(super) static TABLE: &[Param] = &[
    int(
        "workers",
        1,
        "One runtime serves all that waits: there are no workers to number.",
        Status::Noop,
    ),
    int(
        "ms_timer",
        0,
        "Above 0, the functions that take milliseconds work.",
        Status::Full,
    ),
    int(
        "return",
        0,
        "What the functions return that have suspended the request; 0 ends the script.",
        Status::Full,
    ),
];
