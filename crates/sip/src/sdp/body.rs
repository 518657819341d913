//! Finding the SDP in a message body, which may be multipart (RFC 2046).

use memchr::memmem;

use crate::chars::{is_space, trim};
use crate::{HeaderKind, Message, Span};

/// Where the first `application/sdp` of `message` stands: the body, or a part of it.
pub fn find(message: &Message) -> Option<Span> {
    let body = message.body_span();
    if body.is_empty() {
        return None;
    }
    let content_type = message.content_type()?.ok()?;
    if content_type.is(message.raw(), b"application", b"sdp") {
        return Some(body);
    }
    if !content_type
        .main
        .get(message.raw())
        .eq_ignore_ascii_case(b"multipart")
    {
        return None;
    }
    let boundary = content_type.params.value(message.raw(), b"boundary")?;
    if boundary.is_empty() {
        return None;
    }
    let delimiter = [b"--", boundary].concat();
    let text = message.body();
    let mut starts = memmem::find_iter(text, &delimiter)
        .filter(|at| *at == 0 || text[at - 1] == b'\n')
        .peekable();
    while let Some(at) = starts.next() {
        let start = at + delimiter.len();
        let end = starts.peek().copied().unwrap_or(text.len());
        if let Some(part) = sdp_part(text, start, end) {
            return Some(Span::of(
                body.start() + part.start(),
                body.start() + part.end(),
            ));
        }
    }
    None
}

/// The content of the part whose delimiter ends at `start`, if it is SDP.
fn sdp_part(text: &[u8], start: usize, end: usize) -> Option<Span> {
    let part = text.get(start..end)?;
    let head = memmem::find(part, b"\r\n\r\n")?;
    let is_sdp = part[..head].split(|c| *c == b'\n').any(|line| {
        let mut halves = line.splitn(2, |c| *c == b':');
        let name = trim(halves.next().unwrap_or_default());
        let value = trim(halves.next().unwrap_or_default());
        let word = value
            .split(|c| is_space(*c) || *c == b';')
            .next()
            .unwrap_or_default();
        HeaderKind::from_name(name) == HeaderKind::ContentType
            && word.eq_ignore_ascii_case(b"application/sdp")
    });
    // The line end before the next delimiter belongs to the delimiter.
    let content = &part[head + 4..];
    let content_end = content.strip_suffix(b"\r\n").unwrap_or(content).len();
    is_sdp.then(|| Span::of(start + head + 4, start + head + 4 + content_end))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Tolerance;

    fn found(content_type: &str, body: &str) -> Option<String> {
        let text = format!("INVITE sip:x SIP/2.0\r\nContent-Type: {content_type}\r\n\r\n{body}");
        let message = Message::parse(Bytes::from(text), &Tolerance::KAMAILIO).unwrap();
        find(&message).map(|s| String::from_utf8(message.text(s).to_vec()).unwrap())
    }

    #[test]
    fn alone_and_in_parts() {
        assert_eq!(
            found("application/sdp", "v=0\r\n").as_deref(),
            Some("v=0\r\n")
        );
        assert_eq!(found("text/plain", "v=0\r\n"), None);
        assert_eq!(found("application/sdp", ""), None);
        let body = "--b1\r\nContent-Type: text/plain\r\n\r\n--b1 inside?\r\n--b1\r\nc: Application/SDP; x=y\r\n\r\nv=0\r\ns=-\r\n\r\n--b1--\r\n";
        assert_eq!(
            found("multipart/mixed;boundary=b1", body).as_deref(),
            Some("v=0\r\ns=-\r\n")
        );
        assert_eq!(found("multipart/mixed;boundary=\"\"", body), None);
        assert_eq!(found("multipart/mixed;boundary=b2", body), None);
    }
}
