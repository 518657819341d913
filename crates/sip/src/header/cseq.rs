//! `CSeq` (RFC 3261 §20.16).

use super::{HeaderError, Problem};
use crate::chars::{decimal, skip_space};
use crate::{Method, Span};

/// Sequence number and method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CSeq {
    /// The number.
    pub number: u32,
    /// The number as written.
    pub number_span: Span,
    /// The method.
    pub method: Method,
    /// The method as written.
    pub method_span: Span,
}

impl CSeq {
    /// Parses the value under `span`.
    pub fn parse(buf: &[u8], span: Span) -> Result<CSeq, HeaderError> {
        let end = span.end().min(buf.len());
        let start = skip_space(buf, span.start(), end);
        let mut number_end = start;
        while number_end < end && buf[number_end].is_ascii_digit() {
            number_end += 1;
        }
        let number_span = Span::of(start, number_end);
        let number =
            decimal(number_span.get(buf)).ok_or(HeaderError::at(Problem::Number, start))?;
        let method_span = Span::of(number_end, end).trim(buf);
        if method_span.is_empty() || method_span.start() == number_end {
            return Err(HeaderError::at(Problem::Method, number_end));
        }
        let method = Method::from_text(method_span.get(buf));
        Ok(CSeq {
            number,
            number_span,
            method,
            method_span,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_method() {
        let text = b" 4711   INVITE ";
        let cseq = CSeq::parse(text, Span::of(0, text.len())).unwrap();
        assert_eq!((cseq.number, cseq.method), (4711, Method::Invite));
        for bad in [&b"INVITE"[..], b"1", b"", b"99999999999 INVITE", b"1INVITE"] {
            assert!(CSeq::parse(bad, Span::of(0, bad.len())).is_err());
        }
    }
}
