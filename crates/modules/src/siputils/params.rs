//! Parameters of siputils.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, State, Status};

const fn text(name: &'static str, default: &'static str, doc: &'static str) -> Param {
    Param {
        name,
        default: DefaultValue::Text(Some(default)),
        doc,
        status: Status::Full,
    }
}

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    text("options_accept", "*/*", "Accept in replies to OPTIONS."),
    text(
        "options_accept_encoding",
        "",
        "Accept-Encoding in replies to OPTIONS.",
    ),
    text(
        "options_accept_language",
        "en",
        "Accept-Language in replies to OPTIONS.",
    ),
    text("options_support", "", "Supported in replies to OPTIONS."),
    text(
        "contact_flds_separator",
        "*",
        "The character between the parts of an encoded contact.",
    ),
];

/// The module's state.
pub(super) struct SipUtils {
    /// The header lines of replies to OPTIONS.
    pub(super) options_headers: Bytes,
    pub(super) separator: u8,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let mut lines = Vec::new();
    for (name, param) in [
        ("Accept", "options_accept"),
        ("Accept-Encoding", "options_accept_encoding"),
        ("Accept-Language", "options_accept_language"),
        ("Supported", "options_support"),
    ] {
        lines.extend_from_slice(name.as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(&setup.params.text(param).unwrap_or_default());
        lines.extend_from_slice(b"\r\n");
    }
    let separator = setup
        .params
        .text("contact_flds_separator")
        .unwrap_or_default();
    let [separator] = separator[..] else {
        return Err(InitError::of_param(
            "contact_flds_separator",
            "contact_flds_separator must be one character",
        ));
    };
    Ok(Arc::new(SipUtils {
        options_headers: lines.into(),
        separator,
    }))
}
