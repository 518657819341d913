//! Parameters.

use engine::module::{Param, Status};

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param::text(
        "url_match",
        None,
        "Only requests whose URL matches this expression are taken.",
    ),
    Param::text(
        "url_skip",
        None,
        "Requests whose URL matches this expression are left alone.",
    ),
    Param::text(
        "event_callback",
        None,
        "A function of an embedded language; there is none yet.",
    )
    .with(Status::Noop),
];
