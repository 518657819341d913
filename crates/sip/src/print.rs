//! Writing messages: all edits applied in one pass into a reused buffer.

use bytes::Bytes;

use crate::edit::{self, Edits};
use crate::{HeaderKind, Message, Span};

/// What replaces the start line, or a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartLineOverride<'a> {
    /// A new request URI.
    RequestUri(&'a [u8]),
    /// A whole new line, without its line end.
    Line(&'a [u8]),
}

/// Appends `message` to `out`, with a new start line if given and all edits applied.
///
/// Leading blank lines of the received buffer are not repeated. Templates come to nothing; see
/// [`write_message_expanding`].
pub fn write_message(
    out: &mut Vec<u8>,
    message: &Message,
    start_line: Option<StartLineOverride<'_>>,
    edits: &[&Edits],
) {
    write_message_expanding(out, message, start_line, edits, &mut |_, _| {});
}

/// As [`write_message`]; `expand` appends what a template ([`crate::Edit::TEMPLATE`]) comes to.
pub fn write_message_expanding(
    out: &mut Vec<u8>,
    message: &Message,
    start_line: Option<StartLineOverride<'_>>,
    edits: &[&Edits],
    expand: &mut dyn FnMut(&mut Vec<u8>, &[u8]),
) {
    let raw = message.raw();
    let line = message.start_line_span();
    out.reserve(raw.len() + 512);
    let rest = match start_line {
        None => line.start(),
        Some(StartLineOverride::RequestUri(uri)) => {
            let old = message.request_uri_span();
            if old.is_empty() {
                line.start()
            } else {
                out.extend_from_slice(Span::of(line.start(), old.start()).get(raw));
                out.extend_from_slice(uri);
                old.end()
            }
        }
        Some(StartLineOverride::Line(text)) => {
            out.extend_from_slice(text);
            out.extend_from_slice(b"\r\n");
            line.end()
        }
    };
    let source = raw.get(rest..).unwrap_or_default();
    edit::apply_expanding(out, source, rest, edits, expand);
}

/// The edit that makes Content-Length agree with the body as `edits` leave it, if one is needed.
///
/// As Kamailio does: for a stream transport (`for_stream`) a wrong number is corrected and a
/// missing header is added behind all others; for a datagram the number is corrected only if
/// the body was edited. A header that `edits` touch is left to them.
pub fn fix_content_length(message: &Message, edits: &[&Edits], for_stream: bool) -> Option<Edits> {
    let body = message.body_span();
    let touches_body = |e: &edit::Edit| e.at as usize >= body.start() || e.end() > body.start();
    let body_edited = edits.iter().flat_map(|set| set.iter()).any(touches_body);
    if !for_stream && !body_edited {
        return None;
    }
    let len = edit::edited_len(body.start(), message.raw().len(), edits);
    let mut number = Vec::with_capacity(8);
    let mut fix = Edits::new();
    match message.first(HeaderKind::ContentLength) {
        Some(header) => {
            let whole = header.whole;
            let touched = edits
                .iter()
                .flat_map(|set| set.iter())
                .any(|e| e.delete > 0 && (e.at as usize) < whole.end() && e.end() > whole.start());
            let says = message.content_length().and_then(Result::ok);
            if touched || says.is_some_and(|n| n as usize == len) {
                return None;
            }
            decimal(&mut number, len as u64);
            fix.replace(header.raw_value(message.raw()), Bytes::from(number));
        }
        None if for_stream => {
            number.extend_from_slice(b"Content-Length: ");
            decimal(&mut number, len as u64);
            number.extend_from_slice(b"\r\n");
            fix.insert_after(message.headers_end(), Bytes::from(number));
        }
        None => return None,
    }
    Some(fix)
}

/// The parts of a Via header that a server adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ViaLine<'a> {
    /// `UDP`, `TCP`, `TLS`, `SCTP`, `WS`, `WSS`.
    pub transport: &'a [u8],
    /// Host as advertised; an IPv6 address with its brackets.
    pub host: &'a [u8],
    /// Port; left out if `None`.
    pub port: Option<u16>,
    /// The branch.
    pub branch: &'a [u8],
    /// Further parameters, each with its leading `;`.
    pub params: &'a [u8],
}

