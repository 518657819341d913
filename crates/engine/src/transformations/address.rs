//! `{nameaddr.…}` and `{tobody.…}`: addresses with display name and parameters.

use bytes::Bytes;
use script::value::Value;
use sip::header::NameAddr;
use sip::{Span, UriRef};

use crate::transformation::Transformation;

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "nameaddr",
        "name",
        (0, 0),
        |_, v, _| name_addr(&v, |a| a.name),
        "Display name as written.",
    ),
    Transformation::new(
        "nameaddr",
        "uri",
        (0, 0),
        |_, v, _| name_addr(&v, |a| a.uri),
        "The URI between angle brackets, or all.",
    ),
    Transformation::new(
        "nameaddr",
        "len",
        (0, 0),
        |_, v, _| length(&v),
        "Length up to the closing angle bracket.",
    ),
    Transformation::new(
        "tobody",
        "uri",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| Some(piece(t, a.uri))),
        "URI of a To or From value.",
    ),
    Transformation::new(
        "tobody",
        "display",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| Some(piece(t, a.display))),
        "Display name of a To or From value.",
    ),
    Transformation::new(
        "tobody",
        "tag",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| Some(piece(t, a.tag.unwrap_or_default()))),
        "Tag of a To or From value.",
    ),
    Transformation::new(
        "tobody",
        "user",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| uri_part(t, a, |u| u.user)),
        "User of the URI of a To or From value.",
    ),
    Transformation::new(
        "tobody",
        "host",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| uri_part(t, a, |u| u.host)),
        "Host of the URI of a To or From value.",
    ),
    Transformation::new(
        "tobody",
        "params",
        (0, 0),
        |_, v, _| to_body(&v, |t, a| Some(params(t, a))),
        "Parameters of a To or From value.",
    ),
];

/// A name-addr by its brackets only: whatever stands before and between.
struct Bracketed {
    name: Span,
    uri: Span,
    end: usize,
}

impl Bracketed {
    /// `None`: there is nothing, or a bracket is not closed.
    fn find(text: &[u8]) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let mut quoted = false;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b'<' if !quoted => {
                    let close = at + memchr::memchr(b'>', &text[at..])?;
                    return Some(Self {
                        name: Span::of(0, at),
                        uri: Span::of(at + 1, close),
                        end: close + 1,
                    });
                }
                _ => {}
            }
        }
        Some(Self {
            name: Span::default(),
            uri: Span::of(0, text.len()),
            end: text.len(),
        })
    }
}

fn piece(text: &Bytes, span: Span) -> Bytes {
    text.slice_ref(span.get(text))
}

fn name_addr(value: &Value, of: fn(&Bracketed) -> Span) -> Value {
    let text = value.to_bytes();
    Bracketed::find(&text).map_or(Value::Null, |found| Value::Str(piece(&text, of(&found))))
}

fn length(value: &Value) -> Value {
    let found = value.with_bytes(Bracketed::find);
    found.map_or(Value::Null, |found| super::number(found.end))
}

/// Part of an address whose URI is one.
fn to_body(value: &Value, of: impl FnOnce(&Bytes, &NameAddr) -> Option<Bytes>) -> Value {
    let text = value.to_bytes();
    let address = NameAddr::parse(&text, Span::of(0, text.len())).ok();
    let address = address.filter(|address| {
        let uri = address.uri.get(&text);
        !uri.contains(&b'"') && UriRef::parse(uri).is_ok()
    });
    address
        .and_then(|address| of(&text, &address))
        .map_or(Value::Null, Value::Str)
}

fn uri_part(text: &Bytes, address: &NameAddr, of: fn(&sip::Uri) -> Span) -> Option<Bytes> {
    let uri = piece(text, address.uri);
    let parsed = UriRef::parse(&uri).ok()?;
    Some(piece(&uri, of(&parsed.uri)))
}

/// Without the first semicolon.
fn params(text: &Bytes, address: &NameAddr) -> Bytes {
    let all = piece(text, address.params.span);
    let inner = all.strip_prefix(b";").unwrap_or(&all);
    all.slice_ref(inner.trim_ascii_start())
}
