//! Character classes as tables, and white-space trimming.

const TOKEN: u8 = 1;
const HOST: u8 = 2;
const SPACE: u8 = 4;
const PARAM_END: u8 = 8;
const EQUALS: u8 = 16;

static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let mut class = 0;
        if c.is_ascii_alphanumeric() {
            class |= TOKEN | HOST;
        }
        if matches!(
            c,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
        ) {
            class |= TOKEN;
        }
        if matches!(c, b'-' | b'.' | b'_') {
            class |= HOST;
        }
        if matches!(c, b' ' | b'\t' | b'\r' | b'\n') {
            class |= SPACE | PARAM_END;
        }
        if matches!(c, b';' | b',') {
            class |= PARAM_END;
        }
        if c == b'=' {
            class |= EQUALS;
        }
        table[i] = class;
        i += 1;
    }
    table
};

/// Whether `c` may stand in an RFC 3261 `token`.
pub const fn is_token(c: u8) -> bool {
    CLASS[c as usize] & TOKEN != 0
}

/// Whether `c` may stand in a host name or IPv4 address (with the underscore seen in practice).
pub const fn is_host(c: u8) -> bool {
    CLASS[c as usize] & HOST != 0
}

/// Whether `c` is white space in a header value: SP, HT, and the CR LF of a folded line.
pub const fn is_space(c: u8) -> bool {
    CLASS[c as usize] & SPACE != 0
}

/// Whether `c` ends a parameter's name or unquoted value: white space, semicolon, comma.
pub(crate) const fn ends_param(c: u8) -> bool {
    CLASS[c as usize] & PARAM_END != 0
}

/// As [`ends_param`], or an equals sign: ends a parameter's name.
pub(crate) const fn ends_param_name(c: u8) -> bool {
    CLASS[c as usize] & (PARAM_END | EQUALS) != 0
}

/// `text` without leading white space.
pub fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        if !is_space(*first) {
            break;
        }
        text = rest;
    }
    text
}

/// `text` without white space at its end.
pub fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., last] = text {
        if !is_space(*last) {
            break;
        }
        text = rest;
    }
    text
}

/// `text` without white space on either side.
pub fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// Where the first colon stands. Names of headers are short: eight bytes at a time beat both a
/// byte loop and the set-up of `memchr`.
pub(crate) fn find_colon(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ (ONES * b':' as u64);
        // The high bit of the lowest zero byte is set; bits above it may be set wrongly.
        let zero = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if zero != 0 {
            return Some(index * 8 + (zero.trailing_zeros() / 8) as usize);
        }
    }
    let colon = rest.iter().position(|c| *c == b':')?;
    Some(words.len() * 8 + colon)
}

/// The first position at or after `pos` and before `end` that is not white space.
pub(crate) fn skip_space(buf: &[u8], mut pos: usize, end: usize) -> usize {
    while pos < end && buf.get(pos).is_some_and(|c| is_space(*c)) {
        pos += 1;
    }
    pos
}

/// An unsigned decimal number that fills `text` and fits `u32`.
pub fn decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    let mut number = 0u32;
    for c in text {
        let digit = c.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u32::from(digit))?;
    }
    Some(number)
}

/// A port number: 1 to 5 digits, at most 65535.
pub(crate) fn port(text: &[u8]) -> Option<u16> {
    if text.len() > 5 {
        return None;
    }
    u16::try_from(decimal(text)?).ok()
}

/// Position behind the closing quote of the quoted string that opens at `open`, if it closes before `end`.
pub(crate) fn quoted_end(buf: &[u8], open: usize, end: usize) -> Option<usize> {
    let mut pos = open + 1;
    while pos < end {
        match buf.get(pos)? {
            b'"' => return Some(pos + 1),
            b'\\' => pos += 2,
            _ => pos += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_are_found_at_every_place() {
        for len in 0..40 {
            for at in 0..len {
                let mut text = vec![b';'; len];
                text[at..].fill(b':');
                assert_eq!(find_colon(&text), Some(at));
            }
            assert_eq!(find_colon(&vec![0xba; len]), None);
        }
    }

    #[test]
    fn decimals() {
        assert_eq!(decimal(b"4294967295"), Some(u32::MAX));
        for bad in [&b""[..], b"4294967296", b"1a", b"-1", b" 1"] {
            assert_eq!(decimal(bad), None);
        }
        assert_eq!(
            (port(b"65535"), port(b"65536"), port(b"000001")),
            (Some(65535), None, None)
        );
    }
}
