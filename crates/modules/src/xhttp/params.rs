//! Parameters.

use engine::module::{DefaultValue, Param, Status};

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param {
        name: "url_match",
        default: DefaultValue::Text(None),
        doc: "Only requests whose URL matches this expression are taken.",
        status: Status::Full,
    },
    Param {
        name: "url_skip",
        default: DefaultValue::Text(None),
        doc: "Requests whose URL matches this expression are left alone.",
        status: Status::Full,
    },
    Param {
        name: "event_callback",
        default: DefaultValue::Text(None),
        doc: "A function of an embedded language; there is none yet.",
        status: Status::Noop,
    },
];
