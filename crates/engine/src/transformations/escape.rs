//! `{s.escape.…}`, `{s.unescape.…}` and URL encoding.

use super::on_text;
use crate::transformation::Transformation;

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "s",
        "escape.common",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(escape_common(&t))),
        "With a backslash before quotes, backslashes and zeros.",
    ),
    Transformation::new(
        "s",
        "unescape.common",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(unescape_common(&t))),
        "Without those backslashes.",
    ),
    Transformation::new(
        "s",
        "escape.user",
        (0, 0),
        |_, v, _| on_text(&v, |t| printable(&t).then(|| percent(&t, is_user))),
        "Escaped for the user part of a SIP URI.",
    ),
    Transformation::new(
        "s",
        "unescape.user",
        (0, 0),
        |_, v, _| on_text(&v, |t| unpercent(&t)),
        "Without those escapes.",
    ),
    Transformation::new(
        "s",
        "escape.param",
        (0, 0),
        |_, v, _| on_text(&v, |t| printable(&t).then(|| percent(&t, is_param))),
        "Escaped for a parameter of a SIP URI.",
    ),
    Transformation::new(
        "s",
        "unescape.param",
        (0, 0),
        |_, v, _| on_text(&v, |t| unpercent(&t)),
        "Without those escapes.",
    ),
    Transformation::new(
        "s",
        "escape.csv",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(escape_csv(&t))),
        "As a field of a CSV line.",
    ),
    Transformation::new(
        "s",
        "urlencode.param",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(percent(&t, is_url))),
        "Escaped for a URL parameter.",
    ),
    Transformation::new(
        "s",
        "urldecode.param",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(from_url(&t))),
        "From a URL parameter.",
    ),
];

fn escape_common(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for byte in text {
        match byte {
            b'\'' | b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0 => out.extend_from_slice(b"\\0"),
            _ => out.push(*byte),
        }
    }
    out
}

fn unescape_common(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'0') => out.push(0),
            Some(escaped @ (b'\'' | b'"' | b'\\')) => out.push(*escaped),
            Some(other) => out.extend_from_slice(&[b'\\', *other]),
            None => out.push(b'\\'),
        }
    }
    out
}

fn escape_csv(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
    out
}

fn is_mark(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

/// RFC 3261's user part, except that Kamailio escapes the slash.
fn is_user(byte: u8) -> bool {
    is_mark(byte) || b"&=+$,;?".contains(&byte)
}

fn is_param(byte: u8) -> bool {
    is_mark(byte) || b"[]/:&+$".contains(&byte)
}

fn is_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

fn percent(text: &[u8], is_plain: fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for byte in text {
        if is_plain(*byte) {
            out.push(*byte);
        } else {
            out.push(b'%');
            out.extend_from_slice(&super::encode::hex(&[*byte]));
        }
    }
    out
}

/// What can stand in a SIP URI, escaped or not.
fn printable(text: &[u8]) -> bool {
    text.iter().all(|b| (b' '..=b'~').contains(b))
}

/// An escape that is broken, or stands for what cannot be printed, makes all of it null.
fn unpercent(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            let high = char::from(digits[0]).to_digit(16)?;
            let low = char::from(digits[1]).to_digit(16)?;
            let escaped = u8::try_from(high * 16 + low).ok()?;
            if !printable(&[escaped]) {
                return None;
            }
            out.push(escaped);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    Some(out)
}

/// Anything counts as a hexadecimal digit, by its distance from `a`; an escape that the text's end
/// cuts off is its digit alone.
fn from_url(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        other => other
            .to_ascii_lowercase()
            .wrapping_sub(b'a')
            .wrapping_add(10),
    };
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [b'%', high, low, rest @ ..] => {
                out.push((digit(*high) << 4) | digit(*low));
                rest
            }
            [b'%', rest @ ..] => rest,
            [b'+', rest @ ..] => {
                out.push(b' ');
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
            [] => return out,
        };
    }
}
