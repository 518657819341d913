//! Parameters.

use engine::module::{DefaultValue, Param, Status};

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param {
        name: "script_counter",
        default: DefaultValue::List,
        doc: "Declares a counter: [group.]name, with a description behind a space.",
        status: Status::Full,
    },
    Param {
        name: "script_cnt_grp_name",
        default: DefaultValue::Text(Some("script")),
        doc: "The group of counters that are declared or used without one.",
        status: Status::Full,
    },
];
