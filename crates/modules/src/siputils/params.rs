//! Parameters of siputils.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::module::{InitError, Param, State};
use engine::variable::Readable;

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "options_accept",
        Some("*/*"),
        "Accept in replies to OPTIONS.",
    ),
    Param::text(
        "options_accept_encoding",
        Some(""),
        "Accept-Encoding in replies to OPTIONS.",
    ),
    Param::text(
        "options_accept_language",
        Some("en"),
        "Accept-Language in replies to OPTIONS.",
    ),
    Param::text(
        "options_support",
        Some(""),
        "Supported in replies to OPTIONS.",
    ),
    Param::text(
        "contact_flds_separator",
        Some("*"),
        "The character between the parts of an encoded contact.",
    ),
    Param::text(
        "rpid_prefix",
        Some(""),
        "What stands before the identity in Remote-Party-ID.",
    ),
    Param::text(
        "rpid_suffix",
        Some(";party=calling;id-type=subscriber;screen=yes"),
        "What stands behind the identity in Remote-Party-ID.",
    ),
    Param::text(
        "rpid_avp",
        Some("$avp(s:rpid)"),
        "The variable that holds the identity for Remote-Party-ID.",
    ),
];

/// The module's state.
pub(super) struct SipUtils {
    /// The header lines of replies to OPTIONS.
    pub(super) options_headers: Bytes,
    pub(super) separator: u8,
    pub(super) rpid_prefix: Bytes,
    pub(super) rpid_suffix: Bytes,
    pub(super) rpid: Option<Readable>,
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
        rpid_prefix: setup.params.text("rpid_prefix").unwrap_or_default(),
        rpid_suffix: setup.params.text("rpid_suffix").unwrap_or_default(),
        rpid: setup.variable_param("rpid_avp")?,
    }))
}
