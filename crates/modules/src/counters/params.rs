//! Parameters.

use engine::module::{DefaultValue, Param};

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param::new(
        "script_counter",
        DefaultValue::List,
        "Declares a counter: [group.]name, with a description behind a space.",
    ),
    Param::text(
        "script_cnt_grp_name",
        Some("script"),
        "The group of counters that are declared or used without one.",
    ),
];
