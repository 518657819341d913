//! Cutting a byte stream (TCP, TLS) into messages.
//!
//! The end of a message is known from its Content-Length alone (RFC 3261 §18.3). A [`Framer`]
//! remembers how far it has looked, so that the work is linear in the bytes received however
//! they are split.

use memchr::memchr;

use crate::Span;
use crate::chars::{decimal, is_space, trim};

/// What stands at the front of the stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frame {
    /// Not enough bytes to tell, or an unfinished message.
    NeedMore,
    /// A message of this many bytes.
    Message(usize),
    /// Line ends between messages: take them away.
    Skip {
        /// How many bytes.
        len: usize,
        /// They are a keep-alive ping (double CRLF, RFC 5626 §4.4.1), to be answered with CRLF.
        ping: bool,
    },
    /// The stream cannot be cut any further: close the connection.
    Error(FrameError),
}

/// Why a stream cannot be cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// The headers ended without a Content-Length.
    #[error("no Content-Length")]
    NoContentLength,
    /// The Content-Length is no number, or several disagree.
    #[error("bad Content-Length")]
    BadContentLength,
    /// The message exceeds the limit.
    #[error("message too large")]
    TooLarge,
}

/// The state of one stream between reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Framer {
    /// Start of the first line that was not looked at yet, counted from the message's start.
    line: usize,
    /// Bytes from `line` on that hold no line end.
    searched: usize,
    /// Content-Length, once seen.
    content_length: Option<usize>,
    /// Length of start line and headers with the blank line, once complete.
    head: Option<usize>,
}

/// Looks at the front of `buf` without remembering anything; see [`Framer::next`].
pub fn frame(buf: &[u8], accept_no_content_length: bool, max: usize) -> Frame {
    Framer::default().next(buf, accept_no_content_length, max)
}

