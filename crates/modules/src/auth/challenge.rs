//! Challenges: the header line, and the reply that carries it.

use bytes::Bytes;
use engine::Context;

use super::credentials::Kind;
use super::params::Auth;

/// What a challenge offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Quality {
    /// As RFC 2069 had it.
    None,
    Auth,
    AuthInt,
}

impl Auth {
    /// The realm without the prefix that is ignored.
    pub(crate) fn realm<'a>(&self, realm: &'a [u8]) -> &'a [u8] {
        realm.strip_prefix(&self.realm_prefix[..]).unwrap_or(realm)
    }

    /// The header line of a challenge, with its CRLF.
    pub(super) fn challenge(
        &self,
        cx: &Context,
        kind: Kind,
        realm: &[u8],
        quality: Quality,
        is_stale: bool,
    ) -> Bytes {
        let nonce = self.nonces.make(cx);
        let mut line = Vec::with_capacity(128 + realm.len());
        for part in [
            &self.challenge_headers[kind.index()][..],
            b": Digest realm=\"",
            self.realm(realm),
            b"\", nonce=\"",
            nonce.as_bytes(),
            b"\"",
            match quality {
                Quality::None => b"",
                Quality::Auth => b", qop=\"auth\"",
                Quality::AuthInt => b", qop=\"auth-int\"",
            },
            if is_stale { b", stale=true" } else { b"" },
            self.algorithm_field.as_bytes(),
            b"\r\n",
        ] {
            line.extend_from_slice(part);
        }
        line.into()
    }

    /// Sends a reply, within the transaction if there is one and it may be. True for an ACK, which
    /// nobody answers.
    pub(super) fn send(&self, cx: &mut Context, status: u16, reason: &[u8]) -> bool {
        if cx.msg.method() == sip::Method::Ack {
            return true;
        }
        if self.replies_stateless {
            self.sl.reply_stateless(cx, status, reason, &[])
        } else {
            self.sl.reply(cx, status, reason, &[])
        }
    }
}

/// Whether a realm can stand in quotes as it is.
pub(super) fn is_quotable(realm: &[u8]) -> bool {
    !realm
        .iter()
        .any(|c| c.is_ascii_control() || matches!(c, b'"' | b'\\'))
}
