//! Parameters of sanity.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, State, Status};

const fn row(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Full,
    }
}

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    row(
        "default_checks",
        DefaultValue::Int(3047),
        "The sum of the checks that sanity_check() makes.",
    ),
    row(
        "uri_checks",
        DefaultValue::Int(7),
        "Which URIs the URI check parses: request URI 1, From 2, To 4, Contact 8.",
    ),
    row(
        "proxy_require",
        DefaultValue::Text(Some("")),
        "Extensions that Proxy-Require may ask for, separated by commas.",
    ),
    row(
        "autodrop",
        DefaultValue::Int(1),
        "A failed check ends the script.",
    ),
    row(
        "noreply",
        DefaultValue::Int(0),
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
