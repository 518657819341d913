//! The one pass over a new message.

use bytes::Bytes;
use memchr::{memchr, memchr2};
use smallvec::SmallVec;

use super::{Message, StartLine, Typed};
use crate::chars::{decimal, find_colon, is_space, is_token, trim_end, trim_start};
use crate::header::{Header, HeaderKind};
use crate::{Method, Span, Tolerance};

/// Why a buffer is not a message at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseError {
    /// Nothing, or nothing but line ends.
    #[error("empty message")]
    Empty,
    /// The first line is no request line and no status line.
    #[error("bad first line")]
    StartLine,
    /// The protocol is not SIP/2.0.
    #[error("unsupported protocol version")]
    Version,
    /// The headers do not end, or a line does not end as it must.
    #[error("message ends within its headers")]
    Truncated,
    /// More than [`Message::MAX_HEADERS`] headers, or a buffer of 2 GiB or more.
    #[error("message too large")]
    TooLarge,
}

impl Message {
    /// Most headers a message may have.
    pub const MAX_HEADERS: usize = 4096;

    /// Finds the start line, the boundaries and kinds of all headers, and the body.
    pub fn parse(buf: Bytes, tolerance: &Tolerance) -> Result<Message, ParseError> {
        if buf.len() > i32::MAX as usize {
            return Err(ParseError::TooLarge);
        }
        let mut start = 0;
        if tolerance.leading_blank_lines {
            while matches!(buf.get(start), Some(b'\r' | b'\n' | b' ' | b'\t' | 0)) {
                start += 1;
            }
        }
        if start == buf.len() {
            return Err(ParseError::Empty);
        }
        let (content_end, line_end) = line(&buf, start, tolerance)?;
        let start_line = start_line(&buf, start, content_end)?;
        let mut message = Message {
            start_line,
            start_span: Span::of(start, line_end),
            headers: SmallVec::new(),
            kinds: 0,
            suspect: None,
            headers_end: 0,
            body: Span::default(),
            typed: Typed::default(),
            buf: Bytes::new(),
        };
        message.scan_headers(&buf, line_end, tolerance)?;
        message.buf = buf;
        Ok(message)
    }

    /// Walks the headers from `pos` to the blank line.
    fn scan_headers(
        &mut self,
        buf: &[u8],
        mut pos: usize,
        tolerance: &Tolerance,
    ) -> Result<(), ParseError> {
        loop {
            let rest = buf.get(pos..).unwrap_or_default();
            let blank = match rest {
                [b'\r', b'\n', ..] => Some(2),
                [b'\n', ..] if tolerance.bare_lf => Some(1),
                [] if tolerance.missing_blank_line => Some(0),
                [] => return Err(ParseError::Truncated),
                _ => None,
            };
            if let Some(blank) = blank {
                self.headers_end = pos as u32;
                self.body = Span::of(pos + blank, buf.len());
                return Ok(());
            }
            if self.headers.len() >= Message::MAX_HEADERS {
                return Err(ParseError::TooLarge);
            }
            let (mut content_end, mut line_end) = line(buf, pos, tolerance)?;
            while tolerance.header_folding && matches!(buf.get(line_end), Some(b' ' | b'\t')) {
                (content_end, line_end) = line(buf, line_end, tolerance)?;
            }
            let header = header(buf, pos, content_end, line_end, tolerance);
            self.note(&header);
            self.headers.push(header);
            pos = line_end;
        }
    }
}

impl Message {
    /// Keeps book of the kinds seen, and of the first header that makes the message suspect.
    fn note(&mut self, header: &Header) {
        let bit = header.kind.bit();
        let seen_before = self.kinds & bit != 0;
        let bad =
            header.kind == HeaderKind::Malformed || (seen_before && header.kind.is_singleton());
        if bad && self.suspect.is_none() {
            self.suspect = Some(self.headers.len() as u16);
        }
        self.kinds |= bit;
    }
}

/// Where the line at `pos` ends, without and with its line end.
fn line(buf: &[u8], pos: usize, tolerance: &Tolerance) -> Result<(usize, usize), ParseError> {
    let mut from = pos;
    loop {
        let rest = buf.get(from..).unwrap_or_default();
        let Some(lf) = memchr(b'\n', rest) else {
            return if tolerance.missing_blank_line {
                Ok((buf.len(), buf.len()))
            } else {
                Err(ParseError::Truncated)
            };
        };
        let lf = from + lf;
        if lf > pos && buf[lf - 1] == b'\r' {
            return Ok((lf - 1, lf + 1));
        }
        if tolerance.bare_lf {
            return Ok((lf, lf + 1));
        }
        from = lf + 1;
    }
}

