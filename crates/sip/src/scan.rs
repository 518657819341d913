//! Finding bytes, sixteen at a time.

use std::num::NonZeroU16;
use std::slice;

use wide::u8x16;

use crate::chars::{ends_param_name, is_host};

/// Bit `n` of what the methods give stands for byte `n` of the block.
#[derive(Clone, Copy)]
struct Block(u8x16);

impl Block {
    #[inline]
    fn new(bytes: &[u8; 16]) -> Block {
        Block(u8x16::new(*bytes))
    }

    #[inline]
    fn is_any<const N: usize>(self, wanted: [u8; N]) -> u8x16 {
        let is = wanted.map(|c| self.0.simd_eq(u8x16::splat(c)));
        is.into_iter().fold(u8x16::ZERO, |all, one| all | one)
    }

    /// Bytes from `first` to `last`.
    #[inline]
    fn is_between(self, first: u8, last: u8) -> u8x16 {
        let above = self.0 - u8x16::splat(first);
        above.simd_eq(above.min(u8x16::splat(last - first)))
    }

    /// White space and control characters.
    #[inline]
    fn is_low(self) -> u8x16 {
        self.is_between(0, b' ')
    }

    /// What [`is_host`] says.
    #[inline]
    fn is_host(self) -> u8x16 {
        let folded = Block(self.0 | u8x16::splat(b' '));
        folded.is_between(b'a', b'z')
            | self.is_between(b'0', b'9')
            | self.is_any([b'-', b'.', b'_'])
    }
}

/// The whole blocks of `text` from `from` on; they may reach beyond where a search ends.
#[inline]
fn blocks(text: &[u8], from: usize) -> &[[u8; 16]] {
    text.get(from..).unwrap_or_default().as_chunks().0
}

/// Where `wanted` stands among sixteen bytes.
#[inline]
pub(crate) fn in_block(bytes: &[u8; 16], wanted: u8) -> Option<usize> {
    let found = Block::new(bytes).is_any([wanted]).to_bitmask();
    NonZeroU16::new(found as u16).map(|found| found.trailing_zeros() as usize)
}

/// Where the first of the `wanted` bytes stands in `text[from..end]`. What is looked for in
/// messages is near: the set-up of `memchr` costs more than it saves.
#[inline]
pub(crate) fn find<const N: usize>(
    text: &[u8],
    mut from: usize,
    end: usize,
    wanted: [u8; N],
) -> Option<usize> {
    for block in blocks(text, from) {
        if from >= end {
            return None;
        }
        let found = Block::new(block).is_any(wanted).to_bitmask();
        if found != 0 {
            let at = from + found.trailing_zeros() as usize;
            return (at < end).then_some(at);
        }
        from += 16;
    }
    let rest = text.get(from..end)?;
    let at = rest.iter().position(|c| wanted.contains(c))?;
    Some(from + at)
}

/// Where, from `from` up to `end`, the first byte stands that ends a parameter's name: white space,
/// a semicolon, a comma, an equals sign; `end` if there is none.
#[inline]
pub(crate) fn param_end(text: &[u8], mut from: usize, end: usize) -> usize {
    for block in blocks(text, from) {
        if from >= end {
            return end;
        }
        let block = Block::new(block);
        let ends = block.is_low() | block.is_any([b';', b',', b'=']);
        let mut found = ends.to_bitmask();
        while found != 0 {
            let at = from + found.trailing_zeros() as usize;
            if at >= end {
                return end;
            }
            // A control character does not end it.
            if ends_param_name(text[at]) {
                return at;
            }
            found &= found - 1;
        }
        from += 16;
    }
    while from < end && text.get(from).is_some_and(|c| !ends_param_name(*c)) {
        from += 1;
    }
    from.min(end)
}

/// Where, from `from` up to `end`, the first byte stands that is none of a host name or IPv4
/// address; `end` if there is none.
#[inline]
pub(crate) fn host_end(text: &[u8], mut from: usize, end: usize) -> usize {
    for block in blocks(text, from) {
        if from >= end {
            return end;
        }
        let beyond = !Block::new(block).is_host().to_bitmask() & 0xffff;
        if beyond != 0 {
            return end.min(from + beyond.trailing_zeros() as usize);
        }
        from += 16;
    }
    while from < end && text.get(from).is_some_and(|c| is_host(*c)) {
        from += 1;
    }
    from.min(end)
}

