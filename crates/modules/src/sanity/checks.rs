//! The checks and what each answers.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use sip::header::NameAddr;
use sip::{HeaderKind, Message};

use super::credentials;

/// SIP version in the request line.
const RURI_VERSION: u32 = 1;
/// Scheme of the request URI.
const RURI_SCHEME: u32 = 2;
/// Headers that must be there.
const REQUIRED_HEADERS: u32 = 4;
/// Method in CSeq.
const CSEQ_METHOD: u32 = 32;
/// Number in CSeq.
const CSEQ_VALUE: u32 = 64;
/// Length of the body.
const CONTENT_LENGTH: u32 = 128;
/// Number in Expires.
const EXPIRES: u32 = 256;
/// Proxy-Require.
const PROXY_REQUIRE: u32 = 512;
/// URIs.
const URIS: u32 = 1024;
/// Digest credentials, other schemes refused.
const DIGEST: u32 = 2048;
/// Tags that stand twice.
const TAGS: u32 = 4096;
/// Digest credentials, other schemes let pass.
const AUTHORIZATION: u32 = 8192;
/// The first Via.
const FIRST_VIA: u32 = 16384;

/// The request URI, among the URIs to parse.
const URI_RURI: u32 = 1;
/// From, among the URIs to parse.
const URI_FROM: u32 = 2;
/// To, among the URIs to parse.
const URI_TO: u32 = 4;
/// Contact, among the URIs to parse.
const URI_CONTACT: u32 = 8;

/// A check that failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Failure {
    /// With this reply.
    Reply(Refusal),
    /// Nothing is answered: Kamailio cannot build a reply, or does not try.
    Silent,
}

/// The reply to a request that failed a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) reason: &'static str,
    /// Header lines with CRLF.
    pub(super) headers: Vec<Bytes>,
}

/// A 400 with this text.
pub(super) fn bad(reason: &'static str) -> Failure {
    Failure::Reply(Refusal {
        code: 400,
        reason,
        headers: Vec::new(),
    })
}

type Checked = Result<(), Failure>;

/// What to check.
pub(super) struct Wanted<'a> {
    /// Sum of the checks.
    pub(super) checks: u32,
    /// Sum of the URIs.
    pub(super) uris: u32,
    /// Extensions that Proxy-Require may ask for.
    pub(super) extensions: &'a [Bytes],
}

/// Makes the checks in Kamailio's order up to the first that fails.
pub(super) fn run(cx: &mut Context, wanted: &Wanted<'_>) -> Checked {
    let msg = Arc::clone(&cx.msg);
    let msg = &*msg;
    let on = |check: u32| wanted.checks & check != 0;
    if on(FIRST_VIA) && !matches!(msg.via1(), Some(Ok(via)) if !via.host.is_empty()) {
        return Err(Failure::Silent);
    }
    if on(RURI_VERSION) && !msg.version().eq_ignore_ascii_case(b"SIP/2.0") {
        return Err(Failure::Reply(Refusal {
            code: 505,
            reason: "Version Not Supported (R-URI)",
            headers: Vec::new(),
        }));
    }
    if on(RURI_SCHEME) && cx.request_uri_parts().is_none() {
        return Err(bad("Bad Request URI"));
    }
    if on(REQUIRED_HEADERS) {
        required_headers(msg)?;
    }
    if on(CSEQ_METHOD) {
        cseq_method(msg)?;
    }
    if on(CSEQ_VALUE) {
        cseq_value(msg)?;
    }
    if on(CONTENT_LENGTH) {
        content_length(msg)?;
    }
    if on(EXPIRES) {
        expires(msg)?;
    }
    if on(PROXY_REQUIRE) {
        proxy_require(msg, wanted.extensions)?;
    }
    if on(URIS) {
        uris(cx, msg, wanted.uris)?;
    }
    if on(DIGEST) {
        credentials::check(msg, credentials::Others::Refused)?;
    }
    if on(TAGS) {
        tags(msg)?;
    }
    if on(AUTHORIZATION) {
        credentials::check(msg, credentials::Others::Pass)?;
    }
    Ok(())
}

