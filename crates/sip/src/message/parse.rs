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
        let (line, line_end) = lines.next(buf, start)?;
        let content_end = start + line.len();
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
        let (line, line_end) = lines.next(buf, pos)?;
        if line.is_empty() {
            return Ok(Span::of(pos, line_end));
        }
        match plain_header(buf, pos, line, line_end) {
            Some(slot) if !goes_on(buf, line_end) => {
                index.push(slot)?;
                pos = line_end;
            }
            _ => pos = odd_header(index, buf, pos, (line, line_end), lines)?,
        }
    }
}

/// Whether what stands behind a line end would, if headers may be folded, still be its header's.
#[inline]
fn goes_on(buf: &[u8], line_end: usize) -> bool {
    matches!(buf.get(line_end), Some(b' ' | b'\t'))
}

/// Adds a header of any shape, of which the first line is given; where it ends.
#[cold]
fn odd_header(
    index: &mut Index,
    buf: &[u8],
    start: usize,
    (line, mut line_end): (&[u8], usize),
    lines: &mut Lines<'_>,
) -> Result<usize, ParseError> {
    let mut content_end = start + line.len();
    while goes_on(buf, line_end) && lines.tolerance.header_folding {
        let (line, behind) = lines.next(buf, line_end)?;
        content_end = line_end + line.len();
        line_end = behind;
    }
    index.push(header(buf, start, content_end, line_end, lines.tolerance))?;
    Ok(line_end)
}

/// The lines of a message.
struct Lines<'b> {
    feeds: LineFeeds<'b>,
    tolerance: &'b Tolerance,
}

impl Lines<'_> {
    /// The line at `pos` without its line end, and where that ends. It must be the next line.
    #[inline(always)]
    fn next<'b>(&mut self, buf: &'b [u8], pos: usize) -> Result<(&'b [u8], usize), ParseError> {
        let feed = self.feeds.next();
        if let Some(lf) = feed
            && let Some([line @ .., b'\r']) = buf.get(pos..lf)
        {
            return Ok((line, lf + 1));
        }
        self.odd(feed, buf, pos)
    }

    /// As [`Lines::next`], if the next line feed has no CR before it, or there is none.
    #[cold]
    fn odd<'b>(
        &mut self,
        mut feed: Option<usize>,
        buf: &'b [u8],
        pos: usize,
    ) -> Result<(&'b [u8], usize), ParseError> {
        while let Some(lf) = feed {
            match buf.get(pos..lf) {
                Some([line @ .., b'\r']) => return Ok((line, lf + 1)),
                Some(line) if self.tolerance.bare_lf => return Ok((line, lf + 1)),
                _ => feed = self.feeds.next(),
            }
        }
        if self.tolerance.missing_blank_line {
            Ok((buf.get(pos..).unwrap_or_default(), buf.len()))
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
    let word = first.get(buf);
    if word
        .first_chunk()
        .is_some_and(|t: &[u8; 4]| t.eq_ignore_ascii_case(b"SIP/"))
    {
        if !is_sip2(word) {
            return Err(ParseError::Version);
        }
        return status_line(buf, first, rest);
    }
    if tolerance.http_replies && word.starts_with(b"HTTP/1.") {
        return status_line(buf, first, rest);
    }
    // Kamailio looks at no character of the method, but allows a single space behind it.
    let method_span = first;
    if method_span.is_empty() || rest.get(buf).first().is_none_or(|c| is_space(*c)) {
        return Err(ParseError::StartLine);
    }
    let (uri, version) = match plain_uri(buf, rest) {
        Some(plain) => plain,
        None => uri_and_version(buf, rest)?,
    };
    let text = buf.get(start..).unwrap_or_default();
    Ok(StartLine::Request {
        method: Method::of_prefix(text, method_span.len as usize),
        method_span,
        uri,
        version,
    })
}

/// Splits what follows the method as nearly everybody writes it: two single spaces, `SIP/2.0`.
///
/// What it gives is what [`uri_and_version`] would.
#[inline]
fn plain_uri(buf: &[u8], rest: Span) -> Option<(Span, Span)> {
    let split = scan::find(buf, rest.start(), rest.end(), [b' ', b'\t'])?;
    let is_plain = split > rest.start() && buf.get(split..rest.end()) == Some(b" SIP/2.0");
    let uri = Span::of(rest.start(), split);
    is_plain.then_some((uri, Span::of(split + 1, rest.end())))
}

/// Splits what follows the method. White space may stand around both parts, not in them.
fn uri_and_version(buf: &[u8], rest: Span) -> Result<(Span, Span), ParseError> {
    let rest = rest.trim(buf);
    let split = memchr2(b' ', b'\t', rest.get(buf)).ok_or(ParseError::StartLine)?;
    let uri = Span::of(rest.start(), rest.start() + split);
    let version = Span::of(uri.end(), rest.end()).trim(buf);
    let text = version.get(buf);
    if memchr2(b' ', b'\t', text).is_some() {
        return Err(ParseError::StartLine);
    }
    let is_http = text.starts_with(b"HTTP/1.") || text == b"HTTP/0.9";
    if is_sip2(text) || is_http {
        Ok((uri, version))
    } else {
        Err(ParseError::Version)
    }
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

/// A header of one line as nearly everybody writes it: a name with a kind, a colon and a space
/// behind it, no other white space around the value, CR LF.
///
/// What it gives is what [`header`] would; anything else is left to that.
#[inline]
fn plain_header(buf: &[u8], start: usize, line: &[u8], line_end: usize) -> Option<Slot> {
    let block = buf.get(start..)?.first_chunk()?;
    let name_len = scan::in_block(block, b':')?;
    let kind = HeaderKind::of_folded(&FoldedName::of_block(block, name_len), name_len);
    let value_at = name_len + 2;
    let (first, last) = (*line.get(value_at)?, *line.last()?);
    let is_plain = line[name_len + 1] == b' '
        && first > b' '
        && last > b' '
        && start + line.len() + 2 == line_end;
    (is_plain && kind != HeaderKind::Other).then_some(Slot {
        start: start as u32,
        value_len: (line.len() - value_at) as u32,
        name_len: name_len as u16,
        value_at: value_at as u16,
        tail: 2,
        kind,
    })
}

/// Splits one header, `buf[start..content_end]`, into name and value.
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
