//! Parameters of path.

use std::sync::Arc;

use bytes::Bytes;
use engine::module::{InitError, Param, State};
use engine::{Context, Setup};
use sip::uri::UriParams;

use crate::nathelper::api::alias_uri;
use crate::rr::api::Rr;

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "use_received",
        0,
        "Send requests whose Route is ours to the address in its received parameter; needs rr.",
    ),
    Param::int(
        "received_format",
        0,
        "1: the source is written host~port~transport instead of as a URI.",
    ),
    Param::text(
        "received_name",
        Some("received"),
        "The parameter that holds the source.",
    ),
    Param::int(
        "enable_r2",
        0,
        "Two Path headers, for the socket that the request leaves by and the one it came in by.",
    ),
    Param::int("sockname_mode", 0, "Name the socket in Path."),
];

/// How the source is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// `sip:host:port`, escaped.
    Uri,
    /// `host~port~transport`.
    Alias,
}

/// The parameters as values.
pub(super) struct Settings {
    pub(super) format: Format,
    pub(super) received_name: Bytes,
    pub(super) double: bool,
    pub(super) sockname: bool,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let format = match setup.params.int("received_format") {
        0 => Format::Uri,
        _ => Format::Alias,
    };
    let settings = Arc::new(Settings {
        format,
        received_name: setup.params.text("received_name").unwrap_or_default(),
        double: setup.params.int("enable_r2") != 0,
        sockname: setup.params.int("sockname_mode") != 0,
    });
    if setup.params.int("use_received") != 0 {
        let rr = setup.require::<Rr>("rr")?;
        let own = Arc::clone(&settings);
        rr.on_route(Arc::new(move |cx, params| use_received(&own, cx, params)));
    }
    Ok(settings)
}

/// Sends a request to the address that its own Route names as the source of the registration.
fn use_received(settings: &Settings, cx: &mut Context, params: &[u8]) {
    let found = UriParams::new(params)
        .find(|(name, _)| name.eq_ignore_ascii_case(&settings.received_name))
        .and_then(|(_, value)| value)
        .filter(|value| !value.is_empty());
    let Some(value) = found else {
        return;
    };
    let uri = match settings.format {
        Format::Uri => unescaped(value),
        Format::Alias => alias_uri(value),
    };
    match uri {
        Some(uri) => cx.target.dst_uri = Some(uri.into()),
        None => cx.log(
            engine::log::Level::Error,
            "path: the received parameter of the Route is malformed",
        ),
    }
}

/// The text with its `%XX` decoded; `None` when one of them is none.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            out.push(*first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let digits = std::str::from_utf8(digits).ok()?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes() {
        let text = |t: &str| unescaped(t.as_bytes()).map(|t| String::from_utf8(t).unwrap());
        assert_eq!(text("a%3Bb").as_deref(), Some("a;b"));
        assert_eq!(text("a").as_deref(), Some("a"));
        for wrong in ["%", "%3", "%sip", "%+1"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }
}