fn required_headers(msg: &Message) -> Checked {
    if msg.suspect_header().is_some() {
        return Err(Failure::Silent);
    }
    let all = [
        HeaderKind::To,
        HeaderKind::From,
        HeaderKind::CSeq,
        HeaderKind::CallId,
        HeaderKind::Via,
    ];
    if all.into_iter().all(|kind| msg.has(kind)) {
        Ok(())
    } else {
        Err(bad("Missing Required Header in Request"))
    }
}

fn cseq_method(msg: &Message) -> Checked {
    match msg.cseq() {
        Some(Ok(cseq)) if msg.text(cseq.method_span) == msg.method_text() => Ok(()),
        Some(Ok(_)) => Err(bad("CSeq method does not match request method")),
        _ => Err(bad("Missing number in CSeq header")),
    }
}

fn cseq_value(msg: &Message) -> Checked {
    match msg.cseq() {
        Some(Ok(cseq)) if is_u32(msg.text(cseq.number_span)) => Ok(()),
        Some(Ok(_)) => Err(bad("CSeq number is illegal")),
        _ => Err(bad("Missing number in CSeq header")),
    }
}

/// Decimal digits that fit 32 bits. Kamailio also lets 4294967296 pass.
fn is_u32(text: &[u8]) -> bool {
    sip::chars::decimal(text).is_some() || text == b"4294967296"
}

fn content_length(msg: &Message) -> Checked {
    match msg.content_length() {
        None => Ok(()),
        Some(Ok(length)) if length as usize == msg.body().len() => Ok(()),
        Some(_) => Err(bad("Content-Length mis-match")),
    }
}

fn expires(msg: &Message) -> Checked {
    match msg.value(HeaderKind::Expires) {
        None => Ok(()),
        Some([]) => Err(bad("Bad Expires Header")),
        // What follows a blank is not looked at.
        Some(text) if is_u32(text.split(|c| *c == b' ').next().unwrap_or_default()) => Ok(()),
        Some(_) => Err(bad("Expires value is illegal")),
    }
}

fn proxy_require(msg: &Message, known: &[Bytes]) -> Checked {
    let Some(value) = msg.value(HeaderKind::ProxyRequire) else {
        return Ok(());
    };
    let unknown = value
        .split(|c| *c == b',')
        .map(sip::chars::trim)
        .find(|asked| !known.iter().any(|k| k.eq_ignore_ascii_case(asked)));
    match unknown {
        None => Ok(()),
        Some(extension) => Err(Failure::Reply(Refusal {
            code: 420,
            reason: "Bad Proxy Require Extension",
            headers: vec![[b"Unsupported: ", extension, b"\r\n"].concat().into()],
        })),
    }
}

fn uris(cx: &mut Context, msg: &Message, wanted: u32) -> Checked {
    if wanted & URI_RURI != 0 && cx.request_uri_parts().is_none() {
        return Err(bad("Bad Request URI"));
    }
    let mut parses = |addr: &NameAddr| cx.uri_at(addr.uri).is_some();
    if wanted & URI_FROM != 0 && !matches!(msg.from(), Some(Ok(from)) if parses(from)) {
        return Err(bad("Invalid From Header"));
    }
    if wanted & URI_TO != 0 && !matches!(msg.to(), Some(Ok(to)) if parses(to)) {
        // Kamailio writes it so.
        return Err(bad("Ivalid To Header"));
    }
    if wanted & URI_CONTACT != 0 {
        match msg.contacts() {
            None => {}
            Some(Ok(contacts)) if contacts.is_star() => {}
            Some(Ok(contacts)) if contacts.list().iter().any(|c| !parses(&c.addr)) => {
                return Err(bad("Bad Contact URI"));
            }
            Some(Ok(contacts)) if !contacts.list().is_empty() => {}
            Some(_) => return Err(bad("Bad Contact Header")),
        }
    }
    Ok(())
}

fn tags(msg: &Message) -> Checked {
    let twice = |addr: &NameAddr| {
        addr.params
            .iter(msg.raw())
            .filter(|p| msg.text(p.name).eq_ignore_ascii_case(b"tag"))
            .count()
            > 1
    };
    match msg.from() {
        Some(Ok(from)) if twice(from) => return Err(bad("Many From Tag Params")),
        _ => {}
    }
    match msg.to() {
        Some(Ok(to)) if twice(to) => Err(bad("Many To Tag Params")),
        _ => Ok(()),
    }
}
