//! Nonces: made of time and a keyed hash, so that nothing has to be remembered of a challenge.
//!
//! Their form is Kamailio 5.6's, so that servers of both kinds that share a `secret` take each
//! other's nonces. In base64:
//!
//! ```text
//! expires (4) | made (4) | seal (16) | [hash of the request (16)] | [number (4), kind (1)]
//! ```
//!
//! The seal is the MD5 of both times, number, kind and secret; the hash of the request, that of the
//! parts which `auth_checks_*` name and the other half of the secret. What is hashed in front of the
//! secret has a fixed length or is the whole of what is checked: the weaknesses of MD5 (collisions,
//! longer messages) do not help to make one. Number and kind are there when uses are counted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::Context;
use md5::{Digest, Md5};
use sip::Method;

use super::uses::{Use, Uses};
use crate::digest::is_same_secret;

/// The longest nonce before it is written in base64.
const LONGEST: usize = 45;
const TIMES: usize = 8;
const HASH: usize = 16;
const NUMBER: usize = 5;

/// Parts of a request that a nonce is bound to, as `auth_checks_*` name them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Parts(pub(super) i64);

impl Parts {
    const URI: i64 = 1;
    const CALL_ID: i64 = 2;
    const FROM_TAG: i64 = 4;
    const SOURCE: i64 = 8;

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, part: i64) -> bool {
        self.0 & part != 0
    }
}

/// Which parts are bound, by the kind of request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bound {
    pub(super) register: Parts,
    pub(super) no_dialog: Parts,
    pub(super) in_dialog: Parts,
}

impl Bound {
    fn is_used(self) -> bool {
        [self.register, self.no_dialog, self.in_dialog]
            .iter()
            .any(|parts| !parts.is_empty())
    }

    fn of(self, cx: &Context) -> Parts {
        if cx.msg.method() == Method::Register {
            self.register
        } else if cx.msg.to_tag().is_some_and(|tag| !tag.is_empty()) {
            self.in_dialog
        } else {
            self.no_dialog
        }
    }
}

/// Makes and checks nonces.
pub(super) struct Nonces {
    secret: Bytes,
    /// Of the hash of the request.
    second_secret: Bytes,
    /// Seconds that a nonce lives.
    lifetime: u32,
    /// Seconds by which the clocks of servers may differ.
    drift: u32,
    bound: Bound,
    uses: Uses,
}

/// Why a nonce does not do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BadNonce {
    /// It is none of ours.
    Forged,
    /// It was good once, or is for another request: the client may try again with a new one.
    Stale,
    /// It was used already, and may be used once.
    Used,
    /// The count that came with it is none.
    Count,
}

impl Nonces {
    /// With a secret: its second half is kept for the hash of the request, if that is used.
    pub(super) fn new(secret: Bytes, lifetime: u32, drift: u32, bound: Bound, uses: Uses) -> Self {
        let half = if bound.is_used() {
            secret.len().div_ceil(2)
        } else {
            secret.len()
        };
        Self {
            second_secret: secret.slice(half..),
            secret: secret.slice(..half),
            lifetime,
            drift,
            bound,
            uses,
        }
    }

    /// Whether each is good for one use.
    pub(super) fn are_for_once(&self) -> bool {
        self.uses.are_for_once()
    }

    /// A nonce for the request in work.
    pub(super) fn make(&self, cx: &Context) -> String {
        let now = now(cx);
        let mut raw = Raw::default();
        raw.push(&now.wrapping_add(self.lifetime).to_be_bytes());
        raw.push(&now.to_be_bytes());
        let number = self.uses.issue();
        raw.push(&self.seal(raw.bytes(), &number));
        let parts = self.bound.of(cx);
        if !parts.is_empty() {
            raw.push(&self.hash_of(cx, parts));
        }
        raw.push(&number);
        STANDARD.encode(raw.bytes())
    }

    /// Checks a nonce that came with credentials, and counts the use. `count` is their `nc`, if
    /// they have a quality of protection.
    pub(super) fn check(
        &self,
        cx: &Context,
        nonce: &[u8],
        count: Option<&[u8]>,
    ) -> Result<(), BadNonce> {
        let mut raw = [0; LONGEST + 3];
        let length = STANDARD
            .decode_slice(nonce, &mut raw)
            .map_err(|_| BadNonce::Forged)?;
        let nonce = Taken::of(&raw[..length]).ok_or(BadNonce::Forged)?;
        let now = now(cx);
        if nonce.made > now.saturating_add(self.drift) || nonce.expires < now {
            return Err(BadNonce::Stale);
        }
        if !is_same_secret(nonce.seal, &self.seal(nonce.times, nonce.number)) {
            return Err(BadNonce::Forged);
        }
        match self.uses.count(nonce.number, count)? {
            Use::Counted => Ok(()),
            Use::NotCounted => self.check_request(cx, nonce.request),
        }
    }

