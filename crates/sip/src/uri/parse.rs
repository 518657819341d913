//! Splitting a URI into its parts.

use memchr::memchr;

use super::{Scheme, Uri};
use crate::Span;
use crate::chars::port;

/// Why a text is not a URI that we understand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UriError {
    /// Shorter than the shortest URI.
    #[error("URI too short")]
    TooShort,
    /// Not sip, sips, tel, tels or urn.
    #[error("unknown URI scheme")]
    Scheme,
    /// The host is missing or malformed.
    #[error("bad host in URI")]
    Host,
    /// The port is malformed or above 65535.
    #[error("bad port in URI")]
    Port,
}

impl Uri {
    /// Splits `text`, which holds the URI and nothing else.
    pub fn parse(text: &[u8]) -> Result<Uri, UriError> {
        if text.len() < 4 {
            return Err(UriError::TooShort);
        }
        let colon = memchr(b':', text.get(..5).unwrap_or(text)).ok_or(UriError::Scheme)?;
        let scheme = match &text[..colon] {
            s if s.eq_ignore_ascii_case(b"sip") => Scheme::Sip,
            s if s.eq_ignore_ascii_case(b"sips") => Scheme::Sips,
            s if s.eq_ignore_ascii_case(b"tel") => Scheme::Tel,
            s if s.eq_ignore_ascii_case(b"tels") => Scheme::Tels,
            s if s.eq_ignore_ascii_case(b"urn") => Scheme::Urn,
            _ => return Err(UriError::Scheme),
        };
        match scheme {
            Scheme::Sip | Scheme::Sips => Uri::parse_sip(text, scheme, colon + 1),
            Scheme::Tel | Scheme::Tels => Ok(Uri::parse_tel(text, scheme, colon + 1)),
            Scheme::Urn => Ok(Uri::parse_urn(text, colon + 1)),
        }
    }

    fn empty(scheme: Scheme, at: usize) -> Uri {
        let none = Span::of(at, at);
        Uri {
            scheme,
            user: none,
            password: none,
            host: none,
            port_span: none,
            port: None,
            params: none,
            headers: none,
            has_at: false,
        }
    }

    /// `user:password@host:port;params?headers`, from `start`.
    fn parse_sip(text: &[u8], scheme: Scheme, start: usize) -> Result<Uri, UriError> {
        let mut uri = Uri::empty(scheme, text.len());
        let mut pos = start;
        // An `@` behind `;` or `?` still ends the user part: those may stand in a user name.
        if let Some(at) = memchr(b'@', &text[start..]) {
            let at = start + at;
            uri.has_at = true;
            match memchr(b':', &text[start..at]) {
                Some(colon) => {
                    uri.user = Span::of(start, start + colon);
                    uri.password = Span::of(start + colon + 1, at);
                }
                None => uri.user = Span::of(start, at),
            }
            pos = at + 1;
        }
        let host_end = host_end(text, pos)?;
        uri.host = Span::of(pos, host_end);
        pos = host_end;
        if text.get(pos) == Some(&b':') {
            let end = text[pos + 1..]
                .iter()
                .position(|c| matches!(c, b';' | b'?'))
                .map_or(text.len(), |n| pos + 1 + n);
            uri.port_span = Span::of(pos + 1, end);
            if !uri.port_span.is_empty() {
                uri.port = Some(port(uri.port_span.get(text)).ok_or(UriError::Port)?);
            }
            pos = end;
        }
        if text.get(pos) == Some(&b';') {
            let end = memchr(b'?', &text[pos..]).map_or(text.len(), |n| pos + n);
            uri.params = Span::of(pos + 1, end);
            pos = end;
        }
        if text.get(pos) == Some(&b'?') {
            uri.headers = Span::of(pos + 1, text.len());
        }
        Ok(uri)
    }

    /// `number;params`, from `start`; the number stands as the user.
    fn parse_tel(text: &[u8], scheme: Scheme, start: usize) -> Uri {
        let mut uri = Uri::empty(scheme, text.len());
        let end = memchr(b';', &text[start..]).map_or(text.len(), |n| start + n);
        uri.user = Span::of(start, end);
        uri.params = Span::of((end + 1).min(text.len()), text.len());
        uri
    }

    /// `urn:service:sos`: `service` stands as the user and `sos` as the host.
    fn parse_urn(text: &[u8], start: usize) -> Uri {
        let mut uri = Uri::empty(Scheme::Urn, text.len());
        let end = memchr(b':', &text[start..]).map_or(text.len(), |n| start + n);
        uri.user = Span::of(start, end);
        uri.host = Span::of((end + 1).min(text.len()), text.len());
        uri
    }
}

/// Where the host that starts at `pos` ends.
fn host_end(text: &[u8], pos: usize) -> Result<usize, UriError> {
    let rest = text.get(pos..).unwrap_or_default();
    let len = if rest.first() == Some(&b'[') {
        let close = memchr(b']', rest).ok_or(UriError::Host)?;
        if !rest[1..close]
            .iter()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, b':' | b'.'))
        {
            return Err(UriError::Host);
        }
        close + 1
    } else {
        rest.iter()
            .position(|c| matches!(c, b':' | b';' | b'?'))
            .unwrap_or(rest.len())
    };
    let ends_well = matches!(rest.get(len), None | Some(b':' | b';' | b'?'));
    if len == 0 || !ends_well {
        Err(UriError::Host)
    } else {
        Ok(pos + len)
    }
}
