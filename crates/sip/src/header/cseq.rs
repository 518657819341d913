//! `CSeq` (RFC 3261 §20.16).

use super::{HeaderError, Problem};
use crate::chars::{decimal, is_space, skip_space};
use crate::{Method, Span};

/// Sequence number and method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CSeq {
    /// The number; `u32::MAX` if it is larger, 0 if it is none. Kamailio keeps it as text
    /// and does not mind.
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
        let text = Span::of(start, end).get(buf);
        let number_end = start + text.iter().position(|c| is_space(*c)).unwrap_or(text.len());
        let number_span = Span::of(start, number_end);
        let method_span = Span::of(number_end, end).trim(buf);
        if method_span.is_empty() || method_span.get(buf).iter().any(|c| is_space(*c)) {
            return Err(HeaderError::at(Problem::Method, number_end));
        }
        let digits = number_span.get(buf);
        let too_large = digits.iter().all(u8::is_ascii_digit);
        let number = decimal(digits).unwrap_or(if too_large { u32::MAX } else { 0 });
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
        let large = b"99999999999 INVITE";
        assert_eq!(
            CSeq::parse(large, Span::of(0, large.len())).unwrap().number,
            u32::MAX
        );
        for bad in [&b"INVITE"[..], b"1", b"", b"1 INVITE x", b"1INVITE"] {
            assert!(CSeq::parse(bad, Span::of(0, bad.len())).is_err());
        }
    }
}
