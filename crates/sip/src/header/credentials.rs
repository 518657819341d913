//! Digest credentials and challenges (RFC 3261 §20.7, §20.27, §20.44; RFC 8760):
//! `Authorization`, `Proxy-Authorization`, `WWW-Authenticate`, `Proxy-Authenticate`.

use smallvec::SmallVec;

use super::{HeaderError, Param, Problem};
use crate::Span;
use crate::chars::{is_space, is_token, quoted_end, skip_space};

/// A scheme with its comma-separated fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// `Digest`.
    pub scheme: Span,
    fields: SmallVec<[Param; 12]>,
}

impl Credentials {
    /// Parses the value under `span`.
    pub fn parse(buf: &[u8], span: Span) -> Result<Credentials, HeaderError> {
        let end = span.end().min(buf.len());
        let start = skip_space(buf, span.start(), end);
        let mut pos = start;
        while pos < end && is_token(buf[pos]) {
            pos += 1;
        }
        let scheme = Span::of(start, pos);
        if scheme.is_empty() || (pos < end && !is_space(buf[pos])) {
            return Err(HeaderError::at(Problem::Credentials, pos));
        }
        let mut credentials = Credentials {
            scheme,
            fields: SmallVec::new(),
        };
        loop {
            while pos < end && (is_space(buf[pos]) || buf[pos] == b',') {
                pos += 1;
            }
            if pos >= end {
                return Ok(credentials);
            }
            let field = field(buf, pos, end)?;
            credentials.fields.push(field);
            pos = skip_space(buf, field.whole.end(), end);
            if pos < end && buf[pos] != b',' {
                return Err(HeaderError::at(Problem::Credentials, pos));
            }
        }
    }

    /// Whether the scheme is `Digest`.
    pub fn is_digest(&self, buf: &[u8]) -> bool {
        self.scheme.get(buf).eq_ignore_ascii_case(b"Digest")
    }

    /// The first field called `name` (any case), without quotes.
    pub fn field(&self, buf: &[u8], name: &[u8]) -> Option<Span> {
        let found = self
            .fields
            .iter()
            .find(|f| f.name.get(buf).eq_ignore_ascii_case(name));
        found.and_then(|f| f.value)
    }

    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &Param> {
        self.fields.iter()
    }

    /// `username`.
    pub fn username(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"username")
    }

    /// `realm`.
    pub fn realm(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"realm")
    }

    /// `nonce`.
    pub fn nonce(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"nonce")
    }

    /// `uri`.
    pub fn uri(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"uri")
    }

    /// `response`.
    pub fn response(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"response")
    }

    /// `algorithm`.
    pub fn algorithm(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"algorithm")
    }

    /// `cnonce`.
    pub fn cnonce(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"cnonce")
    }

    /// `opaque`.
    pub fn opaque(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"opaque")
    }

    /// `qop`.
    pub fn qop(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"qop")
    }

    /// `nc` as written (8 hexadecimal digits).
    pub fn nc(&self, buf: &[u8]) -> Option<Span> {
        self.field(buf, b"nc")
    }

    /// `stale=true` stands (in a challenge).
    pub fn is_stale(&self, buf: &[u8]) -> bool {
        self.field(buf, b"stale")
            .is_some_and(|s| s.get(buf).eq_ignore_ascii_case(b"true"))
    }
}

/// Splits a user name into user and domain (`alice@example.com`); the domain may be empty. Some
/// clients write the whole of a SIP URI.
pub fn split_username(username: &[u8]) -> (&[u8], &[u8]) {
    let has = |scheme: &[u8]| {
        let found = username.get(..scheme.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(scheme))
    };
    let username = match username {
        _ if has(b"sip:") => &username[4..],
        _ if has(b"sips:") => &username[5..],
        plain => plain,
    };
    match memchr::memchr(b'@', username) {
        Some(at) => (&username[..at], &username[at + 1..]),
        None => (username, &[]),
    }
}

/// The number in `nc`, which is hexadecimal.
pub fn nonce_count(text: &[u8]) -> Option<u32> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
}

/// Parses `name=value` or `name="value"` at `pos`.
fn field(buf: &[u8], pos: usize, end: usize) -> Result<Param, HeaderError> {
    let error = HeaderError::at(Problem::Credentials, pos);
    let mut name_end = pos;
    while name_end < end && is_token(buf[name_end]) {
        name_end += 1;
    }
    let equals = skip_space(buf, name_end, end);
    if name_end == pos || equals >= end || buf[equals] != b'=' {
        return Err(error);
    }
    let name = Span::of(pos, name_end);
    let start = skip_space(buf, equals + 1, end);
    if start < end && buf[start] == b'"' {
        let close = quoted_end(buf, start, end).ok_or(HeaderError::at(Problem::Quote, start))?;
        let value = Some(Span::of(start + 1, close - 1));
        return Ok(Param {
            name,
            value,
            whole: Span::of(pos, close),
        });
    }
    let mut value_end = start;
    while value_end < end && !is_space(buf[value_end]) && buf[value_end] != b',' {
        value_end += 1;
    }
    let whole = Span::of(pos, value_end.max(equals + 1));
    Ok(Param {
        name,
        value: Some(Span::of(start, value_end)),
        whole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Credentials, HeaderError> {
        Credentials::parse(text.as_bytes(), Span::of(0, text.len()))
    }

    #[test]
    fn all_fields() {
        let text = "Digest username=\"bob@x\", realm=\"at, \\\"lanta\",\r\n nonce = \"n\", uri=\"sip:b\", response=\"42ce\", algorithm=MD5 ,cnonce=\"\", opaque=\"o\", qop=auth, nc=0000000a";
        let c = parse(text).unwrap();
        let buf = text.as_bytes();
        let get = |s: Option<Span>| std::str::from_utf8(s.unwrap().get(buf)).unwrap();
        assert!(c.is_digest(buf));
        assert_eq!(get(c.username(buf)), "bob@x");
        assert_eq!(get(c.realm(buf)), "at, \\\"lanta");
        assert_eq!(get(c.nonce(buf)), "n");
        assert_eq!(get(c.uri(buf)), "sip:b");
        assert_eq!(get(c.response(buf)), "42ce");
        assert_eq!(get(c.algorithm(buf)), "MD5");
        assert_eq!(get(c.cnonce(buf)), "");
        assert_eq!(get(c.opaque(buf)), "o");
        assert_eq!(get(c.qop(buf)), "auth");
        assert_eq!(nonce_count(c.nc(buf).unwrap().get(buf)), Some(10));
        assert_eq!(split_username(b"bob@x"), (&b"bob"[..], &b"x"[..]));
        assert_eq!(split_username(b"sip:bob@x"), (&b"bob"[..], &b"x"[..]));
        assert_eq!(split_username(b"SIPS:bob@x"), (&b"bob"[..], &b"x"[..]));
        assert_eq!(split_username(b"bob"), (&b"bob"[..], &b""[..]));
        assert!(!c.is_stale(buf));
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "Digest username",
            "Digest a=\"open",
            "Digest a=b c=d",
            "Di@gest a=b",
            "Digest =b",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("Digest").unwrap().fields().next().is_none());
        assert_eq!(nonce_count(b"xyz"), None);
        assert_eq!(nonce_count(b""), None);
    }
}
