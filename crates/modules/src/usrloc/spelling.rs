//! Numbers as they are spelled in unique ids of contacts and in temporary GRUUs.

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
