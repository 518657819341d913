//! The hash that Kamailio shows of an address of record (`HashID`, `$ulc(x=>aorhash)`), and its
//! spelling in temporary GRUUs.

/// Kamailio's string hash: four bytes at a time, each word folded by three bits.
#[must_use]
pub fn aor_hash(aor: &[u8]) -> u32 {
    let mut hash = 0u32;
    let mut words = aor.chunks_exact(4);
    for word in &mut words {
        hash = hash.wrapping_add(fold(word));
    }
    hash = hash.wrapping_add(fold(words.remainder()));
    hash.wrapping_add(hash >> 11)
        .wrapping_add((hash >> 13).wrapping_add(hash >> 23))
}

fn fold(bytes: &[u8]) -> u32 {
    let word = bytes.iter().fold(0u32, |w, b| w << 8 | u32::from(*b));
    word ^ (word >> 3)
}

/// A number in hexadecimal, least significant digit first, as it stands in unique ids.
#[must_use]
pub fn reversed_hex(number: u64) -> String {
    let mut text = String::with_capacity(16);
    let mut rest = number;
    loop {
        text.push(char::from_digit((rest & 15) as u32, 16).unwrap_or('0'));
        rest >>= 4;
        if rest == 0 {
            return text;
        }
    }
}

/// Reads what [`reversed_hex`] writes.
#[must_use]
pub fn from_reversed_hex(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    text.iter().rev().try_fold(0u64, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs seen in Kamailio's `ul.dump`.
    #[test]
    fn hashes_as_kamailio_shows_them() {
        for (aor, hash) in [
            ("", 0),
            ("z", 117),
            ("y", 118),
            ("bob", 7_222_211),
            ("123", 3_611_919),
            ("ala", 7_164_671),
        ] {
            assert_eq!(aor_hash(aor.as_bytes()), hash, "{aor}");
        }
    }

    #[test]
    fn digits_run_backwards() {
        assert_eq!(reversed_hex(7_222_211), "3c33e6");
        assert_eq!(reversed_hex(0), "0");
        assert_eq!(reversed_hex(16), "01");
        for number in [0, 1, 16, 0xabc, u64::MAX] {
            assert_eq!(
                from_reversed_hex(reversed_hex(number).as_bytes()),
                Some(number)
            );
        }
        assert_eq!(from_reversed_hex(b""), None);
        assert_eq!(from_reversed_hex(b"xyz"), None);
        assert_eq!(from_reversed_hex(b"00000000000000000"), None);
    }
}
