//! Digest credentials in Authorization and Proxy-Authorization.

use sip::header::Credentials;
use sip::{HeaderKind, Message};

use super::checks::{Failure, bad};

/// What to do with schemes other than Digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Others {
    /// The check fails, without a reply.
    Refused,
    /// They are let pass.
    Pass,
}

/// Fields without which credentials are none.
const REQUIRED: [&[u8]; 5] = [b"username", b"realm", b"nonce", b"uri", b"response"];

/// Checks all credentials.
pub(super) fn check(msg: &Message, others: Others) -> Result<(), Failure> {
    for kind in [HeaderKind::ProxyAuthorization, HeaderKind::Authorization] {
        for header in msg.all(kind) {
            let scheme = msg.text(header.value);
            if !starts_with_digest(scheme) {
                match others {
                    Others::Refused => return Err(Failure::Silent),
                    Others::Pass => continue,
                }
            }
            let credentials =
                Credentials::parse(msg.raw(), header.value).map_err(|_| bad("Bad Auth Header"))?;
            check_one(msg, &credentials)?;
        }
    }
    Ok(())
}

fn starts_with_digest(value: &[u8]) -> bool {
    value
        .get(..6)
        .is_some_and(|s| s.eq_ignore_ascii_case(b"Digest"))
}

fn check_one(msg: &Message, credentials: &Credentials) -> Result<(), Failure> {
    let buf: &[u8] = msg.raw();
    let has = |name: &[u8]| credentials.field(buf, name).is_some();
    let is_empty = |name: &[u8]| {
        credentials
            .field(buf, name)
            .is_some_and(|value| value.is_empty())
    };
    // `username=` with nothing behind it is no field, though `username=""` is one.
    let is_bare = |f: &sip::header::Param| {
        f.value
            .is_some_and(|v| v.is_empty() && buf.get(v.start().wrapping_sub(1)) == Some(&b'='))
    };
    if credentials.fields().next().is_none() || credentials.fields().any(is_bare) {
        return Err(bad("Bad Auth Header"));
    }
    let complete =
        REQUIRED.into_iter().all(has) && (!has(b"qop") || (has(b"cnonce") && has(b"nc")));
    if !complete {
        return Err(bad("Bad Auth Credentials"));
    }
    if is_empty(b"username") {
        return Err(bad("Auth Empty User"));
    }
    if is_empty(b"nonce") {
        return Err(bad("Auth Empty Nonce"));
    }
    if is_empty(b"response") {
        return Err(bad("Auth Empty Response"));
    }
    Ok(())
}
