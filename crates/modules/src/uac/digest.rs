//! Digest authentication of a client (RFC 3261 section 22.4, RFC 7616, RFC 8760).

use sip::Span;
use sip::header::{Credentials, HeaderError};

use crate::digest::{Hash, HexText, Protection};

/// A hash and how it is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Algorithm {
    hash: Hash,
    /// The first hash takes in the nonces.
    session: bool,
}

/// The quality of protection that an answer has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Quality {
    /// As RFC 2069 had it.
    None,
    Auth,
    AuthInt,
}

/// A challenge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// Where an account is asked for.
    pub realm: Vec<u8>,
    nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    algorithm: Algorithm,
    quality: Quality,
}

/// Why a challenge cannot be answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChallengeError {
    /// It is malformed.
    #[error("malformed challenge: {0}")]
    Syntax(#[from] HeaderError),
    /// It is no Digest challenge.
    #[error("a challenge of another scheme than Digest")]
    Scheme,
    /// Realm or nonce is missing.
    #[error("a challenge without realm or nonce")]
    Incomplete,
    /// Its algorithm is unknown here.
    #[error("a challenge with an unknown algorithm")]
    Algorithm,
    /// It offers no quality of protection that is known here.
    #[error("a challenge with an unknown quality of protection")]
    Quality,
}

/// Who answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The user name.
    pub user: Vec<u8>,
    /// What proves it.
    pub password: Secret,
}

/// What the identity is proved with.
#[derive(Clone, Eq, PartialEq)]
pub enum Secret {
    /// The password.
    Plain(Vec<u8>),
    /// The hash of user, realm and password in hexadecimal.
    Ha1(Vec<u8>),
}

/// Secrets are not shown.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The request that is challenged.
#[derive(Clone, Copy, Debug)]
pub struct Challenged<'a> {
    /// Its method.
    pub method: &'a [u8],
    /// Its URI.
    pub uri: &'a [u8],
    /// Its body, which `auth-int` protects.
    pub body: &'a [u8],
}

impl Algorithm {
    fn from_name(name: &[u8]) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (name, session) = match lower.strip_suffix(b"-sess") {
            Some(name) => (name, true),
            None => (&lower[..], false),
        };
        let hash = match name {
            b"md5" => Hash::Md5,
            b"sha-256" => Hash::Sha256,
            b"sha-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        Some(Self { hash, session })
    }

    fn name(self) -> &'static str {
        match (self.hash, self.session) {
            (Hash::Md5, false) => "MD5",
            (Hash::Md5, true) => "MD5-sess",
            (Hash::Sha256, false) => "SHA-256",
            (Hash::Sha256, true) => "SHA-256-sess",
            (Hash::Sha512_256, false) => "SHA-512-256",
            (Hash::Sha512_256, true) => "SHA-512-256-sess",
        }
    }
}

impl Challenge {
    /// Reads the challenge that is a header's value.
    ///
    /// # Errors
    /// It cannot be answered.
    pub fn parse(value: &[u8]) -> Result<Self, ChallengeError> {
        let fields = Credentials::parse(value, Span::of(0, value.len()))?;
        if !fields.is_digest(value) {
            return Err(ChallengeError::Scheme);
        }
        // What is empty counts as not there, as with Kamailio.
        let field = |name: &[u8]| {
            let found = fields.field(value, name).map(|span| span.get(value));
            found.filter(|text| !text.is_empty())
        };
        let (Some(realm), Some(nonce)) = (field(b"realm"), field(b"nonce")) else {
            return Err(ChallengeError::Incomplete);
        };
        let algorithm = Algorithm::from_name(field(b"algorithm").unwrap_or(b"MD5"))
            .ok_or(ChallengeError::Algorithm)?;
        let quality = match field(b"qop") {
            None => Quality::None,
            Some(list) => best_quality(list).ok_or(ChallengeError::Quality)?,
        };
        Ok(Self {
            realm: realm.to_vec(),
            nonce: nonce.to_vec(),
            opaque: field(b"opaque").map(<[u8]>::to_vec),
            algorithm,
            quality,
        })
    }

