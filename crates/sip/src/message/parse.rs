//! The one pass over a new message.

use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr2;

use super::index::Index;
use super::slots::{Slot, Slots};
use super::{Message, StartLine};
use crate::chars::{decimal, is_space, is_token, trim_end, trim_start};
use crate::folded::FoldedName;
use crate::header::HeaderKind;
use crate::scan::{self, LineFeeds};
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
        let mut message = Message::opaque(buf);
        message.read(tolerance).map(|()| message)
    }

    /// As [`Message::parse`], of a message that is shared from then on: it is made where it stays.
    /// What is no message comes back as it was, with the reason.
    pub fn parse_shared(
        buf: Bytes,
        tolerance: &Tolerance,
    ) -> Result<Arc<Message>, (ParseError, Bytes)> {
        if buf.len() > i32::MAX as usize {
            return Err((ParseError::TooLarge, buf));
        }
        let mut message = Arc::new(Message::opaque(buf));
        // Nobody else has it yet.
        let read = match Arc::get_mut(&mut message) {
            Some(new) => new.read(tolerance),
            None => Ok(()),
        };
        match read {
            Ok(()) => Ok(message),
            Err(error) => Err((error, message.buf.clone())),
        }
    }

    /// Fills the parts from the buffer.
    fn read(&mut self, tolerance: &Tolerance) -> Result<(), ParseError> {
        let buf: &[u8] = &self.buf;
        let mut start = 0;
        if tolerance.leading_blank_lines {
            while matches!(buf.get(start), Some(b'\r' | b'\n' | b' ' | b'\t' | 0)) {
                start += 1;
            }
        }
        if start == buf.len() {
            return Err(ParseError::Empty);
        }
        let mut lines = Lines {
            feeds: LineFeeds::new(buf, start),
            tolerance,
        };
        let (content_end, line_end) = lines.next(buf, start)?;
        self.index.repeats = tolerance.repeats;
        self.start_line = start_line(buf, start, content_end, tolerance)?;
        self.start_span = Span::of(start, line_end);
        let headers_end = scan_headers(&mut self.index, buf, line_end, &mut lines)?;
        self.headers_end = headers_end.start;
        self.body = Span::of(headers_end.end(), buf.len());
        self.essentials.parse(buf, &self.index);
        Ok(())
    }
}

/// Walks the headers from `pos` to the blank line behind them, which it returns.
fn scan_headers(
    index: &mut Index,
    buf: &[u8],
    mut pos: usize,
    lines: &mut Lines<'_>,
) -> Result<Span, ParseError> {
    loop {
        let (mut content_end, mut line_end) = lines.next(buf, pos)?;
        if content_end == pos {
            return Ok(Span::of(pos, line_end));
        }
        if index.len() >= Message::MAX_HEADERS {
            return Err(ParseError::TooLarge);
        }
        while matches!(buf.get(line_end), Some(b' ' | b'\t')) && lines.tolerance.header_folding {
            (content_end, line_end) = lines.next(buf, line_end)?;
        }
        if let Some(slot) = plain_header(buf, pos, content_end, line_end) {
            index.push(slot);
        } else {
            index.push(header(buf, pos, content_end, line_end, lines.tolerance));
        }
        pos = line_end;
    }
}

/// The lines of a message.
struct Lines<'b> {
    feeds: LineFeeds<'b>,
    tolerance: &'b Tolerance,
}

impl Lines<'_> {
    /// Where the line at `pos` ends, without and with its line end. It must be the next line.
    #[inline(always)]
    fn next(&mut self, buf: &[u8], pos: usize) -> Result<(usize, usize), ParseError> {
        match self.feeds.next() {
            Some(lf) if lf > pos && buf[lf - 1] == b'\r' => Ok((lf - 1, lf + 1)),
            other => self.odd(other, buf, pos),
        }
    }

    /// As [`Lines::next`], if the next line feed has no CR before it, or there is none.
    #[cold]
    fn odd(
        &mut self,
        mut feed: Option<usize>,
        buf: &[u8],
        pos: usize,
    ) -> Result<(usize, usize), ParseError> {
        while let Some(lf) = feed {
            if lf > pos && buf[lf - 1] == b'\r' {
                return Ok((lf - 1, lf + 1));
            }
            if self.tolerance.bare_lf && lf >= pos {
                return Ok((lf, lf + 1));
            }
            feed = self.feeds.next();
        }
        if self.tolerance.missing_blank_line {
            Ok((buf.len(), buf.len()))
        } else {
            Err(ParseError::Truncated)
        }
    }
}

