//! `Message`: one immutable buffer plus spans.

mod index;
mod parse;
mod slots;
#[cfg(test)]
mod tests;
mod typed;

use std::sync::OnceLock;

use bytes::Bytes;

pub use parse::ParseError;
pub use slots::{HeaderIter, Headers};
pub use typed::{Found, Vias};

use crate::header::{Header, HeaderKind};
use index::Index;
use typed::{Essentials, Typed};

use crate::{Method, Span};

/// A parsed SIP message. It never changes; changes by the script are [`crate::Edits`].
///
/// One pass finds the start line, the boundaries and kinds of the headers, and what is in those
/// that every server looks at (Via, From, To, CSeq). What is inside the others is parsed on first use
/// and kept. A malformed header hurts only who asks for it.
#[derive(Debug)]
pub struct Message {
    buf: Bytes,
    start_line: StartLine,
    /// Start line without leading blank lines, with its line end.
    start_span: Span,
    index: Index,
    headers_end: u32,
    body: Span,
    essentials: Essentials,
    /// Made when the first of its headers is asked for.
    typed: OnceLock<Box<Typed>>,
}

/// The start line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartLine {
    /// `METHOD uri SIP/2.0`
    Request {
        /// The method.
        method: Method,
        /// The method as written.
        method_span: Span,
        /// The request URI.
        uri: Span,
        /// `SIP/2.0`
        version: Span,
    },
    /// `SIP/2.0 status reason`
    Reply {
        /// The status code.
        status: u16,
        /// The status code as written.
        status_span: Span,
        /// The reason phrase; may be empty.
        reason: Span,
        /// `SIP/2.0`
        version: Span,
    },
}

impl Message {
    /// What stands for bytes that are no message: nothing in it but the buffer.
    #[must_use]
    pub fn opaque(buf: Bytes) -> Self {
        Self {
            buf,
            start_line: StartLine::Reply {
                status: 0,
                status_span: Span::default(),
                reason: Span::default(),
                version: Span::default(),
            },
            start_span: Span::default(),
            index: Index::default(),
            headers_end: 0,
            body: Span::default(),
            essentials: Essentials::default(),
            typed: OnceLock::new(),
        }
    }

    /// The whole buffer as received, leading blank lines included.
    pub fn raw(&self) -> &Bytes {
        &self.buf
    }

    /// The bytes under `span`, sharing the message's buffer.
    pub fn slice(&self, span: Span) -> Bytes {
        if span.end() <= self.buf.len() {
            self.buf.slice(span.start()..span.end())
        } else {
            Bytes::new()
        }
    }

    /// The bytes under `span`.
    pub fn text(&self, span: Span) -> &[u8] {
        span.get(&self.buf)
    }

    /// The start line's parts.
    pub fn start_line(&self) -> &StartLine {
        &self.start_line
    }

    /// The start line with its line end.
    pub fn start_line_span(&self) -> Span {
        self.start_span
    }

    /// Whether it is a request.
    pub fn is_request(&self) -> bool {
        matches!(self.start_line, StartLine::Request { .. })
    }

    /// Whether it is a reply.
    pub fn is_reply(&self) -> bool {
        !self.is_request()
    }

    /// The request's method; for a reply the one of its CSeq.
    pub fn method(&self) -> Method {
        match self.start_line {
            StartLine::Request { method, .. } => method,
            StartLine::Reply { .. } => match self.cseq() {
                Some(Ok(cseq)) => cseq.method,
                _ => Method::Other,
            },
        }
    }

    /// The method as written; for a reply the one of its CSeq, empty if that is unusable.
    pub fn method_text(&self) -> &[u8] {
        match self.start_line {
            StartLine::Request { method_span, .. } => self.text(method_span),
            StartLine::Reply { .. } => match self.cseq() {
                Some(Ok(cseq)) => self.text(cseq.method_span),
                _ => &[],
            },
        }
    }

    /// The request URI as received; empty in a reply.
    pub fn request_uri(&self) -> &[u8] {
        self.text(self.request_uri_span())
    }

    /// Where the request URI stands; empty in a reply.
    pub fn request_uri_span(&self) -> Span {
        match self.start_line {
            StartLine::Request { uri, .. } => uri,
            StartLine::Reply { .. } => Span::default(),
        }
    }

    /// The status code; `None` in a request.
    pub fn status(&self) -> Option<u16> {
        match self.start_line {
            StartLine::Request { .. } => None,
            StartLine::Reply { status, .. } => Some(status),
        }
    }

    /// The reason phrase; empty in a request.
    pub fn reason(&self) -> &[u8] {
        match self.start_line {
            StartLine::Request { .. } => &[],
            StartLine::Reply { reason, .. } => self.text(reason),
        }
    }

    /// The protocol version as written (`SIP/2.0`).
    pub fn version(&self) -> &[u8] {
        match self.start_line {
            StartLine::Request { version, .. } | StartLine::Reply { version, .. } => {
                self.text(version)
            }
        }
    }

    /// All headers in order.
    pub fn headers(&self) -> Headers<'_> {
        self.index.headers()
    }

    /// Whether a header of this kind stands in the message.
    pub fn has(&self, kind: HeaderKind) -> bool {
        self.index.has(kind)
    }

    /// The first header of this kind.
    pub fn first(&self, kind: HeaderKind) -> Option<Header> {
        self.index.first(kind)
    }

    /// The last header of this kind.
    pub fn last(&self, kind: HeaderKind) -> Option<Header> {
        self.all(kind).next_back()
    }

    /// All headers of this kind in order.
    pub fn all(&self, kind: HeaderKind) -> impl DoubleEndedIterator<Item = Header> + Clone {
        self.index.all(kind)
    }

    /// The first header called `name`, whatever its case, long or compact.
    pub fn find_name(&self, name: &[u8]) -> Option<Header> {
        self.all_named(name).next()
    }

    /// All headers called `name`, whatever their case, long or compact.
    pub fn all_named(&self, name: &[u8]) -> impl DoubleEndedIterator<Item = Header> {
        let kind = HeaderKind::from_name(name);
        self.all(kind).filter(move |h| {
            kind != HeaderKind::Other || self.text(h.name).eq_ignore_ascii_case(name)
        })
    }

    /// The trimmed value of the first header of this kind.
    pub fn value(&self, kind: HeaderKind) -> Option<&[u8]> {
        self.first(kind).map(|h| self.text(h.value))
    }

    /// Offset of the blank line behind the headers: where a header is appended.
    pub fn headers_end(&self) -> usize {
        self.headers_end as usize
    }

    /// Offset of the first header: where a header is inserted at the top.
    pub fn headers_start(&self) -> usize {
        self.start_span.end()
    }

    /// Everything behind the blank line.
    pub fn body(&self) -> &[u8] {
        self.text(self.body)
    }

    /// Where the body stands.
    pub fn body_span(&self) -> Span {
        self.body
    }

    /// The first header that is none (no colon, bad name, no line end), or that repeats one
    /// which may stand only once.
    ///
    /// Kamailio stops there whenever it needs all headers: it sends no reply, creates no
    /// transaction, and does not see the headers behind.
    pub fn suspect_header(&self) -> Option<Header> {
        self.index.suspect()
    }
}
