//! `FoldedName`: a short name without regard to case, as bytes that compare at once.

use wide::u8x16;

/// The letters of a name, folded; of a longer name than [`FoldedName::LONGEST`] only the first.
///
/// Names of one length up to that are equal but for case exactly if their folded names are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FoldedName([u8; FoldedName::LONGEST]);

/// What keeps the first bytes of sixteen, by their number.
static FIRST: [[u8; FoldedName::LONGEST]; FoldedName::LONGEST + 1] = {
    let mut masks = [[0; FoldedName::LONGEST]; FoldedName::LONGEST + 1];
    let mut len = 1;
    while len <= FoldedName::LONGEST {
        masks[len] = masks[len - 1];
        masks[len][len - 1] = 0xff;
        len += 1;
    }
    masks
};

impl FoldedName {
    /// The longest name that is taken whole.
    pub(crate) const LONGEST: usize = 16;

    pub(crate) const fn of(name: &[u8]) -> FoldedName {
        let mut bytes = [0; FoldedName::LONGEST];
        let mut at = 0;
        while at < name.len() && at < FoldedName::LONGEST {
            bytes[at] = name[at] | (name[at] & LETTER) >> 1;
            at += 1;
        }
        FoldedName(bytes)
    }

    /// Of the first `len` bytes of `text`: quick if text follows the name, as it does in messages.
    #[inline]
    pub(crate) fn prefix(text: &[u8], len: usize) -> FoldedName {
        match text.first_chunk() {
            Some(bytes) if len <= FoldedName::LONGEST => FoldedName::of_block(bytes, len),
            _ => FoldedName::of(text.get(..len).unwrap_or(text)),
        }
    }

    /// Of the first `len` bytes of sixteen; more there are not.
    #[inline]
    pub(crate) fn of_block(bytes: &[u8; FoldedName::LONGEST], len: usize) -> FoldedName {
        let name = u8x16::new(*bytes) & u8x16::new(FIRST[len.min(FoldedName::LONGEST)]);
        let letter = u8x16::splat(LETTER);
        let case = (name & letter).simd_eq(letter) & u8x16::splat(LETTER >> 1);
        FoldedName((name | case).to_array())
    }

    /// A hash of the length and of the first half, by which nearly all names that matter differ; the
    /// high bits are the good ones.
    #[inline]
    pub(crate) const fn hash(&self, len: usize) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        let mixed = u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ len as u64;
        mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// The bit that every letter has. Folding sets half of it, the case bit, in every byte that has it;
/// a hyphen or digit stays, and no byte that is not a letter becomes one.
const LETTER: u8 = 0x40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_name() {
        let text = b"Proxy-Authorization: x-and-so-on-and-on";
        for end in 0..text.len() {
            for len in 0..=end {
                let folded = FoldedName::prefix(&text[..end], len);
                assert_eq!(folded, FoldedName::of(&text[..len]));
                assert_eq!(folded, FoldedName::of(&text[..len].to_ascii_uppercase()));
            }
        }
    }
}