/// Splits the start line in `buf[start..end]`.
fn start_line(
    buf: &[u8],
    start: usize,
    end: usize,
    tolerance: &Tolerance,
) -> Result<StartLine, ParseError> {
    let first_end = scan::find(buf, start, end, [b' ']).ok_or(ParseError::StartLine)?;
    let first = Span::of(start, first_end);
    let rest = Span::of(first_end + 1, end);
    if first
        .get(buf)
        .first_chunk()
        .is_some_and(|t: &[u8; 4]| t.eq_ignore_ascii_case(b"SIP/"))
    {
        if !is_sip2(first.get(buf)) {
            return Err(ParseError::Version);
        }
        return status_line(buf, first, rest);
    }
    if tolerance.http_replies && first.get(buf).starts_with(b"HTTP/1.") {
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
    let text = buf.get(start..).unwrap_or_default();
    Ok(StartLine::Request {
        method: Method::of_prefix(text, method_span.len as usize),
        method_span,
        uri,
        version,
    })
}

/// Splits what follows the method. White space may stand around both parts, not in them.
fn uri_and_version(buf: &[u8], rest: Span) -> Option<(Span, Span)> {
    let split = scan::find(buf, rest.start(), rest.end(), [b' ', b'\t']);
    if let Some(split) = split
        && split > rest.start()
        && buf.get(split..rest.end()) == Some(b" SIP/2.0")
    {
        let version = Span::of(split + 1, rest.end());
        return Some((Span::of(rest.start(), split), version));
    }
    let rest = rest.trim(buf);
    let split = memchr2(b' ', b'\t', rest.get(buf))?;
    let uri = Span::of(rest.start(), rest.start() + split);
    let version = Span::of(uri.end(), rest.end()).trim(buf);
    let whole = memchr2(b' ', b'\t', version.get(buf)).is_none();
    whole.then_some((uri, version))
}

/// Splits what follows the version in a status line.
fn status_line(buf: &[u8], version: Span, rest: Span) -> Result<StartLine, ParseError> {
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
        .first_chunk()
        .is_some_and(|v: &[u8; 7]| v == b"SIP/2.0" || v.eq_ignore_ascii_case(b"SIP/2.0"))
}

/// A header as nearly everybody writes it: a name with a kind, a colon and a space behind it, no
/// other white space around the value, CR LF.
///
/// What it gives is what [`header`] would; anything else is left to that.
#[inline]
fn plain_header(buf: &[u8], start: usize, content_end: usize, line_end: usize) -> Option<Slot> {
    let rest = buf.get(start..content_end)?;
    let block = buf.get(start..)?.first_chunk()?;
    let name_len = scan::in_block(block, b':');
    let kind = HeaderKind::of_folded(&FoldedName::of_block(block, name_len), name_len);
    let (value_at, value_end) = (name_len + 2, rest.len());
    let spaced = *rest.get(name_len + 1)? == b' '
        && *rest.get(value_at)? > b' '
        && *rest.last()? > b' '
        && content_end + 2 == line_end;
    (spaced && kind != HeaderKind::Other).then_some(Slot {
        start: start as u32,
        value_len: (value_end - value_at) as u32,
        name_len: name_len as u16,
        value_at: value_at as u16,
        tail: 2,
        kind,
    })
}

/// Splits one header, `buf[start..content_end]`, into name and value.
#[cold]
fn header(
    buf: &[u8],
    start: usize,
    content_end: usize,
    line_end: usize,
    tolerance: &Tolerance,
) -> Slot {
    let rest = buf.get(start..).unwrap_or_default();
    let line = rest.get(..content_end - start).unwrap_or_default();
    // A last line without a line end is as bad as one without a colon.
    if content_end < line_end
        && let Some(colon) = scan::find(line, 0, line.len(), [b':'])
    {
        let mut name_len = colon;
        while tolerance.space_before_colon
            && name_len > 0
            && matches!(line[name_len - 1], b' ' | b'\t')
        {
            name_len -= 1;
        }
        let tail = trim_start(&line[colon + 1..]);
        let value_at = line.len() - tail.len();
        let value_len = trim_end(tail).len();
        let behind = line_end - start - value_at - value_len;
        let kind = HeaderKind::of_prefix(rest, name_len);
        // The names that have a kind are tokens; any other has to be looked at.
        if (kind != HeaderKind::Other || is_name(&line[..name_len], tolerance))
            && Slots::fits(name_len, value_at, behind)
        {
            return Slot {
                start: start as u32,
                value_len: value_len as u32,
                name_len: name_len as u16,
                value_at: value_at as u16,
                tail: behind as u16,
                kind,
            };
        }
    }
    Slot {
        start: start as u32,
        value_len: line.len() as u32,
        name_len: 0,
        value_at: 0,
        tail: (line_end - content_end) as u16,
        kind: HeaderKind::Malformed,
    }
}

fn is_name(text: &[u8], tolerance: &Tolerance) -> bool {
    let fits = |c: &u8| is_token(*c) || tolerance.name_chars.has(*c);
    !text.is_empty() && text.iter().all(fits)
}