    /// The value of the header that answers.
    #[must_use]
    pub fn answer(&self, identity: &Identity, request: Challenged<'_>, cnonce: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        let mut quoted = |name: &str, value: &[u8]| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\", ");
        };
        quoted("Digest username", &identity.user);
        quoted("realm", &self.realm);
        quoted("nonce", &self.nonce);
        quoted("uri", request.uri);
        if let Some(opaque) = &self.opaque {
            quoted("opaque", opaque);
        }
        let quality = match self.quality {
            Quality::None => "",
            Quality::Auth => "qop=auth, nc=00000001, ",
            Quality::AuthInt => "qop=auth-int, nc=00000001, ",
        };
        out.extend_from_slice(quality.as_bytes());
        // A session's hash takes it in, with or without qop.
        if self.quality != Quality::None || self.algorithm.session {
            out.extend_from_slice(format!("cnonce=\"{cnonce}\", ").as_bytes());
        }
        out.extend_from_slice(b"response=\"");
        out.extend_from_slice(&self.response(identity, request, cnonce));
        out.extend_from_slice(b"\", algorithm=");
        out.extend_from_slice(self.algorithm.name().as_bytes());
        out
    }

    fn response(&self, identity: &Identity, request: Challenged<'_>, cnonce: &str) -> HexText {
        let hash = self.algorithm.hash;
        let cnonce = cnonce.as_bytes();
        let mut account = match &identity.password {
            Secret::Plain(password) => hash.account(&identity.user, &self.realm, password),
            Secret::Ha1(ha1) => HexText::from_slice(ha1),
        };
        if self.algorithm.session {
            account = hash.of(&[&account, &self.nonce, cnonce]);
        }
        let (quality, body): (Option<&[u8]>, _) = match self.quality {
            Quality::None => (None, None),
            Quality::Auth => (Some(b"auth"), None),
            Quality::AuthInt => (Some(b"auth-int"), Some(request.body)),
        };
        let protection = quality.map(|quality| Protection {
            quality,
            count: b"00000001",
            cnonce,
        });
        let request = hash.request(request.method, request.uri, body);
        hash.response(&account, &self.nonce, protection, &request)
    }
}

/// `auth` if it is offered: the body may still change on its way.
fn best_quality(list: &[u8]) -> Option<Quality> {
    let mut found = None;
    for word in list.split(|c| *c == b',').map(<[u8]>::trim_ascii) {
        if word.eq_ignore_ascii_case(b"auth") {
            return Some(Quality::Auth);
        }
        if word.eq_ignore_ascii_case(b"auth-int") {
            found = Some(Quality::AuthInt);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(text: &str) -> Result<Challenge, ChallengeError> {
        Challenge::parse(text.as_bytes())
    }

    fn response(text: &str, user: &str, password: &str, cnonce: &str, uri: &str) -> String {
        let identity = Identity {
            user: user.into(),
            password: Secret::Plain(password.into()),
        };
        let request = Challenged {
            method: b"GET",
            uri: uri.as_bytes(),
            body: b"",
        };
        let value = challenge(text).unwrap().answer(&identity, request, cnonce);
        let value = String::from_utf8(value).unwrap();
        let (_, rest) = value.split_once("response=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// RFC 7616 section 3.9.1.
    #[test]
    fn of_rfc_7616() {
        let common = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let of = |algorithm: &str| {
            response(
                &format!("Digest algorithm={algorithm}, {common}"),
                "Mufasa",
                "Circle of Life",
                cnonce,
                "/dir/index.html",
            )
        };
        assert_eq!(of("MD5"), "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(
            of("SHA-256"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    /// What Kamailio 5.6.3 sent.
    #[test]
    fn without_quality() {
        let identity = Identity {
            user: b"cuser".to_vec(),
            password: Secret::Plain(b"cpass".to_vec()),
        };
        let request = Challenged {
            method: b"INVITE",
            uri: b"sip:callee@127.0.26.8:5060",
            body: b"",
        };
        let challenge = challenge("Digest realm=\"crealm\", nonce=\"abc\"").unwrap();
        let value = challenge.answer(&identity, request, "");
        assert_eq!(
            String::from_utf8(value).unwrap(),
            "Digest username=\"cuser\", realm=\"crealm\", nonce=\"abc\", uri=\"sip:callee@127.0.26.8:5060\", response=\"4b79dc47c0282f2fd9d1ec2af25ce7ae\", algorithm=MD5"
        );
    }

    #[test]
    fn refused() {
        assert_eq!(challenge("Basic realm=\"x\""), Err(ChallengeError::Scheme));
        assert_eq!(
            challenge("Digest realm=\"x\""),
            Err(ChallengeError::Incomplete)
        );
        let empty = "Digest realm=\"x\", nonce=\"\"";
        assert_eq!(challenge(empty), Err(ChallengeError::Incomplete));
        let of = |rest: &str| challenge(&format!("Digest realm=\"x\", nonce=\"y\", {rest}"));
        let plain = of("algorithm=MD5");
        assert_eq!(of("opaque=\"\", qop=\"\""), plain);
        assert_eq!(of("algorithm=FOO"), Err(ChallengeError::Algorithm));
        assert_eq!(of("qop=\"foo\""), Err(ChallengeError::Quality));
        assert!(of("algorithm=sha-512-256-SESS, qop=\"auth-int\"").is_ok());
    }
}
