//! The body of a message.

use bytes::Bytes;
use engine::Context;
use sip::sdp::{Direction, Sdp};
use sip::{HeaderKind, Message};

/// Marks the edits of `set_body`, which a second call replaces.
pub(super) const TAG: u32 = 0x5442;

/// Whether Content-Length says that there is a body, of this type if one is asked for.
///
/// Kamailio goes by that header alone: without it there is no body for it.
pub(super) fn is_there(msg: &Message, mime: Option<&[u8]>) -> bool {
    let has_length = matches!(msg.content_length(), Some(Ok(length)) if length > 0);
    if !has_length || msg.body().is_empty() {
        return false;
    }
    let Some(mime) = mime else { return true };
    match msg.content_type() {
        Some(Ok(found)) => {
            let mut parts = mime.splitn(2, |c| *c == b'/');
            let main = parts.next().unwrap_or_default();
            let sub = parts.next().unwrap_or_default();
            found.is(msg.raw(), sip::chars::trim(main), sip::chars::trim(sub))
        }
        _ => false,
    }
}

/// Puts a body in the place of the present one.
pub(crate) fn set(cx: &mut Context, body: Bytes, mime: &[u8]) {
    cx.edits.remove_tag(TAG);
    let msg = std::sync::Arc::clone(&cx.msg);
    // The present body goes with what was changed in it.
    cx.edits.remove_within(msg.body_span());
    let same_type = msg
        .value(HeaderKind::ContentType)
        .is_some_and(|present| present.eq_ignore_ascii_case(mime));
    let end = msg.headers_end();
    if !same_type {
        if let Some(header) = msg.first(HeaderKind::ContentType) {
            cx.edits.replace_tagged(header.whole, Bytes::new(), TAG);
        }
        let line = [b"Content-Type: ", mime, b"\r\n"].concat();
        cx.edits.insert_after_tagged(end, line.into(), TAG);
    }
    // A length that stands is corrected when the message is written.
    if !msg.has(HeaderKind::ContentLength) {
        let line = format!("Content-Length: {}\r\n", body.len());
        cx.edits.insert_after_tagged(end, line.into(), TAG);
    }
    cx.edits.replace_tagged(msg.body_span(), body, TAG);
}

/// How an audio stream is on hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hold {
    /// Its connection address is null (RFC 2543).
    NullAddress,
    /// It is inactive or only sent (RFC 3264).
    Direction,
}

/// How the first audio stream that is on hold is so.
pub(super) fn audio_on_hold(msg: &Message) -> Option<Hold> {
    let span = sip::sdp::find(msg)?;
    let buf = msg.raw();
    let session = Sdp::parse(buf, span).ok()?;
    session
        .media
        .iter()
        .filter(|m| m.kind.get(buf).eq_ignore_ascii_case(b"audio"))
        .find_map(|media| {
            if matches!(media.direction, Direction::SendOnly | Direction::Inactive) {
                return Some(Hold::Direction);
            }
            let address = session.address_of(media)?;
            let host = address.host.get(buf);
            (host == b"0.0.0.0" || host == b"::").then_some(Hold::NullAddress)
        })
}
