//! Multipart bodies (RFC 2046 section 5.1), with the bounds of parts that Kamailio takes.

use bytes::Bytes;
use engine::Context;
use sip::{HeaderKind, Message, Span};

use super::body;

/// One part of a multipart body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// From its boundary to the next one.
    pub(super) raw: Span,
    /// From behind its boundary's line to behind the next one's: what Kamailio takes for all of it.
    pub(super) bounded: Span,
    /// From behind its Content-Type line to the next boundary.
    pub(super) rest: Span,
}

/// The delimiter that stands before each part.
fn delimiter(msg: &Message) -> Option<Vec<u8>> {
    let Some(Ok(kind)) = msg.content_type() else {
        return None;
    };
    if !kind.main.get(msg.raw()).eq_ignore_ascii_case(b"multipart") {
        return None;
    }
    let boundary = kind.params.value(msg.raw(), b"boundary")?;
    (!boundary.is_empty()).then(|| [b"--", boundary].concat())
}

/// Where the delimiter stands at the start of lines of the body.
fn delimiters(msg: &Message, delimiter: &[u8]) -> Vec<usize> {
    let start = msg.body_span().start();
    let body = msg.body();
    memchr::memmem::find_iter(body, delimiter)
        .filter(|at| *at == 0 || body.get(at - 1) == Some(&b'\n'))
        .map(|at| at + start)
        .collect()
}

/// Whether the body has parts.
pub(super) fn is_multipart(msg: &Message) -> bool {
    delimiter(msg).is_some()
}

/// Offset behind the line in which an offset lies.
fn line_end(buf: &[u8], from: usize) -> usize {
    let rest = buf.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(buf.len(), |at| from + at + 1)
}

/// The first part of a type.
pub(super) fn find(msg: &Message, mime: &[u8]) -> Option<Part> {
    let places = delimiters(msg, &delimiter(msg)?);
    let raw = msg.raw();
    places.windows(2).find_map(|pair| {
        let [start, end] = *pair else { return None };
        let text = raw.get(start..end)?;
        let mut at = 0;
        for line in text.split_inclusive(|c| *c == b'\n') {
            at += line.len();
            let colon = memchr::memchr(b':', line);
            if let Some(colon) = colon
                && HeaderKind::from_name(sip::chars::trim(&line[..colon]))
                    == HeaderKind::ContentType
            {
                let value = line[colon + 1..].split(|c| *c == b';').next()?;
                return sip::chars::trim(value)
                    .eq_ignore_ascii_case(mime)
                    .then_some(Part {
                        raw: Span::of(start, end),
                        bounded: Span::of(line_end(raw, start), line_end(raw, end)),
                        rest: Span::of(start + at, end),
                    });
            }
        }
        None
    })
}

/// What `filter_body` leaves of a part: without the blank line before and the line end behind.
pub(super) fn content(msg: &Message, part: Part) -> Bytes {
    let text = msg.slice(part.rest);
    let start = if text.starts_with(b"\r\n") { 2 } else { 0 };
    let end = if text.ends_with(b"\r\n") {
        text.len() - 2
    } else {
        text.len()
    };
    text.slice(start..end.max(start))
}

/// Leaves only the content of the first part of a type.
pub(super) fn filter(cx: &mut Context, mime: &[u8]) -> bool {
    let Some(part) = find(&cx.msg, mime) else {
        return false;
    };
    let text = content(&cx.msg, part);
    cx.edits.replace(cx.msg.body_span(), text);
    true
}

/// Removes the first part of a type.
pub(super) fn remove(cx: &mut Context, mime: &[u8]) -> bool {
    let Some(part) = find(&cx.msg, mime) else {
        return false;
    };
    cx.edits.delete(part.raw);
    true
}

/// Adds a part behind all others; false when the body has no parts.
pub(super) fn append(
    cx: &mut Context,
    text: &[u8],
    mime: &[u8],
    disposition: Option<&[u8]>,
) -> bool {
    let msg = std::sync::Arc::clone(&cx.msg);
    let Some(delimiter) = delimiter(&msg) else {
        return false;
    };
    let Some(last) = delimiters(&msg, &delimiter).pop() else {
        return false;
    };
    let mut part = [b"Content-Type: ", mime, b"\r\n"].concat();
    if let Some(disposition) = disposition {
        part.extend_from_slice(b"Content-Disposition: ");
        part.extend_from_slice(disposition);
        part.extend_from_slice(b"\r\n");
    }
    part.extend_from_slice(b"\r\n");
    part.extend_from_slice(text);
    part.extend_from_slice(b"\r\n");
    let behind = last + delimiter.len();
    let raw = msg.raw();
    if raw.get(behind..).is_some_and(|r| r.starts_with(b"--")) {
        let added = [&delimiter[..], b"\r\n", &part].concat();
        cx.edits.insert_after(last, added.into());
    } else {
        // A body whose end is missing gets one.
        let added = [&part[..], &delimiter, b"--\r\n"].concat();
        cx.edits.insert_after(msg.body_span().end(), added.into());
    }
    true
}

/// Makes a body the only part of a multipart body.
pub(super) fn set(cx: &mut Context, text: &[u8], mime: &[u8], boundary: &[u8]) {
    let body = [
        b"--",
        boundary,
        b"\r\nContent-Type: ",
        mime,
        b"\r\n\r\n",
        text,
        b"\r\n--",
        boundary,
        b"--\r\n",
    ]
    .concat();
    let kind = [b"multipart/mixed;boundary=\"", boundary, b"\""].concat();
    body::set(cx, body.into(), &kind);
    let at = cx.msg.headers_end();
    let line = Bytes::from_static(b"Mime-Version: 1.0\r\n");
    cx.edits.insert_after_tagged(at, line, body::TAG);
}
