//! Building a reply to a request, byte for byte as Kamailio does.
//!
//! Copied from the request in the order in which they stand there, names and white space as
//! written: all Via headers, Record-Route (only into replies 180–299), From, To, Call-ID and
//! CSeq. Then come the extra lines, Server, Content-Length and Warning.

use crate::header::{Header, HeaderKind, Via};
use crate::print::decimal;
use crate::{Message, Span};

/// What a reply holds besides what it copies from the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReplyParts<'a> {
    /// Tag for a To header that has none; left out below 180.
    pub to_tag: Option<&'a [u8]>,
    /// `received` for the topmost Via.
    pub received: Option<&'a [u8]>,
    /// `rport` for the topmost Via: replaces the one there, or is added.
    pub rport: Option<u16>,
    /// Header lines added by the script, each with its CRLF.
    pub headers: &'a [u8],
    /// Value of a Contact header (the destination set of a 3xx).
    pub contact: Option<&'a [u8]>,
    /// Value of a Content-Type header; not needed if `headers` has it.
    pub content_type: Option<&'a [u8]>,
    /// The whole Server header without CRLF (`Server: x`).
    pub server: Option<&'a [u8]>,
    /// The whole Warning header without CRLF.
    pub warning: Option<&'a [u8]>,
    /// The body.
    pub body: &'a [u8],
}

/// Builds the reply with status `code` to `request`.
pub fn build(request: &Message, code: u16, reason: &[u8], parts: &ReplyParts<'_>) -> Vec<u8> {
    let mut out =
        Vec::with_capacity(request.headers_end() + parts.headers.len() + 256 + parts.body.len());
    write(&mut out, request, code, reason, parts);
    out
}

/// Appends the reply to `out`; see [`build`].
pub fn write(
    out: &mut Vec<u8>,
    request: &Message,
    code: u16,
    reason: &[u8],
    parts: &ReplyParts<'_>,
) {
    out.extend_from_slice(request.version());
    out.push(b' ');
    decimal(out, u64::from(code));
    out.push(b' ');
    out.extend_from_slice(reason);
    out.extend_from_slice(b"\r\n");
    copy_headers(out, request, code, parts);
    out.extend_from_slice(parts.headers);
    for (name, value) in [
        ("Contact: ", parts.contact),
        ("Content-Type: ", parts.content_type),
    ] {
        if let Some(value) = value {
            out.extend_from_slice(name.as_bytes());
            line(out, value);
        }
    }
    if let Some(server) = parts.server {
        line(out, server);
    }
    out.extend_from_slice(b"Content-Length: ");
    decimal(out, parts.body.len() as u64);
    out.extend_from_slice(b"\r\n");
    if let Some(warning) = parts.warning {
        line(out, warning);
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(parts.body);
}

fn line(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(text);
    out.extend_from_slice(b"\r\n");
}

/// Copies what a reply takes from the request.
fn copy_headers(out: &mut Vec<u8>, request: &Message, code: u16, parts: &ReplyParts<'_>) {
    let with_routes = (180..300).contains(&code);
    let mut topmost = true;
    for header in request.headers() {
        match header.kind {
            HeaderKind::Via => {
                let via = if topmost {
                    request.via1().and_then(Result::ok)
                } else {
                    None
                };
                copy_via(out, request, &header, via, parts);
                topmost = false;
            }
            HeaderKind::RecordRoute if with_routes => {
                out.extend_from_slice(request.text(header.whole));
            }
            HeaderKind::To => copy_to(out, request, &header, code, parts),
            HeaderKind::From | HeaderKind::CallId | HeaderKind::CSeq => {
                out.extend_from_slice(request.text(header.whole));
            }
            _ => {}
        }
    }
}

/// Copies a Via header; `topmost` is its first element if that is to get parameters.
///
/// Kamailio puts `received` at the end of the header even if further elements stand in it,
/// which makes it a parameter of the wrong hop; here it stays with the first element.
fn copy_via(
    out: &mut Vec<u8>,
    request: &Message,
    header: &Header,
    topmost: Option<&Via>,
    parts: &ReplyParts<'_>,
) {
    let end = header.content_end(request.raw());
    let mut done = header.whole.start();
    if let Some(via) = topmost {
        let element_end = via.next.map_or(end, |next| next as usize - 1);
        if let Some(rport) = parts.rport {
            done = write_rport(out, request, via, done, element_end, rport);
        }
        out.extend_from_slice(request.text(Span::of(done, element_end)));
        done = done.max(element_end);
        if let (Some(rport), None) = (parts.rport, via.rport) {
            out.extend_from_slice(b";rport=");
            decimal(out, u64::from(rport));
        }
        if let Some(received) = parts.received {
            out.extend_from_slice(b";received=");
            out.extend_from_slice(received);
        }
    }
    out.extend_from_slice(request.text(Span::of(done, end)));
    out.extend_from_slice(b"\r\n");
}

/// Copies up to an `rport` parameter and writes a new one in its place; says how far it got.
fn write_rport(
    out: &mut Vec<u8>,
    request: &Message,
    via: &Via,
    from: usize,
    element_end: usize,
    rport: u16,
) -> usize {
    let Some(old) = via.param_extent(request.raw(), b"rport", element_end) else {
        return from;
    };
    out.extend_from_slice(request.text(Span::of(from, old.start())));
    out.extend_from_slice(b"rport=");
    decimal(out, u64::from(rport));
    old.end()
}

/// Copies the To header and gives it a tag if it has none.
fn copy_to(
    out: &mut Vec<u8>,
    request: &Message,
    header: &Header,
    code: u16,
    parts: &ReplyParts<'_>,
) {
    let tag = parts
        .to_tag
        .filter(|_| code >= 180 && request.to_tag().is_none());
    let Some(tag) = tag else {
        out.extend_from_slice(request.text(header.whole));
        return;
    };
    let end = header.content_end(request.raw());
    out.extend_from_slice(request.text(Span::of(header.whole.start(), end)));
    out.extend_from_slice(b";tag=");
    out.extend_from_slice(tag);
    out.extend_from_slice(request.text(Span::of(end, header.whole.end())));
}

#[cfg(test)]
mod tests;
