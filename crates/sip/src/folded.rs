//! `FoldedName`: a short name without regard to case, as words that compare at once.

/// The letters of a name, folded; of a longer name than [`FoldedName::LONGEST`] only some.
///
/// Names of one length up to that are equal but for case exactly if their folded names are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FoldedName([u64; 3]);

impl FoldedName {
    /// The longest name that is taken whole.
    pub(crate) const LONGEST: usize = 24;

    pub(crate) const fn of(name: &[u8]) -> FoldedName {
        match name.len() {
            0 => FoldedName([0, 0, 0]),
            1 => FoldedName([fold(name[0] as u64), 0, 0]),
            len @ 2..4 => {
                let ends = (name[0] as u64) | (name[len - 1] as u64) << 8;
                FoldedName([fold(ends | (name[1] as u64) << 16), 0, 0])
            }
            len @ 4..8 => FoldedName([
                fold(word4(name, 0) as u64 | (word4(name, len - 4) as u64) << 32),
                0,
                0,
            ]),
            len @ 8..=16 => FoldedName([fold(word8(name, 0)), fold(word8(name, len - 8)), 0]),
            len => {
                let middle = fold(word8(name, 8));
                FoldedName([fold(word8(name, 0)), fold(word8(name, len - 8)), middle])
            }
        }
    }

    /// A hash; the high bits are the good ones.
    pub(crate) const fn hash(&self, len: usize) -> u64 {
        let [first, last, middle] = self.0;
        let mixed = first ^ last.rotate_left(23) ^ middle.rotate_left(41) ^ len as u64;
        mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Four bytes of `name` from `at`.
const fn word4(name: &[u8], at: usize) -> u32 {
    match name.split_at(at).1.first_chunk() {
        Some(chunk) => u32::from_le_bytes(*chunk),
        None => 0,
    }
}

/// Eight bytes of `name` from `at`.
const fn word8(name: &[u8], at: usize) -> u64 {
    match name.split_at(at).1.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => 0,
    }
}

/// Sets the case bit of every byte that has bit 0x40, that is of every letter; a hyphen or
/// digit stays, and no byte that is not a letter becomes one.
const fn fold(word: u64) -> u64 {
    word | (word & 0x4040_4040_4040_4040) >> 1
}
