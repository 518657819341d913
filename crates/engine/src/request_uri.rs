//! Rewriting parts of the request URI, for core functions and for writes to `$rU` and its kin.
//!
//! What is put in is not checked: as in Kamailio a bad host shows when the URI is next read.

use bytes::Bytes;
use sip::UriRef;
use sip::uri::Scheme;

use crate::context::Context;
use crate::log::Level;
use crate::settings::Settings;

/// A change of one part.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// The user; empty removes it with the password.
    User(&'a [u8]),
    /// User and password at once, as `user:password`.
    UserPassword(&'a [u8]),
    /// The host; a tel URI becomes a sip URI.
    Host(&'a [u8]),
    /// Host and port, as `host:port`.
    HostPort(&'a [u8]),
    /// Host, port and transport, as `host:port;transport=…`.
    HostPortTransport(&'a [u8]),
    /// The port; empty removes it.
    Port(&'a [u8]),
    /// Characters removed from the front of the user.
    Strip(usize),
    /// Characters removed from the end of the user.
    StripTail(usize),
    /// Text put before the user.
    Prefix(&'a [u8]),
    /// `user=phone` added unless the URI says what its user is.
    UserPhone,
}

/// Which sip URIs are read as tel URIs (`phone2tel`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Phones {
    are_tel: bool,
}

impl Phones {
    /// As the parameter says.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            are_tel: settings.phone2tel,
        }
    }

    /// Whether a sip URI names a phone number (`user=phone`, in this very case) and is taken for a
    /// tel URI.
    #[must_use]
    pub fn has(self, uri: &UriRef<'_>) -> bool {
        self.are_tel && uri.param(b"user") == Some(b"phone")
    }

    /// The user that scripts see: of a phone number without its own parameters.
    #[must_use]
    pub fn user<'t>(self, uri: &UriRef<'t>) -> &'t [u8] {
        let user = uri.user();
        if !self.are_tel {
            return user;
        }
        &user[..user.len() - self.number_params(uri).len()]
    }

    /// The parameters of a phone number, with their semicolon.
    #[must_use]
    pub fn number_params<'t>(self, uri: &UriRef<'t>) -> &'t [u8] {
        let user = uri.user();
        let start = memchr::memchr(b';', user).filter(|_| self.has(uri));
        &user[start.unwrap_or(user.len())..]
    }
}

/// Why a change cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangeError {
    /// The present URI is none.
    #[error("the request URI cannot be parsed")]
    Unparsable,
    /// A tel URI has no port.
    #[error("a tel URI has no port to set")]
    NoPort,
}

/// The parts of a URI as they will be written.
struct Parts<'a> {
    scheme: &'a [u8],
    user: Vec<u8>,
    /// Of a phone number, with their semicolon.
    number_params: &'a [u8],
    /// With its colon.
    password: &'a [u8],
    host: Vec<u8>,
    port: Vec<u8>,
    params: Vec<u8>,
    headers: &'a [u8],
}

/// Changes the request URI of a context.
///
/// # Errors
/// When the present one does not allow it.
pub fn change(cx: &mut Context, change: Change<'_>) -> Result<(), ChangeError> {
    let text = cx.request_uri();
    let uri = UriRef::parse(&text).map_err(|_| ChangeError::Unparsable)?;
    let phones = Phones::of(&cx.core.settings);
    if let Change::Strip(n) | Change::StripTail(n) = change
        && n > phones.user(&uri).len()
    {
        cx.log(
            Level::Warning,
            "more characters to strip than the user has: it is removed",
        );
    }
    let changed = rewritten(&uri, change, phones)?;
    cx.set_request_uri(changed);
    Ok(())
}

/// A URI with one part changed.
fn rewritten(uri: &UriRef<'_>, change: Change<'_>, phones: Phones) -> Result<Bytes, ChangeError> {
    let colon = uri.text.iter().position(|b| *b == b':').unwrap_or(0);
    let is_tel = matches!(uri.scheme(), Scheme::Tel | Scheme::Urn);
    let mut parts = Parts {
        scheme: &uri.text[..colon],
        user: phones.user(uri).to_vec(),
        number_params: phones.number_params(uri),
        password: uri.password(),
        host: uri.host().to_vec(),
        port: uri.uri.port_span.get(uri.text).to_vec(),
        params: uri.params_text().to_vec(),
        headers: uri.headers_text(),
    };
    match change {
        Change::User(user) => parts.set_user(user.to_vec()),
        Change::UserPassword(text) => {
            parts.user = text.to_vec();
            parts.password = b"";
            parts.number_params = b"";
        }
        Change::Host(host) => {
            parts.host = host.to_vec();
            parts.leave_tel(is_tel);
        }
        Change::HostPort(host) => {
            parts.host = host.to_vec();
            parts.port.clear();
            parts.leave_tel(is_tel);
        }
        Change::HostPortTransport(host) => {
            parts.host = host.to_vec();
            parts.port.clear();
            parts.drop_transport();
            parts.leave_tel(is_tel);
        }
        Change::Port(_) if is_tel => return Err(ChangeError::NoPort),
        Change::Port(port) => parts.port = port.to_vec(),
        Change::Strip(n) => {
            let user = parts.user.get(n..).unwrap_or_default().to_vec();
            parts.set_user(user);
        }
        Change::StripTail(n) => {
            let kept = parts.user.len().saturating_sub(n);
            let user = parts.user[..kept].to_vec();
            parts.set_user(user);
        }
        Change::Prefix(prefix) => parts.user = [prefix, &parts.user[..]].concat(),
        Change::UserPhone => {
            if !is_tel && uri.param(b"user").is_none() {
                parts.add_param(b"user=phone");
            }
        }
    }
    Ok(parts.text(is_tel && parts.host.is_empty()))
}

