//! The arithmetic of digest authentication (RFC 7616 section 3.4, RFC 8760), for who answers
//! challenges and for who checks the answers.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use smallvec::SmallVec;

/// A hash in hexadecimal.
pub(crate) type HexText = SmallVec<[u8; 64]>;

/// A hash function.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Hash {
    /// What RFC 2617 knows.
    #[default]
    Md5,
    /// Of RFC 7616.
    Sha256,
    /// Of RFC 7616.
    Sha512_256,
}

/// What the quality of protection adds to a response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Protection<'a> {
    /// `qop` as written.
    pub(crate) quality: &'a [u8],
    /// `nc` as written.
    pub(crate) count: &'a [u8],
    /// `cnonce`.
    pub(crate) cnonce: &'a [u8],
}

impl Hash {
    /// The hash of parts joined by colons.
    pub(crate) fn of(self, parts: &[&[u8]]) -> HexText {
        match self {
            Self::Md5 => joined::<Md5>(parts),
            Self::Sha256 => joined::<Sha256>(parts),
            Self::Sha512_256 => joined::<Sha512_256>(parts),
        }
    }

    /// How long it is in hexadecimal.
    pub(crate) fn digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha256 | Self::Sha512_256 => 64,
        }
    }

    /// HA1: what an account's password is kept as.
    pub(crate) fn account(self, user: &[u8], realm: &[u8], password: &[u8]) -> HexText {
        self.of(&[user, realm, password])
    }

    /// HA2: of a request, with its body where that is protected, too (`auth-int`). Responses that
    /// prove the server to the client have no method.
    pub(crate) fn request(self, method: &[u8], uri: &[u8], body: Option<&[u8]>) -> HexText {
        match body {
            Some(body) => self.of(&[method, uri, &self.of(&[body])]),
            None => self.of(&[method, uri]),
        }
    }

    /// The response: without protection as RFC 2069 had it.
    pub(crate) fn response(
        self,
        account: &[u8],
        nonce: &[u8],
        protection: Option<Protection<'_>>,
        request: &[u8],
    ) -> HexText {
        match protection {
            None => self.of(&[account, nonce, request]),
            Some(with) => self.of(&[
                account,
                nonce,
                with.count,
                with.cnonce,
                with.quality,
                request,
            ]),
        }
    }
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(crate) fn is_same_secret(left: &[u8], right: &[u8]) -> bool {
    let different = left.iter().zip(right).fold(0, |different, (l, r)| {
        std::hint::black_box(different | (l ^ r))
    });
    left.len() == right.len() && different == 0
}

fn joined<D: Digest>(parts: &[&[u8]]) -> HexText {
    let mut hash = D::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hash.update(b":");
        }
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> HexText {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = HexText::from_elem(0, 2 * bytes.len());
    for (digits, byte) in text.chunks_exact_mut(2).zip(bytes) {
        digits[0] = DIGITS[usize::from(byte >> 4)];
        digits[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(hex: &HexText) -> &str {
        std::str::from_utf8(hex).unwrap()
    }

    /// RFC 2617 section 3.5.
    #[test]
    fn of_rfc_2617() {
        let account = Hash::Md5.account(b"Mufasa", b"testrealm@host.com", b"Circle Of Life");
        assert_eq!(text(&account), "939e7578ed9e3c518a452acee763bce9");
        let request = Hash::Md5.request(b"GET", b"/dir/index.html", None);
        assert_eq!(text(&request), "39aff3a2bab6126f332b942af96d3366");
        let with = Protection {
            quality: b"auth",
            count: b"00000001",
            cnonce: b"0a4f113b",
        };
        let nonce = b"dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let response = Hash::Md5.response(&account, nonce, Some(with), &request);
        assert_eq!(text(&response), "6629fae49393a05397450978507c4ef1");
        let response = Hash::Md5.response(&account, nonce, None, &request);
        assert_eq!(text(&response), "670fd8c2df070c60b045671b8b24ff02");
    }

    /// RFC 7616 section 3.9.1.
    #[test]
    fn of_rfc_7616() {
        let with = Protection {
            quality: b"auth",
            count: b"00000001",
            cnonce: b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        };
        for (hash, expected) in [
            (Hash::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (
                Hash::Sha256,
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let account = hash.account(b"Mufasa", b"http-auth@example.org", b"Circle of Life");
            let request = hash.request(b"GET", b"/dir/index.html", None);
            let nonce = b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
            let response = hash.response(&account, nonce, Some(with), &request);
            assert_eq!(text(&response), expected);
            assert_eq!(response.len(), hash.digits());
        }
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(is_same_secret(b"abc", b"abc"));
        assert!(!is_same_secret(b"abc", b"abd"));
        assert!(!is_same_secret(b"abc", b"abcd"));
        assert!(!is_same_secret(b"", b"a"));
        assert!(is_same_secret(b"", b""));
    }
}
