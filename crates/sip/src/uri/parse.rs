//! Splitting a URI into its parts.

use memchr::{memchr, memchr2};

use super::{Scheme, Uri};
use crate::Span;
use crate::chars::{is_allowed_in_hosts, is_space, plain_end, port};

/// Why a text is not a URI that we understand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UriError {
    /// Shorter than the shortest URI.
    #[error("URI too short")]
    TooShort,
    /// Not sip, sips, tel or urn.
    #[error("unknown URI scheme")]
    Scheme,
    /// The user part or the password is malformed, or a second `@` stands.
    #[error("bad user in URI")]
    User,
    /// A semicolon stands in the headers.
    #[error("bad headers in URI")]
    Headers,
    /// The host is missing or malformed.
    #[error("bad host in URI")]
    Host,
    /// The port is malformed or above 65535.
    #[error("bad port in URI")]
    Port,
}

impl Uri {
    /// Splits `text`, which holds the URI and nothing else.
    ///
    /// Takes what Kamailio takes: a user part may hold nearly anything up to the `@`; a host
    /// behind an `@` only letters, digits, dots and hyphens, a host alone nearly anything.
    pub fn parse(text: &[u8]) -> Result<Uri, UriError> {
        match Uri::parse_usual(text) {
            Some(uri) => Ok(uri),
            None => Uri::parse_any(text),
        }
    }

