//! URIs: sip, sips, tel, urn. A `Uri` is spans over the text that it was parsed from.

mod compare;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use compare::{same_lax, same_rfc3261};
pub use parse::UriError;
pub use print::UriBuilder;

use crate::Span;

/// The URI schemes that are understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Scheme {
    /// RFC 3261
    Sip,
    /// RFC 3261
    Sips,
    /// RFC 3966
    Tel,
    /// RFC 5031 services and NENA names (`urn:service:sos`).
    Urn,
}

impl Scheme {
    /// The scheme in lower case, without the colon.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Sip => "sip",
            Scheme::Sips => "sips",
            Scheme::Tel => "tel",
            Scheme::Urn => "urn",
        }
    }
}

/// Where the parts of a URI stand in its text. Parts that are absent are empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// User part as written, its own `;` parameters included; in a tel URI the number;
    /// in `urn:service:sos` the `service`.
    pub user: Span,
    /// Password.
    pub password: Span,
    /// Host; an IPv6 address with its brackets; empty in a tel URI.
    pub host: Span,
    /// Port as written.
    pub port_span: Span,
    /// Port, if given.
    pub port: Option<u16>,
    /// Parameters without the first `;`.
    pub params: Span,
    /// Headers without the `?`.
    pub headers: Span,
    /// Whether an `@` stands in the URI (the user may still be empty).
    pub has_at: bool,
}

/// A `Uri` together with its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UriRef<'t> {
    /// The text of the URI.
    pub text: &'t [u8],
    /// Its parts.
    pub uri: Uri,
}

impl<'t> UriRef<'t> {
    /// Parses `text`.
    pub fn parse(text: &'t [u8]) -> Result<UriRef<'t>, UriError> {
        Ok(UriRef {
            text,
            uri: Uri::parse(text)?,
        })
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.uri.scheme
    }

    /// The user part; empty if absent.
    pub fn user(&self) -> &'t [u8] {
        self.uri.user.get(self.text)
    }

    /// The password; empty if absent.
    pub fn password(&self) -> &'t [u8] {
        self.uri.password.get(self.text)
    }

    /// The host; empty in a tel URI.
    pub fn host(&self) -> &'t [u8] {
        self.uri.host.get(self.text)
    }

    /// The port, if given.
    pub fn port(&self) -> Option<u16> {
        self.uri.port
    }

    /// The port, or the one that belongs to the scheme (5060; 5061 for sips).
    ///
    /// Kamailio's `$rp` says 5060 for sips too.
    pub fn port_or_default(&self) -> u16 {
        match (self.uri.port, self.uri.scheme) {
            (Some(port), _) => port,
            (None, Scheme::Sips) => 5061,
            (None, _) => 5060,
        }
    }

    /// The parameters without the first `;`; empty if absent.
    pub fn params_text(&self) -> &'t [u8] {
        self.uri.params.get(self.text)
    }

    /// The headers without the `?`; empty if absent.
    pub fn headers_text(&self) -> &'t [u8] {
        self.uri.headers.get(self.text)
    }

    /// The parameters in order.
    pub fn params(&self) -> UriParams<'t> {
        UriParams {
            rest: self.params_text(),
        }
    }

    /// The value of the first parameter called `name` (any case); empty for a flag.
    pub fn param(&self, name: &[u8]) -> Option<&'t [u8]> {
        self.params()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.unwrap_or_default())
    }

    /// The `transport` parameter.
    pub fn transport(&self) -> Option<&'t [u8]> {
        self.param(b"transport")
    }

    /// Whether the `lr` parameter stands, with or without a value.
    pub fn is_loose_router(&self) -> bool {
        self.param(b"lr").is_some()
    }
}

/// The parameters of a URI: names, and values unless they are flags.
#[derive(Clone, Debug)]
pub struct UriParams<'t> {
    rest: &'t [u8],
}

impl<'t> UriParams<'t> {
    /// Over the text of a parameter list (`a=b;c`).
    pub fn new(text: &'t [u8]) -> UriParams<'t> {
        UriParams { rest: text }
    }
}

impl<'t> Iterator for UriParams<'t> {
    type Item = (&'t [u8], Option<&'t [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let end = param_end(self.rest);
            let (param, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            if param.is_empty() {
                continue;
            }
            return Some(match param.iter().position(|c| *c == b'=') {
                Some(equals) => (&param[..equals], Some(&param[equals + 1..])),
                None => (param, None),
            });
        }
        None
    }
}

/// Where the parameter at the start of `text` ends; a `;` in quotes does not end it.
fn param_end(text: &[u8]) -> usize {
    let mut quoted = false;
    for (at, c) in text.iter().enumerate() {
        match c {
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}
