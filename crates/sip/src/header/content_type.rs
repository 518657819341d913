//! `Content-Type` (RFC 3261 §20.15).

use super::params::{Params, Style};
use super::{HeaderError, Problem};
use crate::Span;
use crate::chars::{is_token, skip_space};

/// A media type with its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentType {
    /// `application` in `application/sdp`.
    pub main: Span,
    /// `sdp` in `application/sdp`.
    pub sub: Span,
    /// Parameters, such as `boundary`.
    pub params: Params,
}

impl ContentType {
    /// Parses the value under `span`.
    pub fn parse(buf: &[u8], span: Span) -> Result<ContentType, HeaderError> {
        let end = span.end().min(buf.len());
        let (main, pos) = token(buf, skip_space(buf, span.start(), end), end)?;
        let slash = skip_space(buf, pos, end);
        if buf.get(slash) != Some(&b'/') || slash >= end {
            return Err(HeaderError::at(Problem::MediaType, slash));
        }
        let (sub, pos) = token(buf, skip_space(buf, slash + 1, end), end)?;
        let (params, _) = Params::parse(buf, pos, end, Style::Lax)?;
        Ok(ContentType { main, sub, params })
    }

    /// Whether it is `main/sub` (any case).
    pub fn is(&self, buf: &[u8], main: &[u8], sub: &[u8]) -> bool {
        self.main.get(buf).eq_ignore_ascii_case(main) && self.sub.get(buf).eq_ignore_ascii_case(sub)
    }
}

fn token(buf: &[u8], start: usize, end: usize) -> Result<(Span, usize), HeaderError> {
    let mut pos = start;
    while pos < end && is_token(buf[pos]) {
        pos += 1;
    }
    if pos == start {
        return Err(HeaderError::at(Problem::MediaType, start));
    }
    Ok((Span::of(start, pos), pos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_boundary() {
        let text = b"multipart/mixed ; boundary=\"a b\"";
        let ct = ContentType::parse(text, Span::of(0, text.len())).unwrap();
        assert!(ct.is(text, b"Multipart", b"MIXED"));
        assert_eq!(ct.params.value(text, b"boundary"), Some(&b"a b"[..]));
        for bad in [&b""[..], b"application", b"application/", b"/sdp"] {
            assert!(ContentType::parse(bad, Span::of(0, bad.len())).is_err());
        }
    }
}
