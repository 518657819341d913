//! Writing messages: all edits applied in one pass into a reused buffer.

use crate::edit::{self, Edits};
use crate::{Message, Span};

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
/// Leading blank lines of the received buffer are not repeated.
pub fn write_message(
    out: &mut Vec<u8>,
    message: &Message,
    start_line: Option<StartLineOverride<'_>>,
    edits: &[&Edits],
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
    edit::apply(out, raw.get(rest..).unwrap_or_default(), rest, edits);
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
    use bytes::Bytes;

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
        edits.delete(message.headers()[1].whole);
        assert_eq!(
            printed(None, &[&edits]),
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP [::1]:5060;branch=z9;i=1\r\nVia: SIP/2.0/UDP h\r\nZ: 1\r\n\r\nbody"
        );
    }

    #[test]
    fn numbers() {
        let mut out = Vec::new();
        decimal(&mut out, 0);
        decimal(&mut out, u64::MAX);
        assert_eq!(out, b"018446744073709551615");
    }
}