impl Framer {
    /// Says what stands at the front of `buf`.
    ///
    /// `buf` must start where it started in the call before, or, after `Message` and `Skip`,
    /// behind the bytes that these named. A message without Content-Length ends behind its
    /// headers if `accept_no_content_length` (Kamailio's `tcp_accept_no_cl`) is set.
    pub fn next(&mut self, buf: &[u8], accept_no_content_length: bool, max: usize) -> Frame {
        if self.line == 0 && self.head.is_none() {
            match buf {
                [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return Frame::NeedMore,
                [b'\r', b'\n', b'\r', b'\n', ..] => return Frame::Skip { len: 4, ping: true },
                [b'\r', b'\n', ..] => {
                    return Frame::Skip {
                        len: 2,
                        ping: false,
                    };
                }
                [b'\r' | b'\n', ..] => {
                    return Frame::Skip {
                        len: 1,
                        ping: false,
                    };
                }
                _ => {}
            }
        }
        match self.find_end(buf, accept_no_content_length, max) {
            Ok(Some(end)) => {
                *self = Framer::default();
                Frame::Message(end)
            }
            Ok(None) => Frame::NeedMore,
            Err(error) => Frame::Error(error),
        }
    }

    /// Where the message ends, if `buf` holds it all.
    fn find_end(
        &mut self,
        buf: &[u8],
        accept_no_content_length: bool,
        max: usize,
    ) -> Result<Option<usize>, FrameError> {
        if self.head.is_none() {
            self.scan_head(buf)?;
        }
        let Some(head) = self.head else {
            return if buf.len() > max {
                Err(FrameError::TooLarge)
            } else {
                Ok(None)
            };
        };
        let body = match self.content_length {
            Some(length) => length,
            None if accept_no_content_length => 0,
            None => return Err(FrameError::NoContentLength),
        };
        let end = head.saturating_add(body);
        if end > max {
            return Err(FrameError::TooLarge);
        }
        Ok((buf.len() >= end).then_some(end))
    }

    /// Walks complete header lines (with the folded lines that belong to them).
    fn scan_head(&mut self, buf: &[u8]) -> Result<(), FrameError> {
        loop {
            let from = self.line + self.searched;
            let rest = buf.get(from..).unwrap_or_default();
            let Some(lf) = memchr(b'\n', rest) else {
                self.searched += rest.len();
                return Ok(());
            };
            let line_end = from + lf + 1;
            let line = Span::of(self.line, line_end).get(buf);
            if self.line > 0 && matches!(line, b"\r\n" | b"\n") {
                self.head = Some(line_end);
                return Ok(());
            }
            // Whether a folded line follows is known from the next byte only.
            match buf.get(line_end) {
                None => {
                    self.searched = from + lf - self.line;
                    return Ok(());
                }
                Some(b' ' | b'\t') => self.searched = line_end - self.line,
                Some(_) => {
                    if self.line > 0 {
                        self.note_content_length(line)?;
                    }
                    self.line = line_end;
                    self.searched = 0;
                }
            }
        }
    }

    /// Takes the number if `line` is a Content-Length header.
    fn note_content_length(&mut self, line: &[u8]) -> Result<(), FrameError> {
        if !matches!(line.first(), Some(b'C' | b'c' | b'L' | b'l')) {
            return Ok(());
        }
        let Some(colon) = memchr(b':', line) else {
            return Ok(());
        };
        let name = trim(&line[..colon]);
        if !name.eq_ignore_ascii_case(b"Content-Length") && !name.eq_ignore_ascii_case(b"l") {
            return Ok(());
        }
        let value = trim(&line[colon + 1..]);
        let digits = value.split(|c| is_space(*c)).next().unwrap_or_default();
        let length = decimal(digits).ok_or(FrameError::BadContentLength)? as usize;
        if digits.len() != value.len() || self.content_length.is_some_and(|seen| seen != length) {
            return Err(FrameError::BadContentLength);
        }
        self.content_length = Some(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] =
        b"OPTIONS sip:x SIP/2.0\r\nVia: a\r\ncontent-length :\r\n 5\r\n\r\nhello";

    #[test]
    fn whole_messages() {
        assert_eq!(frame(MESSAGE, false, 1000), Frame::Message(MESSAGE.len()));
        assert_eq!(
            frame(b"A b C\nl: 0\n\nmore", false, 1000),
            Frame::Message(12)
        );
        assert_eq!(
            frame(b"A b C\r\nX: y\r\n\r\nmore", true, 1000),
            Frame::Message(15)
        );
    }

    #[test]
    fn every_prefix_needs_more() {
        let mut framer = Framer::default();
        for len in 0..MESSAGE.len() {
            assert_eq!(
                frame(&MESSAGE[..len], false, 1000),
                Frame::NeedMore,
                "{len}"
            );
            assert_eq!(
                framer.next(&MESSAGE[..len], false, 1000),
                Frame::NeedMore,
                "{len}"
            );
        }
        assert_eq!(
            framer.next(MESSAGE, false, 1000),
            Frame::Message(MESSAGE.len())
        );
        assert_eq!(framer, Framer::default());
    }

    #[test]
    fn keep_alives() {
        assert_eq!(
            frame(b"\r\n\r\n", false, 10),
            Frame::Skip { len: 4, ping: true }
        );
        assert_eq!(
            frame(b"\r\nX", false, 10),
            Frame::Skip {
                len: 2,
                ping: false
            }
        );
        assert_eq!(
            frame(b"\n\n", false, 10),
            Frame::Skip {
                len: 1,
                ping: false
            }
        );
        for part in [&b"\r"[..], b"\r\n", b"\r\n\r", b""] {
            assert_eq!(frame(part, false, 10), Frame::NeedMore);
        }
    }

    #[test]
    fn errors() {
        let error = |text: &[u8], max| match frame(text, false, max) {
            Frame::Error(error) => Some(error),
            _ => None,
        };
        assert_eq!(
            error(b"A b C\r\nX: y\r\n\r\n", 100),
            Some(FrameError::NoContentLength)
        );
        for bad in ["x", "-1", "5 5", "99999999999", ""] {
            let text = format!("A b C\r\nl: {bad}\r\n\r\n");
            assert_eq!(
                error(text.as_bytes(), 100),
                Some(FrameError::BadContentLength),
                "{bad}"
            );
        }
        assert_eq!(
            error(b"A\r\nl: 1\r\nContent-Length: 2\r\n\r\n", 100),
            Some(FrameError::BadContentLength)
        );
        assert_eq!(
            error(MESSAGE, MESSAGE.len() - 1),
            Some(FrameError::TooLarge)
        );
        assert_eq!(error(&[b'x'; 101], 100), Some(FrameError::TooLarge));
        assert_eq!(
            error(b"Content-Length: 9 SIP/2.0\r\nl: 0\r\n\r\n", 100),
            None
        );
    }
}