impl Parts<'_> {
    fn set_user(&mut self, user: Vec<u8>) {
        if user.is_empty() {
            self.password = b"";
            self.number_params = b"";
        }
        self.user = user;
    }

    /// A tel URI that gets a host is a sip URI whose user is a phone number.
    fn leave_tel(&mut self, is_tel: bool) {
        if !is_tel {
            return;
        }
        self.scheme = b"sip";
        if !self.params.is_empty() {
            self.user.push(b';');
            self.user.append(&mut self.params);
        }
        self.params = b"user=phone".to_vec();
    }

    fn drop_transport(&mut self) {
        let kept: Vec<&[u8]> = self
            .params
            .split(|b| *b == b';')
            .filter(|p| {
                !p.get(..10)
                    .is_some_and(|n| n.eq_ignore_ascii_case(b"transport="))
            })
            .collect();
        self.params = kept.join(&b';');
    }

    fn add_param(&mut self, param: &[u8]) {
        if !self.params.is_empty() {
            self.params.push(b';');
        }
        self.params.extend_from_slice(param);
    }

    fn text(&self, without_host: bool) -> Bytes {
        let mut out = Vec::with_capacity(64 + self.params.len());
        out.extend_from_slice(self.scheme);
        out.push(b':');
        out.extend_from_slice(&self.user);
        out.extend_from_slice(self.number_params);
        if !self.password.is_empty() {
            out.push(b':');
            out.extend_from_slice(self.password);
        }
        if !self.user.is_empty() && !without_host {
            out.push(b'@');
        }
        out.extend_from_slice(&self.host);
        for (mark, part) in [
            (b':', &self.port[..]),
            (b';', &self.params),
            (b'?', self.headers),
        ] {
            if !part.is_empty() {
                out.push(mark);
                out.extend_from_slice(part);
            }
        }
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, with: Change<'_>) -> String {
        let uri = UriRef::parse(uri.as_bytes()).unwrap();
        let text = rewritten(&uri, with, Phones { are_tel: true }).unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn each_part() {
        let full = "sip:al;up=1:pw@h.com:5070;transport=tcp;x=y?q=1";
        let rest = "transport=tcp;x=y?q=1";
        for (with, expected) in [
            (
                Change::User(b"bob"),
                format!("sip:bob:pw@h.com:5070;{rest}"),
            ),
            (Change::User(b""), format!("sip:h.com:5070;{rest}")),
            (Change::Host(b"n"), format!("sip:al;up=1:pw@n:5070;{rest}")),
            (Change::Port(b"7"), format!("sip:al;up=1:pw@h.com:7;{rest}")),
            (Change::Port(b""), format!("sip:al;up=1:pw@h.com;{rest}")),
            (
                Change::UserPassword(b"p"),
                format!("sip:p@h.com:5070;{rest}"),
            ),
            (
                Change::HostPort(b"h2:33"),
                format!("sip:al;up=1:pw@h2:33;{rest}"),
            ),
            (
                Change::HostPortTransport(b"h3:34;transport=tls"),
                "sip:al;up=1:pw@h3:34;transport=tls;x=y?q=1".to_owned(),
            ),
            (
                Change::UserPhone,
                "sip:al;up=1:pw@h.com:5070;transport=tcp;x=y;user=phone?q=1".to_owned(),
            ),
            (Change::Strip(1), format!("sip:l;up=1:pw@h.com:5070;{rest}")),
            (Change::Strip(99), format!("sip:h.com:5070;{rest}")),
            (
                Change::StripTail(1),
                format!("sip:al;up=:pw@h.com:5070;{rest}"),
            ),
            (
                Change::Prefix(b"0"),
                format!("sip:0al;up=1:pw@h.com:5070;{rest}"),
            ),
        ] {
            assert_eq!(check(full, with), expected);
        }
        let tel = "tel:+123;ph=1";
        assert_eq!(check(tel, Change::User(b"b")), "tel:b;ph=1");
        assert_eq!(check(tel, Change::Host(b"q")), "sip:+123;ph=1@q;user=phone");
        assert_eq!(check("sip:h", Change::UserPhone), "sip:h;user=phone");
        assert_eq!(check("sip:h", Change::User(b"u")), "sip:u@h");
        let tel = UriRef::parse(tel.as_bytes()).unwrap();
        assert_eq!(
            rewritten(&tel, Change::Port(b"1"), Phones { are_tel: true }),
            Err(ChangeError::NoPort)
        );
    }
}
