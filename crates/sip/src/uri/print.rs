//! Building URIs.

use super::{Scheme, UriRef};
use crate::print::decimal;

/// The parts of a URI to be written; parts that are empty are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UriBuilder<'a> {
    /// The scheme.
    pub scheme: Scheme,
    /// User part, escaped as needed; the number of a tel URI.
    pub user: &'a [u8],
    /// Password.
    pub password: &'a [u8],
    /// Host.
    pub host: &'a [u8],
    /// Port.
    pub port: Option<u16>,
    /// Parameters without the first `;`.
    pub params: &'a [u8],
    /// Headers without the `?`.
    pub headers: &'a [u8],
}

impl<'a> UriBuilder<'a> {
    /// The parts of an existing URI, to change some of them.
    pub fn from_uri(uri: &UriRef<'a>) -> UriBuilder<'a> {
        UriBuilder {
            scheme: uri.scheme(),
            user: uri.user(),
            password: uri.password(),
            host: uri.host(),
            port: uri.port(),
            params: uri.params_text(),
            headers: uri.headers_text(),
        }
    }

    /// Appends the URI to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.scheme.as_str().as_bytes());
        out.push(b':');
        out.extend_from_slice(self.user);
        if self.scheme == Scheme::Urn {
            if !self.user.is_empty() {
                out.push(b':');
            }
        } else if !self.password.is_empty() && self.scheme != Scheme::Tel {
            // Behind the number of a tel URI it would read as a port.
            out.push(b':');
            out.extend_from_slice(self.password);
        }
        if !self.host.is_empty() && self.scheme != Scheme::Urn && !self.user.is_empty() {
            out.push(b'@');
        }
        out.extend_from_slice(self.host);
        if let Some(port) = self.port {
            out.push(b':');
            decimal(out, u64::from(port));
        }
        for (mark, part) in [(b';', self.params), (b'?', self.headers)] {
            if !part.is_empty() {
                out.push(mark);
                out.extend_from_slice(part);
            }
        }
    }

    /// The URI as bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
