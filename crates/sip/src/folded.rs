//! `FoldedName`: a short name without regard to case, as words that compare at once.

/// The letters of a name, folded; of a longer name than [`FoldedName::LONGEST`] only the first.
///
/// Names of one length up to that are equal but for case exactly if their folded names are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FoldedName([u64; 2]);

/// What keeps the first bytes of sixteen, by their number.
static FIRST: [[u64; 2]; FoldedName::LONGEST + 1] = {
    let mut masks = [[0; 2]; FoldedName::LONGEST + 1];
    let mut len = 1;
    while len <= FoldedName::LONGEST {
        masks[len] = masks[len - 1];
        masks[len][(len - 1) / 8] |= 0xff << (8 * ((len - 1) % 8));
        len += 1;
    }
    masks
};

impl FoldedName {
    /// The longest name that is taken whole.
    pub(crate) const LONGEST: usize = 16;

    pub(crate) const fn of(name: &[u8]) -> FoldedName {
        let mut words = [0; 2];
        let mut at = 0;
        while at < name.len() && at < FoldedName::LONGEST {
            words[at / 8] |= (name[at] as u64) << (8 * (at % 8));
            at += 1;
        }
        FoldedName([fold(words[0]), fold(words[1])])
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
        let words = u128::from_le_bytes(*bytes);
        let [low, high] = FIRST[len.min(FoldedName::LONGEST)];
        FoldedName([fold(words as u64 & low), fold((words >> 64) as u64 & high)])
    }

    /// A hash; the high bits are the good ones.
    #[inline]
    pub(crate) const fn hash(&self, len: usize) -> u64 {
        let [first, second] = self.0;
        let mixed = first ^ second.rotate_left(23) ^ len as u64;
        mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Sets the case bit of every byte that has bit 0x40, that is of every letter; a hyphen or
/// digit stays, and no byte that is not a letter becomes one.
const fn fold(word: u64) -> u64 {
    word | (word & 0x4040_4040_4040_4040) >> 1
}

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
