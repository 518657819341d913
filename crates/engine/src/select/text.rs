//! Parts of any text: `params.q` of a list of parameters, `nameaddr.uri.host` of an address.

use bytes::Bytes;
use script::value::Value;

use super::path::{self, Step};
use super::uri::UriPart;
use crate::context::Context;

/// What is shown of a text.
pub enum TextPart {
    /// All of it.
    Whole,
    /// All of it, for want of what was asked for.
    Beyond,
    /// A parameter of the text, which is taken for a list of them.
    Param(String),
    /// A part of the address that it is.
    Address(AddressPart),
}

impl TextPart {
    /// Nothing, `params.x` or `nameaddr.…`.
    #[must_use]
    pub fn parse(steps: &[Step]) -> Option<Self> {
        match steps {
            [] => Some(Self::Whole),
            [Step::Beyond] => Some(Self::Beyond),
            [first, rest @ ..] if first.word() == Some("nameaddr") => {
                AddressPart::parse(rest).map(Self::Address)
            }
            _ => path::param(steps).map(|name| Self::Param(name.to_owned())),
        }
    }

    /// Its value in a text.
    #[must_use]
    pub fn of(&self, cx: &Context, text: &Bytes) -> Value {
        match self {
            Self::Whole | Self::Beyond => Value::Str(text.clone()),
            Self::Param(name) => param(text, name),
            Self::Address(part) => part.of(cx, text),
        }
    }
}

/// What is shown of a text that is an address.
pub enum AddressPart {
    /// All of it, for want of what was asked for.
    Beyond,
    /// The display name, quotes included.
    Name,
    /// Its URI or a part of that.
    Uri(UriPart),
    /// The parameters behind the address.
    Params,
    /// One of them.
    Param(String),
}

impl AddressPart {
    /// `name`, `uri…`, `params`, `params.x`.
    #[must_use]
    pub fn parse(steps: &[Step]) -> Option<Self> {
        if matches!(steps, [Step::Beyond]) {
            return Some(Self::Beyond);
        }
        let (first, rest) = path::split(steps)?;
        Some(match (first, rest) {
            ("name", []) => Self::Name,
            ("params", []) => Self::Params,
            ("uri", rest) => Self::Uri(UriPart::parse(rest)?),
            _ => Self::Param(path::param(steps)?.to_owned()),
        })
    }

    /// Its value in a text.
    #[must_use]
    pub fn of(&self, cx: &Context, text: &Bytes) -> Value {
        let pieces = Pieces::of(text);
        let params = pieces.params.map(|params| text.slice_ref(params));
        match self {
            Self::Beyond => Value::Str(text.clone()),
            Self::Name => Value::Str(text.slice_ref(pieces.name)),
            Self::Uri(part) => pieces
                .uri
                .map_or(Value::Null, |uri| part.of(cx, &text.slice_ref(uri))),
            Self::Params => params.map_or(Value::Null, Value::Str),
            Self::Param(name) => params.map_or(Value::Null, |params| param(&params, name)),
        }
    }
}

/// Where name, URI and parameters stand. Kamailio looks no closer either: what comes before the
/// bracket is the name.
struct Pieces<'t> {
    name: &'t [u8],
    /// None within a bracket that is not closed.
    uri: Option<&'t [u8]>,
    params: Option<&'t [u8]>,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t [u8]) -> Self {
        let params = |rest: &'t [u8]| unquoted(rest, b';').map(|at| &rest[at + 1..]);
        let Some(open) = unquoted(text, b'<') else {
            let end = memchr::memchr(b';', text).unwrap_or(text.len());
            return Self {
                name: &text[..0],
                uri: Some(&text[..end]),
                params: params(text),
            };
        };
        let rest = &text[open + 1..];
        let close = memchr::memchr(b'>', rest);
        Self {
            name: text[..open].trim_ascii(),
            uri: close.map(|close| &rest[..close]),
            params: close.and_then(|close| params(&rest[close + 1..])),
        }
    }
}

/// The first place of a byte outside of quotes.
fn unquoted(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.iter().position(|b| {
        quoted ^= *b == b'"';
        *b == wanted && !quoted
    })
}

