//! How a message finds its transaction: request keys, keys of end-to-end ACKs, and our own `branch` parameter.

use smallvec::SmallVec;

use crate::output::BranchNo;

/// The start of each `branch` parameter that RFC 3261 makes (§8.1.1.7).
pub const MAGIC_COOKIE: &[u8] = b"z9hG4bK";

/// The bytes of a key; typical ones fit inline.
pub(crate) type KeyBytes = SmallVec<[u8; 96]>;

/// The parts of a request by which it is told apart from others. For the ACK of a negative reply, and to find the INVITE
/// that a CANCEL is for, `method` is `INVITE`.
#[derive(Clone, Copy, Debug)]
pub enum Matching<'a> {
    /// RFC 3261 §17.2.3: the topmost Via has a branch with the magic cookie.
    Cookie {
        /// The whole branch parameter.
        branch: &'a [u8],
        /// The host of the topmost Via, compared without regard to case.
        host: &'a [u8],
        /// Its port, 5060 if it has none.
        port: u16,
        /// The method.
        method: &'a [u8],
    },
    /// RFC 2543: no cookie. What the owner does not want compared is left empty.
    Rfc2543 {
        /// The request URI (`ruri_matching`).
        request_uri: &'a [u8],
        /// The topmost Via (`via1_matching`).
        via: &'a [u8],
        /// The tag of From.
        from_tag: &'a [u8],
        /// The number in CSeq.
        cseq: u32,
        /// The method.
        method: &'a [u8],
    },
}

impl Matching<'_> {
    /// Writes the parts, each with its length before it, so that no two requests share a key by shifting bytes.
    pub(crate) fn write(&self, key: &mut KeyBytes) {
        match *self {
            Matching::Cookie {
                branch,
                host,
                port,
                method,
            } => {
                key.push(1);
                write_part(key, branch);
                write_part(key, host);
                let host_start = key.len() - host.len();
                key[host_start..].make_ascii_lowercase();
                key.extend_from_slice(&port.to_be_bytes());
                write_part(key, method);
            }
            Matching::Rfc2543 {
                request_uri,
                via,
                from_tag,
                cseq,
                method,
            } => {
                key.push(2);
                for part in [request_uri, via, from_tag, method] {
                    write_part(key, part);
                }
                key.extend_from_slice(&cseq.to_be_bytes());
            }
        }
    }
}

pub(crate) fn write_part(key: &mut KeyBytes, part: &[u8]) {
    key.extend_from_slice(&(part.len() as u32).to_be_bytes());
    key.extend_from_slice(part);
}

/// The key of a request in one table, hashed with that table's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    pub(crate) shard: u32,
    pub(crate) hash: u64,
    pub(crate) bytes: KeyBytes,
}

/// The key by which an end-to-end ACK finds the INVITE transaction whose 2xx it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckKey {
    pub(crate) shard: u32,
    pub(crate) hash: u64,
    pub(crate) bytes: KeyBytes,
}

/// The name of one transaction in its table; never given out again, unless 2^32 transactions have used the same slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl Handle {
    /// The handle that scripts and RPC commands know as `index:label` (`$T(id_index)`, `$T(id_label)`).
    pub fn from_index_and_label(index: u32, label: u32) -> Handle {
        Handle {
            index,
            generation: label,
        }
    }

    /// Where the transaction is: `$T(id_index)`.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Which of the transactions that were there it is: `$T(id_label)`.
    pub fn label(self) -> u32 {
        self.generation
    }
}

/// What the `branch` parameter of a request that we sent says: where its transaction is, and a secret that proves that
/// the reply is not a guess.
///
/// The text has Kamailio's shape: cookie, hash index, 32 hexadecimal digits, branch number, as in
/// `z9hG4bKac94.878350944e97df9cebc656452b9481f0.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchId {
    /// The transaction.
    pub handle: Handle,
    /// The random number that it was given.
    pub secret: u64,
    /// The branch within it.
    pub branch: BranchNo,
}

impl BranchId {
    /// The length of the longest text.
    pub const MAX_LEN: usize = 7 + 4 + 1 + 32 + 1 + 2;

