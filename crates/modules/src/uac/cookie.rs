//! The cookie in Record-Route that turns the replaced URI into the original one and back.
//!
//! Both URIs, the shorter one filled up with zeros, are joined by exclusive or, and with the
//! password if there is one; the result is Base64 with `-` for `=`. Kamailio's cookies are the
//! same, so that calls survive a change of servers.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The cookie of two URIs.
pub(super) fn make(original: &[u8], replaced: &[u8], password: &[u8]) -> String {
    let length = original.len().max(replaced.len());
    let byte = |text: &[u8], at: usize| text.get(at).copied().unwrap_or(0);
    let mut bytes: Vec<u8> = (0..length)
        .map(|at| byte(original, at) ^ byte(replaced, at))
        .collect();
    mix(&mut bytes, password);
    BASE64.encode(bytes).replace('=', "-")
}

/// The other URI of a cookie; `None` when the cookie does not belong to this one.
pub(super) fn other(cookie: &[u8], uri: &[u8], password: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = cookie.iter().copied().filter(|c| *c != b'-').collect();
    let mut bytes = BASE64.decode(text).ok()?;
    if bytes.len() < uri.len() {
        return None;
    }
    mix(&mut bytes, password);
    for (byte, own) in bytes.iter_mut().zip(uri) {
        *byte ^= own;
    }
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    let fits = !bytes.is_empty()
        && !bytes
            .iter()
            .any(|c| c.is_ascii_control() || b"<> ".contains(c));
    fits.then_some(bytes)
}

fn mix(bytes: &mut [u8], password: &[u8]) {
    if password.is_empty() {
        return;
    }
    for (byte, key) in bytes.iter_mut().zip(password.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALICE: &[u8] = b"sip:alice@home.org";

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn cookies() {
        for (original, replaced, password, cookie) in [
            (ALICE, &b"sip:new@n.org"[..], "", "AAAAAA8JHiMLbgcdCmUub3Jn"),
            (
                b"sip:bob@there.org",
                b"sip:new@n.org",
                "",
                "AAAAAAwKFQAaRgoAAi5vcmc-",
            ),
            (
                ALICE,
                b"sip:new@n.org",
                "secret",
                "c2Vjcmp9bUZoHGJpeQBNHRcT",
            ),
            (ALICE, b"tel:+123", "", "BwwcAEpdW1BlQGhvbWUub3Jn"),
        ] {
            let password = password.as_bytes();
            assert_eq!(make(original, replaced, password), cookie);
            let there = other(cookie.as_bytes(), original, password).unwrap();
            assert_eq!(there, replaced);
            let back = other(cookie.as_bytes(), replaced, password).unwrap();
            assert_eq!(back, original);
        }
    }

    #[test]
    fn what_does_not_fit() {
        let cookie = make(ALICE, b"sip:new@n.org", b"");
        assert_eq!(
            other(cookie.as_bytes(), b"sip:somebody.else@example.org", b""),
            None
        );
        assert_eq!(other(b"?", ALICE, b""), None);
        assert_eq!(other(b"", ALICE, b""), None);
        assert_eq!(other(cookie.as_bytes(), ALICE, b"other"), None);
    }

    proptest! {
        #[test]
        fn there_and_back(a in "[!-;=?-~]{1,40}", b in "[!-;=?-~]{1,40}", p in "[a-z]{0,9}") {
            let cookie = make(a.as_bytes(), b.as_bytes(), p.as_bytes());
            prop_assert_eq!(other(cookie.as_bytes(), a.as_bytes(), p.as_bytes()), Some(b.clone().into_bytes()));
            prop_assert_eq!(other(cookie.as_bytes(), b.as_bytes(), p.as_bytes()), Some(a.into_bytes()));
        }

        #[test]
        fn any_cookie(cookie in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = other(&cookie, ALICE, b"x");
        }
    }
}
