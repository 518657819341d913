//! Numbers, strings and addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

/// The value of a number as Kamailio takes it: `10`, `0x1f`, `017`, `101b`; none when the digits
/// do not fit the notation. Numbers are 32 bits wide and wrap around;
/// what does not fit 64 bits is -1.
pub(crate) fn integer(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => match text.strip_suffix('b') {
            Some(digits) => (digits, 2),
            None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
            None => (text, 10),
        },
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = Some(0_u64);
    for digit in digits.chars() {
        let digit = u64::from(digit.to_digit(radix)?);
        value = value
            .and_then(|value| value.checked_mul(u64::from(radix)))
            .and_then(|value| value.checked_add(digit));
    }
    Some(value.unwrap_or(u64::MAX) as i32)
}

/// Whether a decimal number is wider than the 32 bits that are kept of it.
pub(crate) fn is_too_wide(text: &[u8]) -> bool {
    let digits = std::str::from_utf8(text).unwrap_or_default();
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_decimal
        && digits
            .trim_start_matches('0')
            .parse::<u64>()
            .is_ok_and(|v| v > u64::from(u32::MAX))
        || digits.len() > 20
}

/// The bytes that a string literal stands for; `quoted` includes its quotes. Only `"…"` has
/// escapes.
pub(crate) fn unquote(quoted: &[u8]) -> Bytes {
    let inner = quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default();
    if quoted.first() == Some(&b'\'') || !inner.contains(&b'\\') {
        return Bytes::copy_from_slice(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((byte, tail)) = rest.split_first() {
        if *byte != b'\\' {
            out.push(*byte);
            rest = tail;
            continue;
        }
        rest = escape(tail, &mut out);
    }
    Bytes::from(out)
}

/// Resolves the escape whose backslash has been read; unknown ones stay as they are.
fn escape<'a>(tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((letter, after)) = tail.split_first() else {
        out.push(b'\\');
        return tail;
    };
    let simple = match letter {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'a' => Some(7),
        b'"' => Some(b'"'),
        b'\\' => Some(b'\\'),
        _ => None,
    };
    if let Some(byte) = simple {
        out.push(byte);
        return after;
    }
    match letter {
        b'\n' => return after,
        b'\r' if after.first() == Some(&b'\n') => return &after[1..],
        b'x' => {
            let count = after
                .iter()
                .take(2)
                .take_while(|byte| byte.is_ascii_hexdigit())
                .count();
            if count > 0 {
                out.push(number(&after[..count], 16));
                return &after[count..];
            }
        }
        b'0'..=b'7' => {
            let count = tail
                .iter()
                .take(3)
                .take_while(|byte| (b'0'..=b'7').contains(*byte))
                .count();
            if count > 1 {
                out.push(number(&tail[..count], 8));
                return &tail[count..];
            }
        }
        _ => {}
    }
    out.push(b'\\');
    tail
}

fn number(digits: &[u8], radix: u32) -> u8 {
    digits.iter().fold(0_u32, |value, digit| {
        value * radix + char::from(*digit).to_digit(radix).unwrap_or(0)
    }) as u8
}

/// Writes bytes as a `"…"` literal that [`unquote`] turns into the same bytes.
pub(crate) fn quote(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

/// The length of the address that `text` starts with, 0 when there is none.
pub(crate) fn address_length(text: &[u8]) -> usize {
    let run = text
        .iter()
        .take(46)
        .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        .count();
    if !text[..run].iter().any(|byte| matches!(byte, b':' | b'.')) {
        return 0;
    }
    // A port or a label's colon may follow, so the longest prefix that is an address wins.
    let ends_word = |length: usize| {
        !text
            .get(length)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    (2..=run)
        .rev()
        .filter(|length| ends_word(*length))
        .find(|length| {
            let Ok(candidate) = std::str::from_utf8(&text[..*length]) else {
                return false;
            };
            candidate.parse::<Ipv4Addr>().is_ok() || candidate.parse::<Ipv6Addr>().is_ok()
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_as_kamailio_reads_them() {
        let cases: [(&str, Option<i32>); 10] = [
            ("10", Some(10)),
            ("0", Some(0)),
            ("0x1f", Some(31)),
            ("010", Some(8)),
            ("101b", Some(5)),
            ("08", None),
            ("0X1F", None),
            ("2b", None),
            ("2147483648", Some(-2_147_483_648)),
            ("0xffffffff", Some(-1)),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn escapes_as_kamailio_resolves_them() {
        assert_eq!(
            &unquote(br#""a\tb\x41\101\q\"\\ \$ \'""#)[..],
            b"a\tbAA\\q\"\\ \\$ \\'"
        );
        assert_eq!(&unquote(br"'a\tb\x41'")[..], br"a\tb\x41");
        assert_eq!(&unquote(b"\"a\\\nb\"")[..], b"ab");
    }

    #[test]
    fn addresses_end_where_they_end() {
        for (text, length) in [
            ("127.0.0.1:5060", 9),
            ("10.0.0.0/8", 8),
            ("2001:db8::/32", 10),
            ("::1]", 3),
            ("10:", 0),
            ("1.2.3", 0),
            ("abc", 0),
            ("a::b1", 5),
        ] {
            assert_eq!(address_length(text.as_bytes()), length, "{text}");
        }
    }
}