/// Appends a Via header with its line end.
pub fn via_line(out: &mut Vec<u8>, via: &ViaLine<'_>) {
    out.extend_from_slice(b"Via: SIP/2.0/");
    out.extend_from_slice(via.transport);
    out.push(b' ');
    out.extend_from_slice(via.host);
    if let Some(port) = via.port {
        out.push(b':');
        decimal(out, u64::from(port));
    }
    out.extend_from_slice(b";branch=");
    out.extend_from_slice(via.branch);
    out.extend_from_slice(via.params);
    out.extend_from_slice(b"\r\n");
}

/// Appends `number` in decimal.
pub fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tolerance;

    const TEXT: &str = "\r\nOPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nX: y\r\n\r\nbody";

    fn message() -> Message {
        Message::parse(Bytes::from_static(TEXT.as_bytes()), &Tolerance::KAMAILIO).unwrap()
    }

    fn printed(start_line: Option<StartLineOverride<'_>>, edits: &[&Edits]) -> String {
        let mut out = Vec::new();
        write_message(&mut out, &message(), start_line, edits);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn unchanged_and_overridden() {
        assert_eq!(printed(None, &[]), TEXT[2..]);
        let uri = printed(Some(StartLineOverride::RequestUri(b"sip:new")), &[]);
        assert_eq!(uri, TEXT[2..].replace("sip:a@b", "sip:new"));
        let line = printed(Some(StartLineOverride::Line(b"X")), &[]);
        assert_eq!(line, TEXT[2..].replace("OPTIONS sip:a@b SIP/2.0", "X"));
    }

    #[test]
    fn edited() {
        let message = message();
        let mut via = Vec::new();
        via_line(
            &mut via,
            &ViaLine {
                transport: b"TCP",
                host: b"[::1]",
                port: Some(5060),
                branch: b"z9",
                params: b";i=1",
            },
        );
        let mut edits = Edits::new();
        edits.insert_before(message.headers_start(), Bytes::from(via));
        edits.insert_after(message.headers_end(), Bytes::from_static(b"Z: 1\r\n"));
        edits.delete(message.headers().get(1).unwrap().whole);
        assert_eq!(
            printed(None, &[&edits]),
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP [::1]:5060;branch=z9;i=1\r\nVia: SIP/2.0/UDP h\r\nZ: 1\r\n\r\nbody"
        );
    }

    /// Each was shown to Kamailio 5.6.3.
    #[test]
    fn content_length() {
        let fixed = |header: &str, edit_body: bool, for_stream: bool| {
            let text = format!("OPTIONS sip:a@b SIP/2.0\r\n{header}X: y\r\n\r\nv=0\r\n");
            let message = Message::parse(Bytes::from(text), &Tolerance::KAMAILIO).unwrap();
            let mut edits = Edits::new();
            edits.insert_after(message.headers_end(), Bytes::from_static(b"A: 1\r\n"));
            if edit_body {
                let at = message.body_span().start() + 3;
                edits.insert_after(at, Bytes::from_static(b"123"));
            }
            let fix = fix_content_length(&message, &[&edits], for_stream).unwrap_or_default();
            let mut out = Vec::new();
            write_message(&mut out, &message, None, &[&edits, &fix]);
            let out = String::from_utf8(out).unwrap();
            out.split("\r\n").skip(1).collect::<Vec<_>>().join("|")
        };
        assert_eq!(fixed("l:9\r\n", false, false), "l:9|X: y|A: 1||v=0|");
        assert_eq!(fixed("l:9\r\n", false, true), "l:5|X: y|A: 1||v=0|");
        assert_eq!(fixed("l: 5  \r\n", false, true), "l: 5  |X: y|A: 1||v=0|");
        assert_eq!(
            fixed("Content-Length  :   5  \r\n", true, false),
            "Content-Length  :   8|X: y|A: 1||v=0123|"
        );
        assert_eq!(fixed("", true, false), "X: y|A: 1||v=0123|");
        assert_eq!(fixed("", false, true), "X: y|A: 1|Content-Length: 5||v=0|");
    }

    #[test]
    fn numbers() {
        let mut out = Vec::new();
        decimal(&mut out, 0);
        decimal(&mut out, u64::MAX);
        assert_eq!(out, b"018446744073709551615");
    }
}
