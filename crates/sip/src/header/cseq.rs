//! `CSeq` (RFC 3261 §20.16).

use super::{HeaderError, Problem};
use crate::chars::{is_space, skip_space};
use crate::{Method, Span, scan};

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
        let (mut number, mut number_end) = (0, start);
        while number_end < end && buf[number_end].is_ascii_digit() {
            let digit = u64::from(buf[number_end] - b'0');
            number = u64::from(u32::MAX).min(number * 10 + digit);
            number_end += 1;
        }
        while number_end < end && !is_space(buf[number_end]) {
            number = 0;
            number_end += 1;
        }
        let (method, method_span) = match known_method(buf, number_end, end) {
            Some(known) => known,
            None => any_method(buf, number_end, end)?,
        };
        Ok(CSeq {
            number: number as u32,
            number_span: Span::of(start, number_end),
            method,
            method_span,
        })
    }
}

/// The method as nearly everybody writes it: behind a single space, up to `end`, and one with a name.
///
/// What it gives is what [`any_method`] would.
#[inline]
fn known_method(buf: &[u8], number_end: usize, end: usize) -> Option<(Method, Span)> {
    let (b' ', text) = buf.get(number_end..)?.split_first()? else {
        return None;
    };
    let start = number_end + 1;
    let method = Method::of_prefix(text, end.checked_sub(start)?);
    // No name has white space in it.
    (method != Method::Other).then_some((method, Span::of(start, end)))
}

/// The method with white space on both sides.
fn any_method(buf: &[u8], number_end: usize, end: usize) -> Result<(Method, Span), HeaderError> {
    let start = skip_space(buf, number_end, end);
    let method_end = scan::find(buf, start, end, *b" \t\r\n").unwrap_or(end);
    if method_end == start || skip_space(buf, method_end, end) != end {
        return Err(HeaderError::at(Problem::Method, number_end));
    }
    let text = buf.get(start..).unwrap_or_default();
    let method = Method::of_prefix(text, method_end - start);
    Ok((method, Span::of(start, method_end)))
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