    /// Appends the text.
    pub fn write(&self, text: &mut Vec<u8>) {
        let mut whole = [0; Self::MAX_LEN];
        whole[..7].copy_from_slice(MAGIC_COOKIE);
        write_hex(u64::from(self.handle.index & 0xffff), &mut whole[7..11]);
        whole[11] = b'.';
        write_hex(u64::from(self.handle.index), &mut whole[12..20]);
        write_hex(u64::from(self.handle.generation), &mut whole[20..28]);
        write_hex(self.secret, &mut whole[28..44]);
        whole[44] = b'.';
        let digits = if self.branch.0 < 16 { 1 } else { 2 };
        write_hex(u64::from(self.branch.0), &mut whole[45..45 + digits]);
        text.extend_from_slice(&whole[..45 + digits]);
    }

    /// Reads a text that `write` made; `None` for any other.
    pub fn parse(text: &[u8]) -> Option<BranchId> {
        let rest = text.strip_prefix(MAGIC_COOKIE)?;
        let (hash_index, rest) = rest.split_at_checked(4)?;
        let (middle, rest) = rest.strip_prefix(b".")?.split_at_checked(32)?;
        let number = rest.strip_prefix(b".")?;
        if number.is_empty() || number.len() > 2 {
            return None;
        }
        let index = read_hex(&middle[..8])? as u32;
        if read_hex(hash_index)? != u64::from(index & 0xffff) {
            return None;
        }
        Some(BranchId {
            handle: Handle {
                index,
                generation: read_hex(&middle[8..16])? as u32,
            },
            secret: read_hex(&middle[16..])?,
            branch: BranchNo(read_hex(number)? as u8),
        })
    }
}

/// Writes the lowest digits, as many as there is room for.
fn write_hex(mut value: u64, text: &mut [u8]) {
    for place in text.iter_mut().rev() {
        *place = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

/// Reads up to 16 digits.
fn read_hex(digits: &[u8]) -> Option<u64> {
    let mut value = 0;
    let mut seen = 0;
    for digit in digits {
        let digit = HEX_VALUES[usize::from(*digit)];
        value = value << 4 | u64::from(digit & 15);
        seen |= digit;
    }
    (seen < 16).then_some(value)
}

/// What each hexadecimal digit stands for; 16 for all other bytes.
const HEX_VALUES: [u8; 256] = {
    let mut values = [16; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value];
        values[digit as usize] = value as u8;
        values[digit.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::{BranchId, Handle, KeyBytes, Matching};
    use crate::output::BranchNo;

    #[test]
    fn branch_text_comes_back() {
        for (index, generation, secret, branch) in [
            (0, 0, 0, 0),
            (0xdead_beef, 7, u64::MAX, 31),
            (0xffff, 1, 1, 10),
        ] {
            let id = BranchId {
                handle: Handle { index, generation },
                secret,
                branch: BranchNo(branch),
            };
            let mut text = Vec::new();
            id.write(&mut text);
            assert!(text.len() <= BranchId::MAX_LEN);
            assert_eq!(BranchId::parse(&text), Some(id));
            for cut in 0..text.len() - 1 {
                assert_ne!(BranchId::parse(&text[..cut]), Some(id));
            }
        }
    }

    #[test]
    fn foreign_branches_are_not_ours() {
        for text in [
            &b""[..],
            b"z9hG4bK",
            b"z9hG4bKac94.878350944e97df9cebc656452b9481f0",
            b"z9hG4bKac94.878350944e97df9cebc656452b9481f0.",
            b"z9hG4bKac94.878350944e97df9cebc656452b9481f0.000",
            b"z9hG4bKac94.878350944e97df9cebc656452b9481g0.0",
            b"z9hG4bK0000.878350944e97df9cebc656452b9481f0.0",
        ] {
            assert_eq!(BranchId::parse(text), None);
        }
    }

    #[test]
    fn sent_by_is_part_of_the_key_without_regard_to_case() {
        let key = |host, port| {
            let mut key = KeyBytes::new();
            Matching::Cookie {
                branch: b"z9hG4bKx",
                host,
                port,
                method: b"INVITE",
            }
            .write(&mut key);
            key
        };
        assert_eq!(key(b"Example.COM", 5060), key(b"example.com", 5060));
        assert_ne!(key(b"example.com", 5060), key(b"example.com", 5061));
        assert_ne!(key(b"example.com", 5060), key(b"example.org", 5060));
    }
}