/// Where the first `wanted` byte, white space or control character stands in `text[from..end]`.
#[inline]
pub(crate) fn find_or_low(text: &[u8], mut from: usize, end: usize, wanted: u8) -> Option<usize> {
    for block in blocks(text, from) {
        if from >= end {
            return None;
        }
        let block = Block::new(block);
        let found = (block.is_low() | block.is_any([wanted])).to_bitmask();
        if found != 0 {
            let at = from + found.trailing_zeros() as usize;
            return (at < end).then_some(at);
        }
        from += 16;
    }
    let rest = text.get(from..end)?;
    let at = rest.iter().position(|c| *c == wanted || *c <= b' ')?;
    Some(from + at)
}

/// Where the line feeds of a text stand, from the first to the last.
pub(crate) struct LineFeeds<'t> {
    /// What was not looked at yet, and the shorter rest behind it.
    blocks: slice::Iter<'t, [u8; AT_ONCE]>,
    rest: &'t [u8],
    /// Offset behind the [`AT_ONCE`] bytes in work.
    behind: usize,
    /// Those of them that are line feeds and were not given yet.
    left: u64,
}

/// How many bytes [`LineFeeds`] looks at at a time.
const AT_ONCE: usize = 64;

impl<'t> LineFeeds<'t> {
    /// Those behind `from`.
    pub(crate) fn new(text: &'t [u8], from: usize) -> LineFeeds<'t> {
        let (blocks, rest) = text.get(from..).unwrap_or_default().as_chunks();
        LineFeeds {
            blocks: blocks.iter(),
            rest,
            behind: from,
            left: 0,
        }
    }

    /// Those in the rest, once; it is looked at as if it were longer.
    #[cold]
    fn last(&mut self) -> Option<u64> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            return None;
        }
        let mut bytes = [0; AT_ONCE];
        bytes[..rest.len()].copy_from_slice(rest);
        Some(line_feeds(&bytes))
    }
}

impl Iterator for LineFeeds<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.left = match self.blocks.next() {
                Some(bytes) => line_feeds(bytes),
                None => self.last()?,
            };
            self.behind += AT_ONCE;
        }
        let at = self.behind - AT_ONCE + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }
}

#[inline]
fn line_feeds(bytes: &[u8; AT_ONCE]) -> u64 {
    let (blocks, _) = bytes.as_chunks::<16>();
    let mut found = 0;
    for (number, block) in blocks.iter().enumerate() {
        let mask = Block::new(block).is_any([b'\n']).to_bitmask();
        found |= u64::from(mask) << (16 * number);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_at_every_place() {
        for len in 0..40 {
            for at in 0..len {
                let mut text = vec![b';'; len];
                text[at..].fill(b':');
                assert_eq!(find(&text, 0, len, [b':']), Some(at));
                assert_eq!(find(&text, 0, at, [b':']), None);
                assert_eq!(find(&text, at, len, [b':']), Some(at));
            }
            assert_eq!(find(&vec![0xba; len], 0, len, [b':']), None);
        }
    }

    #[test]
    fn names_of_parameters_end_at_every_place() {
        for len in 0..40 {
            for at in 0..len {
                for ends in *b" \t\r\n;,=" {
                    let mut text = vec![0x1f; len];
                    text[at] = ends;
                    assert_eq!(param_end(&text, 0, len), at);
                    assert_eq!(param_end(&text, 0, at), at);
                    assert_eq!(param_end(&text, at + 1, len), len);
                }
            }
        }
    }

    #[test]
    fn hosts_end_where_the_table_says() {
        for c in 0..=255 {
            let mut text = vec![b'a'; 40];
            text[20] = c;
            assert_eq!(host_end(&text, 1, 39), if is_host(c) { 39 } else { 20 });
            assert_eq!(host_end(&text, 18, 22), if is_host(c) { 22 } else { 20 });
        }
    }

    #[test]
    fn all_line_feeds_are_given_in_order() {
        for len in 0..200 {
            let text: Vec<u8> = (0..len)
                .map(|n| {
                    if n * n % 7 == 2 {
                        b'\n'
                    } else {
                        n as u8 | 0x80
                    }
                })
                .collect();
            for from in [0, len / 3, len] {
                let naive: Vec<usize> = (from..len).filter(|n| text[*n] == b'\n').collect();
                let mut feeds = LineFeeds::new(&text, from);
                assert_eq!(feeds.by_ref().collect::<Vec<_>>(), naive);
                assert_eq!(feeds.next(), None);
            }
        }
    }

    #[test]
    fn low_characters_are_found_too() {
        for c in 0..=255 {
            let mut text = vec![b'a'; 40];
            text[37] = c;
            let found = find_or_low(&text, 3, 40, b'>');
            assert_eq!(found, (c <= b' ' || c == b'>').then_some(37));
            assert_eq!(find_or_low(&text, 30, 37, b'>'), None);
        }
    }
}
