//! Parts of text that holds an address: `nameaddr.uri.host`, `params.q`.

use bytes::Bytes;
use script::value::Value;

use super::Step;
use super::uri::UriPart;
use crate::context::Context;

/// What is shown of such text.
#[derive(Clone)]
pub(super) enum TextPart {
    Whole,
    Name,
    Uri(UriPart),
    Params,
    Param(String),
}

impl TextPart {
    /// `name`, `uri…`, `params`, `params.x`.
    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        Some(match steps {
            [] => Self::Whole,
            [step] if step.plain() == Some("name") => Self::Name,
            [step] if step.plain() == Some("params") => Self::Params,
            [uri, rest @ ..] if uri.plain() == Some("uri") => Self::Uri(UriPart::parse(rest)?),
            [params, name] if params.plain() == Some("params") => {
                Self::Param(name.plain()?.to_owned())
            }
            _ => return None,
        })
    }

    /// Its value in a text.
    pub(super) fn of(&self, cx: &Context, text: &Bytes) -> Value {
        let piece = |bytes: &[u8]| Value::Str(text.slice_ref(bytes));
        let pieces = Pieces::of(text);
        match self {
            Self::Whole => Value::Str(text.clone()),
            Self::Name => piece(pieces.name),
            Self::Uri(part) => part.of(cx, &text.slice_ref(pieces.uri)),
            Self::Params => piece(pieces.params),
            Self::Param(name) => param(&text.slice_ref(pieces.params), name),
        }
    }
}

/// Where name, URI and parameters stand. Kamailio looks no closer either: what comes before the
/// bracket is the name.
#[derive(Clone)]
struct Pieces<'t> {
    name: &'t [u8],
    uri: &'t [u8],
    params: &'t [u8],
}

impl<'t> Pieces<'t> {
    fn of(text: &'t [u8]) -> Self {
        let after_semicolon = |rest: &'t [u8]| {
            let at = memchr::memchr(b';', rest);
            at.map_or(&rest[rest.len()..], |at| &rest[at + 1..])
        };
        let mut quoted = false;
        let open = text.iter().position(|b| {
            quoted ^= *b == b'"';
            *b == b'<' && !quoted
        });
        let Some(open) = open else {
            let end = memchr::memchr(b';', text).unwrap_or(text.len());
            return Self {
                name: &text[..0],
                uri: text[..end].trim_ascii(),
                params: after_semicolon(text),
            };
        };
        let rest = &text[open + 1..];
        let close = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        Self {
            name: text[..open].trim_ascii(),
            uri: &rest[..close],
            params: after_semicolon(&rest[close..]),
        }
    }
}

/// The value of `name=value` in a list with semicolons, up to its first comma; quotes around it
/// are not part of it.
pub(super) fn param(text: &Bytes, name: &str) -> Value {
    let end = split(text, b',').first().map_or(0, Bytes::len);
    let found = split(&text.slice(..end.min(text.len())), b';')
        .into_iter()
        .find_map(|piece| {
            let equals = memchr::memchr(b'=', &piece).unwrap_or(piece.len());
            let own = piece[..equals].trim_ascii();
            if !own.eq_ignore_ascii_case(name.as_bytes()) {
                return None;
            }
            let value = piece.get(equals + 1..).unwrap_or_default().trim_ascii();
            let bare = value
                .strip_prefix(b"\"")
                .and_then(|v| v.strip_suffix(b"\""));
            Some(piece.slice_ref(bare.unwrap_or(value)))
        });
    found.map_or(Value::Null, Value::Str)
}

/// Splits outside of quotes and angle brackets; white space around pieces is not part of them.
pub(super) fn split(text: &Bytes, separator: u8) -> Vec<Bytes> {
    let mut found = Vec::new();
    let (mut quoted, mut depth, mut start) = (false, 0usize, 0);
    for at in 0..=text.len() {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b'<') if !quoted => depth += 1,
            Some(b'>') if !quoted => depth = depth.saturating_sub(1),
            Some(b) if *b != separator || quoted || depth > 0 => {}
            _ => {
                found.push(text.slice_ref(text[start..at].trim_ascii()));
                start = at + 1;
            }
        }
    }
    found
}
