//! Parameters of sanity.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::module::{InitError, Param, State};

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "default_checks",
        3047,
        "The sum of the checks that sanity_check() makes.",
    ),
    Param::int(
        "uri_checks",
        7,
        "Which URIs the URI check parses: request URI 1, From 2, To 4, Contact 8.",
    ),
    Param::text(
        "proxy_require",
        Some(""),
        "Extensions that Proxy-Require may ask for, separated by commas.",
    ),
    Param::int("autodrop", 1, "A failed check ends the script."),
    Param::int(
        "noreply",
        0,
        "A failed check sends no reply; sanity_reply() does.",
    ),
];

/// The module's state.
pub(super) struct Sanity {
    pub(super) checks: u32,
    pub(super) uris: u32,
    pub(super) extensions: Vec<Bytes>,
    pub(super) autodrop: bool,
    pub(super) noreply: bool,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let params = setup.params;
    let number = |name: &'static str| {
        u32::try_from(params.int(name))
            .map_err(|_| InitError::of_param(name, format!("{name} must not be negative")))
    };
    let list = params.text("proxy_require").unwrap_or_default();
    let extensions = list
        .split(|c| *c == b',')
        .map(sip::chars::trim)
        .filter(|e| !e.is_empty())
        .map(Bytes::copy_from_slice)
        .collect();
    Ok(Arc::new(Sanity {
        checks: number("default_checks")?,
        uris: number("uri_checks")?,
        extensions,
        autodrop: params.int("autodrop") != 0,
        noreply: params.int("noreply") != 0,
    }))
}