/// Splits the start line in `buf[start..end]`.
fn start_line(buf: &[u8], start: usize, end: usize) -> Result<StartLine, ParseError> {
    let text = buf.get(start..end).unwrap_or_default();
    let first_end = start + memchr(b' ', text).ok_or(ParseError::StartLine)?;
    let first = Span::of(start, first_end);
    let rest = Span::of(first_end + 1, end);
    if first
        .get(buf)
        .get(..4)
        .is_some_and(|t| t.eq_ignore_ascii_case(b"SIP/"))
    {
        return status_line(buf, first, rest);
    }
    // Kamailio looks at no character of the method, but allows a single space behind it.
    let method_span = first;
    if method_span.is_empty() || rest.get(buf).first().is_none_or(|c| is_space(*c)) {
        return Err(ParseError::StartLine);
    }
    let (uri, version) = uri_and_version(buf, rest).ok_or(ParseError::StartLine)?;
    let is_http = |text: &[u8]| text.starts_with(b"HTTP/1.") || text == b"HTTP/0.9";
    if !is_sip2(version.get(buf)) && !is_http(version.get(buf)) {
        return Err(ParseError::Version);
    }
    let method = Method::from_text(method_span.get(buf));
    Ok(StartLine::Request {
        method,
        method_span,
        uri,
        version,
    })
}

/// Splits what follows the method. White space may stand around both parts, not in them.
fn uri_and_version(buf: &[u8], rest: Span) -> Option<(Span, Span)> {
    let rest = rest.trim(buf);
    let split = memchr2(b' ', b'\t', rest.get(buf))?;
    let uri = Span::of(rest.start(), rest.start() + split);
    let version = Span::of(uri.end(), rest.end()).trim(buf);
    let whole = memchr2(b' ', b'\t', version.get(buf)).is_none();
    whole.then_some((uri, version))
}

/// Splits what follows `SIP/2.0 ` in a status line.
fn status_line(buf: &[u8], version: Span, rest: Span) -> Result<StartLine, ParseError> {
    if !is_sip2(version.get(buf)) {
        return Err(ParseError::Version);
    }
    // One space before the status and one behind it, even without a reason: as Kamailio wants it.
    let status_span = Span::of(rest.start(), rest.start() + 3.min(rest.len as usize));
    let reason = Span::of(status_span.end(), rest.end());
    let status = decimal(status_span.get(buf))
        .filter(|status| (100..=999).contains(status))
        .ok_or(ParseError::StartLine)?;
    if reason.get(buf).first() != Some(&b' ') {
        return Err(ParseError::StartLine);
    }
    let reason = reason.trim(buf);
    Ok(StartLine::Reply {
        status: status as u16,
        status_span,
        reason,
        version,
    })
}

fn is_sip2(version: &[u8]) -> bool {
    // What follows is not looked at: Kamailio takes `SIP/2.0x`.
    version
        .get(..7)
        .is_some_and(|v| v.eq_ignore_ascii_case(b"SIP/2.0"))
}

/// Splits one header, `buf[start..content_end]`, into name and value.
fn header(
    buf: &[u8],
    start: usize,
    content_end: usize,
    line_end: usize,
    tolerance: &Tolerance,
) -> Header {
    let whole = Span::of(start, line_end);
    let line = buf.get(start..content_end).unwrap_or_default();
    if let Some(colon) = find_colon(line)
        && let Some((name, value)) = line.split_at_checked(colon)
        // A last line without a line end is as bad as one without a colon.
        && content_end < line_end
    {
        let name = trim_name(name, tolerance);
        let kind = HeaderKind::from_name(name);
        // The names that have a kind are tokens; any other has to be looked at.
        if kind != HeaderKind::Other || (!name.is_empty() && name.iter().all(|c| is_token(*c))) {
            let tail = trim_start(value.get(1..).unwrap_or_default());
            let value_start = content_end - tail.len();
            let value_end = value_start + trim_end(tail).len();
            return Header {
                kind,
                name: Span::of(start, start + name.len()),
                value: Span::of(value_start, value_end),
                whole,
            };
        }
    }
    let value = Span::of(start, content_end);
    Header {
        kind: HeaderKind::Malformed,
        name: Span::of(start, start),
        value,
        whole,
    }
}

/// The name without white space before the colon, if that is forgiven.
fn trim_name<'b>(mut name: &'b [u8], tolerance: &Tolerance) -> &'b [u8] {
    while let [rest @ .., b' ' | b'\t'] = name {
        if !tolerance.space_before_colon {
            break;
        }
        name = rest;
    }
    name
}