/// The value of `name=value` in a list with semicolons, up to its first comma; of several with the
/// name the last. A value in quotes is shown without them. Null when there is none with a value,
/// or when the text is no such list.
#[must_use]
pub fn param(text: &Bytes, name: &str) -> Value {
    let list = &text[..unquoted(text, b',').unwrap_or(text.len())];
    let mut found = None;
    let mut rest = list;
    loop {
        let end = unquoted(rest, b';').unwrap_or(rest.len());
        let Some((own, value)) = name_and_value(&rest[..end]) else {
            return Value::Null;
        };
        if own.eq_ignore_ascii_case(name.as_bytes()) {
            found = Some(value);
        }
        match rest.get(end + 1..) {
            // A semicolon at the end promises one more.
            Some([]) => return Value::Null,
            Some(after) => rest = after,
            None => break,
        }
    }
    let value = found.flatten();
    value.map_or(Value::Null, |value| Value::Str(text.slice_ref(value)))
}

/// `None` when it is no parameter.
fn name_and_value(piece: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let has_gap = |bytes: &[u8]| {
        let mut quoted = false;
        bytes.iter().any(|b| {
            quoted ^= *b == b'"';
            b.is_ascii_whitespace() && !quoted
        })
    };
    let equals = memchr::memchr(b'=', piece).unwrap_or(piece.len());
    let name = piece[..equals].trim_ascii();
    if has_gap(name) {
        return None;
    }
    let Some(value) = piece.get(equals + 1..) else {
        return Some((name, None));
    };
    let value = value.trim_ascii();
    match value.strip_prefix(b"\"") {
        Some(open) => {
            let inner = open.strip_suffix(b"\"")?;
            (!inner.contains(&b'"')).then_some((name, Some(inner)))
        }
        None => (!has_gap(value)).then_some((name, Some(value))),
    }
}

/// Splits outside of quotes: Kamailio does so within angle brackets as well. White space around
/// pieces is not part of them.
#[must_use]
pub fn split(text: &Bytes, separator: u8) -> Vec<Bytes> {
    let mut found = Vec::new();
    let (mut quoted, mut start) = (false, 0);
    for at in 0..=text.len() {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b) if *b != separator || quoted => {}
            _ => {
                found.push(text.slice_ref(text[start..at].trim_ascii()));
                start = at + 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn parameters_of_a_list() {
        for (list, expected) in [
            ("a;p=1", Some("1")),
            ("p=1", Some("1")),
            ("a;P = 7 ", Some("7")),
            ("a;p=1;p=2", Some("2")),
            ("a;p;p=2", Some("2")),
            ("a;p=2;p", None),
            ("a;;p=1", Some("1")),
            ("a;p=1;", None),
            ("a;p=", Some("")),
            ("a;p", None),
            ("a;p=\"x;y\";z", Some("x;y")),
            ("a;p=\"x", None),
            ("a;p=\"x\"y", None),
            ("a;p=x y", None),
            ("a;p=1;x y", None),
            ("na me;p=1", None),
            ("\"q\";p=1", Some("1")),
            ("\"a b\" <sip:x>;p=1", None),
            ("a;p=1,z=2", Some("1")),
            ("a;p==2", Some("=2")),
            ("<sip:x;y>;p=1", Some("1")),
            ("", None),
        ] {
            let expected = expected.map_or(Value::Null, |text| Value::Str(Bytes::from(text)));
            assert_eq!(param(&Bytes::from(list), "p"), expected, "{list}");
        }
    }

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn pieces_of_an_address() {
        let shown = |text: &str| {
            let pieces = Pieces::of(text.as_bytes());
            let text =
                |t: Option<&[u8]>| t.map_or("-".to_owned(), |t| t.escape_ascii().to_string());
            let all = [Some(pieces.name), pieces.uri, pieces.params];
            all.map(text).join("|")
        };
        assert_eq!(shown("\"N\" <sip:x;y>;a=1"), "\\\"N\\\"|sip:x;y|a=1");
        assert_eq!(shown("<sip:x>"), "|sip:x|-");
        assert_eq!(shown("n <sip:x"), "n|-|-");
        assert_eq!(shown("sip:x ;a=1"), "|sip:x |a=1");
        assert_eq!(shown("only"), "|only|-");
        assert_eq!(shown("a;p=<1;2>;z"), "a;p=|1;2|z");
    }
}
