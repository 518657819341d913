//! Character classes as tables, and white-space trimming.

use std::sync::OnceLock;

use crate::scan;

const TOKEN: u8 = 1;
const HOST: u8 = 2;
const SPACE: u8 = 4;
const PARAM_END: u8 = 8;
const PLAIN: u8 = 16;

static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let mut class = 0;
        if c.is_ascii_alphanumeric() {
            class |= TOKEN | HOST | PLAIN;
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
        if matches!(c, b'-' | b'.') {
            class |= PLAIN;
        }
        if matches!(c, b' ' | b'\t' | b'\r' | b'\n') {
            class |= SPACE | PARAM_END;
        }
        if matches!(c, b';' | b',' | b'=') {
            class |= PARAM_END;
        }
        table[i] = class;
        i += 1;
    }
    table
};

/// Some bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// None.
    pub const EMPTY: ByteSet = ByteSet([0; 4]);

    /// Those of a text.
    pub const fn of(text: &[u8]) -> ByteSet {
        let mut set = [0; 4];
        let mut i = 0;
        while i < text.len() {
            set[text[i] as usize / 64] |= 1 << (text[i] % 64);
            i += 1;
        }
        ByteSet(set)
    }

    /// Whether a byte is one of them.
    pub const fn has(self, c: u8) -> bool {
        self.0[c as usize / 64] & (1 << (c % 64)) != 0
    }
}

/// What [`allow_in_hosts`] was told.
static ALSO_IN_HOSTS: OnceLock<ByteSet> = OnceLock::new();

/// Lets these characters stand in host names of URIs, too (`uri_host_extra_chars`), from now on
/// and in the whole process: URIs are read in too many places to tell each. Only the first call
/// counts.
pub fn allow_in_hosts(chars: &[u8]) {
    ALSO_IN_HOSTS.get_or_init(|| ByteSet::of(chars));
}

/// Whether `c` may stand in the host name of a URI because somebody asked for that.
pub(crate) fn is_allowed_in_hosts(c: u8) -> bool {
    ALSO_IN_HOSTS.get().is_some_and(|chars| chars.has(c))
}

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

/// Whether `c` ends a parameter's name: white space, semicolon, comma, equals sign.
pub(crate) const fn ends_param_name(c: u8) -> bool {
    CLASS[c as usize] & PARAM_END != 0
}

/// The first position at or after `pos` that is neither letter nor digit, dot nor hyphen.
pub(crate) fn plain_end(text: &[u8], mut pos: usize) -> usize {
    while text
        .get(pos)
        .is_some_and(|c| CLASS[*c as usize] & PLAIN != 0)
    {
        pos += 1;
    }
    pos
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
    loop {
        pos = scan::find(buf, pos, end, [b'"', b'\\'])?;
        if buf[pos] == b'"' {
            return Some(pos + 1);
        }
        pos += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
