//! Comparing URIs: as RFC 3261 §19.1.4 says, and loosely as a proxy does.

use super::{Scheme, UriParams, UriRef};

/// Parameters that make URIs differ when only one of them has it.
const MUST_MATCH: [&[u8]; 5] = [b"user", b"ttl", b"method", b"maddr", b"transport"];

/// Whether two URIs are equal by RFC 3261 §19.1.4.
pub fn same_rfc3261(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    if a.scheme() != b.scheme() {
        return false;
    }
    if !same_unescaped(a.user(), b.user(), false)
        || !same_unescaped(a.password(), b.password(), false)
        || !a.host().eq_ignore_ascii_case(b.host())
        || a.port() != b.port()
    {
        return false;
    }
    if a.scheme() == Scheme::Tel {
        return same_params(a, b) && same_params(b, a);
    }
    same_params(a, b) && same_params(b, a) && same_headers(a, b) && same_headers(b, a)
}

/// Whether two URIs lead to the same place: scheme, user, host and port (default ports filled
/// in) and transport; other parameters and headers are not looked at.
pub fn same_lax(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    let transport = |u: &UriRef<'_>| u.transport().unwrap_or(b"udp").to_ascii_lowercase();
    a.scheme() == b.scheme()
        && a.user() == b.user()
        && a.host().eq_ignore_ascii_case(b.host())
        && a.port_or_default() == b.port_or_default()
        && transport(a) == transport(b)
}

/// Every parameter of `a` that also stands in `b` has the same value; those in
/// [`MUST_MATCH`] must stand in both.
fn same_params(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    a.params().all(|(name, value)| match b.param(name) {
        Some(other) => same_unescaped(value.unwrap_or_default(), other, true),
        None => !MUST_MATCH.iter().any(|m| m.eq_ignore_ascii_case(name)),
    })
}

/// Every header of `a` stands in `b` with the same value.
fn same_headers(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    let split = |text: &'_ [u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
        text.split(|c| *c == b'&')
            .filter(|h| !h.is_empty())
            .map(|h| {
                let (name, value) = UriParams::new(h).next().unwrap_or((h, None));
                (
                    name.to_ascii_lowercase(),
                    unescape(value.unwrap_or_default()),
                )
            })
            .collect()
    };
    let theirs = split(b.headers_text());
    split(a.headers_text()).iter().all(|h| theirs.contains(h))
}

fn same_unescaped(a: &[u8], b: &[u8], ignore_case: bool) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (unescape(a), unescape(b));
    if ignore_case {
        a.eq_ignore_ascii_case(&b)
    } else {
        a == b
    }
}

/// `text` with each `%hh` replaced by the byte it stands for.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let escaped = match tail {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            out.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn hex(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|d| d as u8)
}