    /// Any URI.
    fn parse_any(text: &[u8]) -> Result<Uri, UriError> {
        if text.len() < 5 {
            return Err(UriError::TooShort);
        }
        let colon = memchr(b':', &text[..5]).ok_or(UriError::Scheme)?;
        let scheme = match &text[..colon] {
            s if s.eq_ignore_ascii_case(b"sip") => Scheme::Sip,
            s if s.eq_ignore_ascii_case(b"sips") => Scheme::Sips,
            s if s.eq_ignore_ascii_case(b"tel") => Scheme::Tel,
            s if s.eq_ignore_ascii_case(b"urn") => Scheme::Urn,
            _ => return Err(UriError::Scheme),
        };
        match scheme {
            Scheme::Sip | Scheme::Sips => Uri::parse_sip(text, scheme, colon + 1),
            Scheme::Tel => {
                let mut uri = Uri::parse_sip(text, scheme, colon + 1)?;
                uri.user = std::mem::replace(&mut uri.host, Span::of(text.len(), text.len()));
                Ok(uri)
            }
            Scheme::Urn => Uri::parse_urn(text, colon + 1),
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

    /// `sip:user@host:port;params` of letters, digits, dots and hyphens, as nearly every URI is;
    /// user, port and parameters may be absent. `None`: it has to be looked at closely.
    fn parse_usual(text: &[u8]) -> Option<Uri> {
        let mut uri = Uri::empty(Scheme::Sip, text.len());
        let mut pos = text.starts_with(b"sip:").then_some(4)?;
        let mut end = plain_end(text, pos);
        if end > pos && text.get(end) == Some(&b'@') {
            uri.has_at = true;
            uri.user = Span::of(pos, end);
            pos = end + 1;
            end = plain_end(text, pos);
        }
        if !text.get(pos)?.is_ascii_alphanumeric() {
            return None;
        }
        uri.host = Span::of(pos, end);
        if text.get(end) == Some(&b':') {
            pos = end + 1;
            end = plain_end(text, pos);
            uri.port_span = Span::of(pos, end);
            uri.port = Some(port(uri.port_span.get(text))?);
        }
        match text.get(end) {
            None => Some(uri),
            // An `@` would end a user with parameters.
            Some(b';') if memchr2(b'@', b'?', &text[end..]).is_none() => {
                uri.params = Span::of(end + 1, text.len());
                Some(uri)
            }
            Some(_) => None,
        }
    }

    /// `user:password@host:port;params?headers`, from `start`.
    fn parse_sip(text: &[u8], scheme: Scheme, start: usize) -> Result<Uri, UriError> {
        let mut uri = Uri::empty(scheme, text.len());
        let mut pos = start;
        // An `@` behind `;` or `?` still ends the user part: those may stand in a user name.
        if let Some(len) = memchr(b'@', &text[start..]) {
            uri.take_user(text, start, start + len)?;
            pos = start + len + 1;
            if memchr(b'@', &text[pos..]).is_some() {
                return Err(UriError::User);
            }
        }
        let host_end = host_end(text, pos, uri.has_at)?;
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
            if memchr(b';', &text[pos..]).is_some() {
                return Err(UriError::Headers);
            }
        }
        Ok(uri)
    }

    /// Splits `user:password` in `text[start..at]`.
    fn take_user(&mut self, text: &[u8], start: usize, at: usize) -> Result<(), UriError> {
        self.has_at = true;
        let part = &text[start..at];
        let user_end = memchr(b':', part).unwrap_or(part.len());
        self.user = Span::of(start, start + user_end);
        let user = &part[..user_end];
        if user.is_empty() || user.contains(&b'[') {
            return Err(UriError::User);
        }
        if user_end < part.len() {
            let password = &part[user_end + 1..];
            if password.iter().any(|c| matches!(c, b':' | b';' | b'?')) {
                return Err(UriError::User);
            }
            self.password = Span::of(start + user_end + 1, at);
        }
        Ok(())
    }

    /// `urn:service:sos`: `service` stands as the user and `sos` as the host; a number or
    /// nothing behind the colon is a port, and a name alone is a host.
    fn parse_urn(text: &[u8], start: usize) -> Result<Uri, UriError> {
        let mut uri = Uri::empty(Scheme::Urn, text.len());
        let end = memchr(b';', &text[start..]).map_or(text.len(), |n| start + n);
        if end < text.len() {
            uri.params = Span::of(end + 1, text.len());
        }
        let colon = memchr(b':', &text[start..end]).map_or(end, |n| start + n);
        let first = Span::of(start, colon);
        let second = Span::of((colon + 1).min(end), end);
        if first.is_empty() || second.get(text).contains(&b':') {
            return Err(UriError::Host);
        }
        if second.get(text).iter().all(u8::is_ascii_digit) {
            uri.host = first;
            uri.port_span = second;
            if !second.is_empty() {
                uri.port = Some(port(second.get(text)).ok_or(UriError::Port)?);
            }
        } else {
            uri.user = first;
            uri.host = second;
        }
        Ok(uri)
    }
}

/// Where the host that starts at `pos` ends.
fn host_end(text: &[u8], pos: usize, behind_at: bool) -> Result<usize, UriError> {
    let rest = text.get(pos..).unwrap_or_default();
    let ends = |c: &u8| matches!(c, b':' | b';' | b'?');
    if rest.first() == Some(&b'[') {
        let close = memchr(b']', rest).ok_or(UriError::Host)?;
        let inner = &rest[1..close];
        let known = inner
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b':' | b'.'));
        let ends_well = rest.get(close + 1).is_none_or(ends);
        return if known && ends_well {
            Ok(pos + close + 1)
        } else {
            Err(UriError::Host)
        };
    }
    // Without an `@` the first character may even be `;` or `?`, as in Kamailio.
    let Some((first, tail)) = rest.split_first() else {
        return Err(UriError::Host);
    };
    let len = 1 + tail.iter().position(ends).unwrap_or(tail.len());
    let host = &rest[..len];
    let good = if behind_at {
        first.is_ascii_alphanumeric()
            && host.iter().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-') || is_allowed_in_hosts(*c)
            })
    } else {
        *first != b':' && !host.iter().any(|c| is_space(*c) || *c == b'[')
    };
    if good {
        Ok(pos + len)
    } else {
        Err(UriError::Host)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The short way to a usual URI finds what the long one finds.
        #[test]
        fn usual_ones_are_as_any(text in "sip:[a-c1-3.@:;?=\\[\\]_-]{0,24}") {
            if let Some(uri) = Uri::parse_usual(text.as_bytes()) {
                prop_assert_eq!(Uri::parse_any(text.as_bytes()), Ok(uri));
            }
        }
    }

    #[test]
    fn usual_ones_are_taken() {
        for text in [
            "sip:h",
            "sip:u@h",
            "sip:1.2.3.4:5060",
            "sip:a-b@h:1;lr;x=y",
            "sip:h;r2=on",
        ] {
            assert!(Uri::parse_usual(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "sip:",
            "sip:h:",
            "sip:u;p=1@h",
            "sip:h;a@b",
            "sip:u@h?a=b",
            "sips:u@h",
        ] {
            assert!(Uri::parse_usual(text.as_bytes()).is_none(), "{text}");
        }
    }
}
