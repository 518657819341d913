//! The hash whose values Kamailio shows: slots of tables in dumps, `HashID`s. Not for tables whose
//! keys an attacker chooses; those use keyed hashes.

/// Kamailio's string hash: four bytes at a time, each word folded by three bits.
#[must_use]
pub fn core_hash(text: &[u8]) -> u32 {
    core_hash_of(&[text])
}

/// The hash of several texts, each of which begins a word of its own.
#[must_use]
pub fn core_hash_of(texts: &[&[u8]]) -> u32 {
    let mut hash = 0u32;
    for text in texts {
        let mut words = text.chunks_exact(4);
        for word in &mut words {
            hash = hash.wrapping_add(fold(word));
        }
        hash = hash.wrapping_add(fold(words.remainder()));
    }
    hash.wrapping_add(hash >> 11)
        .wrapping_add((hash >> 13).wrapping_add(hash >> 23))
}

fn fold(bytes: &[u8]) -> u32 {
    let word = bytes.iter().fold(0u32, |w, b| w << 8 | u32::from(*b));
    word ^ (word >> 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that Kamailio printed.
    #[test]
    fn hashes_as_kamailio_shows_them() {
        for (text, hash) in [
            ("", 0),
            ("q", 127),
            ("qq", 32_625),
            ("n1", 25_606),
            ("init", 1_683_181_491),
            (" sp ", 612_553_207),
            ("bob::k", 1_848_902_126),
        ] {
            assert_eq!(core_hash(text.as_bytes()), hash, "{text}");
        }
        assert_eq!(core_hash_of(&[b"abc", b"def"]) & 0xffff, 22_897);
    }
}