    fn check_request(&self, cx: &Context, hash: Option<&[u8]>) -> Result<(), BadNonce> {
        let parts = self.bound.of(cx);
        if parts.is_empty() {
            return Ok(());
        }
        match hash {
            Some(hash) if is_same_secret(hash, &self.hash_of(cx, parts)) => Ok(()),
            _ => Err(BadNonce::Stale),
        }
    }

    fn seal(&self, times: &[u8], number: &[u8]) -> [u8; HASH] {
        let hash = Md5::new().chain_update(times).chain_update(number);
        hash.chain_update(&self.secret).finalize().into()
    }

    fn hash_of(&self, cx: &Context, parts: Parts) -> [u8; HASH] {
        let mut hash = Md5::new();
        if parts.has(Parts::URI) {
            hash.update(cx.msg.request_uri());
        }
        if parts.has(Parts::CALL_ID) {
            hash.update(cx.msg.call_id().unwrap_or_default());
        }
        if parts.has(Parts::FROM_TAG) {
            hash.update(cx.msg.from_tag().unwrap_or_default());
        }
        if parts.has(Parts::SOURCE) {
            match cx.received.source.ip() {
                std::net::IpAddr::V4(ip) => hash.update(ip.octets()),
                std::net::IpAddr::V6(ip) => hash.update(ip.octets()),
            }
        }
        hash.chain_update(&self.second_secret).finalize().into()
    }
}

/// Seconds since 1970, as nonces have them.
fn now(cx: &Context) -> u32 {
    u32::try_from(cx.core.services.clock.unix().as_secs()).unwrap_or(u32::MAX)
}

/// A nonce being made.
struct Raw {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            bytes: [0; LONGEST],
            length: 0,
        }
    }
}

impl Raw {
    fn push(&mut self, part: &[u8]) {
        self.bytes[self.length..self.length + part.len()].copy_from_slice(part);
        self.length += part.len();
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A nonce taken apart.
#[derive(Debug, Eq, PartialEq)]
struct Taken<'a> {
    expires: u32,
    made: u32,
    times: &'a [u8],
    seal: &'a [u8],
    request: Option<&'a [u8]>,
    /// Number and kind, or nothing.
    number: &'a [u8],
}

impl<'a> Taken<'a> {
    fn of(raw: &'a [u8]) -> Option<Self> {
        let (times, rest) = raw.split_at_checked(TIMES)?;
        let (seal, rest) = rest.split_at_checked(HASH)?;
        let (request, number) = match rest.len() {
            0 | NUMBER => (None, rest),
            HASH => (Some(rest), &rest[HASH..]),
            length if length == HASH + NUMBER => (Some(&rest[..HASH]), &rest[HASH..]),
            _ => return None,
        };
        let (expires, made) = times.split_first_chunk()?;
        Some(Self {
            expires: u32::from_be_bytes(*expires),
            made: u32::from_be_bytes(*made.first_chunk()?),
            times,
            seal,
            request,
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_apart_by_length() {
        let raw: Vec<u8> = (0..LONGEST as u8).collect();
        let parts = |length: usize| {
            Taken::of(&raw[..length]).map(|t| (t.seal.len(), t.request.is_some(), t.number.len()))
        };
        assert_eq!(parts(24), Some((16, false, 0)));
        assert_eq!(parts(29), Some((16, false, 5)));
        assert_eq!(parts(40), Some((16, true, 0)));
        assert_eq!(parts(45), Some((16, true, 5)));
        for length in [0, 7, 8, 23, 25, 28, 30, 39, 41, 44] {
            assert_eq!(parts(length), None, "{length}");
        }
        let nonce = Taken::of(&raw[..24]).unwrap();
        assert_eq!((nonce.expires, nonce.made), (0x0001_0203, 0x0405_0607));
    }

    /// What Kamailio 5.6.3 sent for the secret `0123456789abcdef0123456789ABCDEF`.
    #[test]
    fn seals_as_kamailio() {
        let nonces = |bound| {
            let secret = Bytes::from_static(b"0123456789abcdef0123456789ABCDEF");
            Nonces::new(secret, 300, 3, bound, Uses::default())
        };
        let whole = nonces(Bound::default());
        let halves = nonces(Bound {
            register: Parts(15),
            ..Bound::default()
        });
        for (nonces, nonce) in [
            (&whole, "awQz7GsEMsDz5P3R1rhjyvtVgSo9mWEQ"),
            (&whole, "awQ0L2sEMwOjug48ElZ4uOmPuF55GbQ3LuXVL4A="),
            (
                &halves,
                "awQ0K2sEMv8DGB5mKIA/kYlBUfG9i8Um1kpNkNO3BYlF9qh3X8u3CQ==",
            ),
            (
                &halves,
                "awQ0M2sEMwfH5KbOX3Ygupx9iFcD2gs01kpNkNO3BYlF9qh3X8u3CS4qbs/B",
            ),
        ] {
            let raw = STANDARD.decode(nonce).unwrap();
            let taken = Taken::of(&raw).unwrap();
            assert_eq!(
                taken.seal,
                nonces.seal(taken.times, taken.number),
                "{nonce}"
            );
        }
    }
}
