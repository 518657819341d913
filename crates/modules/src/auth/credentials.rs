//! Finding the credentials for a realm and checking them.

use std::sync::Arc;

use engine::Context;
use engine::log::Level;
use engine::module::Outcome;
use sip::header::Credentials;
use sip::{HeaderKind, Message, Method, Span};

use super::marks;
use super::nonce::BadNonce;
use super::params::Auth;
use crate::digest::{Hash, HexText, Protection, is_same_secret};

/// Who is authenticated to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The server: 401, WWW-Authenticate, Authorization.
    Server,
    /// The proxy: 407, Proxy-Authenticate, Proxy-Authorization.
    Proxy,
}

impl Kind {
    /// Its place in a list of both.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Server => 0,
            Self::Proxy => 1,
        }
    }

    fn header(self) -> HeaderKind {
        match self {
            Self::Server => HeaderKind::Authorization,
            Self::Proxy => HeaderKind::ProxyAuthorization,
        }
    }
}

/// Why a request is not authenticated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The credentials are malformed, or their nonce is none of ours.
    Failed,
    /// The password is wrong.
    WrongPassword,
    /// The nonce is too old, or for another request.
    Stale,
    /// There are none for the realm.
    NoCredentials,
    /// The nonce was used.
    Used,
    /// The user is not who the request says it is.
    OtherUser,
}

impl Refusal {
    /// What a script gets.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        Outcome::Return(match self {
            Self::Failed => -1,
            Self::WrongPassword => -2,
            Self::Stale => -4,
            Self::NoCredentials => -5,
            Self::Used => -6,
            Self::OtherUser => -8,
        })
    }
}

impl From<BadNonce> for Refusal {
    fn from(bad: BadNonce) -> Self {
        match bad {
            BadNonce::Forged | BadNonce::Count => Self::Failed,
            BadNonce::Stale => Self::Stale,
            BadNonce::Used => Self::Used,
        }
    }
}

/// What is known of a request before passwords come into it.
pub enum Claim {
    /// Its credentials say who it is from.
    By(Claimed),
    /// It cannot be challenged (ACK, CANCEL) or belongs to one that was: PRACK.
    Passes,
}

/// Complete credentials with a nonce that is good.
pub struct Claimed {
    kind: Kind,
    msg: Arc<Message>,
    fields: Fields,
}

/// What credentials must have.
#[derive(Clone, Copy)]
struct Fields {
    username: Span,
    nonce: Span,
    uri: Span,
    response: Span,
    /// `qop`, `nc`, `cnonce`.
    protection: Option<[Span; 3]>,
}

impl Fields {
    fn of(buf: &[u8], credentials: &Credentials) -> Option<Self> {
        let protection = match credentials.qop(buf) {
            Some(quality) => Some([quality, credentials.nc(buf)?, credentials.cnonce(buf)?]),
            None => None,
        };
        Some(Self {
            username: credentials.username(buf)?,
            nonce: credentials.nonce(buf)?,
            uri: credentials.uri(buf)?,
            response: credentials.response(buf)?,
            protection,
        })
    }
}

/// The first credentials of a kind for a realm. A malformed header in front of them ends the search.
fn find(msg: &Message, kind: Kind, realm: &[u8]) -> Result<(sip::Header, Credentials), Refusal> {
    for header in msg.all(kind.header()) {
        if !is_digest(msg.text(header.value)) {
            continue;
        }
        let credentials =
            Credentials::parse(msg.raw(), header.value).map_err(|_| Refusal::Failed)?;
        let named = credentials.realm(msg.raw()).map(|span| msg.text(span));
        if named.is_some_and(|named| named.eq_ignore_ascii_case(realm)) {
            return Ok((header, credentials));
        }
    }
    Err(Refusal::NoCredentials)
}

/// Whether credentials are of the scheme that we know.
fn is_digest(value: &[u8]) -> bool {
    const SCHEME: &[u8] = b"Digest";
    value
        .split_at_checked(SCHEME.len())
        .is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case(SCHEME) && rest.first().is_none_or(u8::is_ascii_whitespace)
        })
}

/// Whether a message has credentials for a realm.
pub(super) fn has(cx: &Context, realm: &[u8]) -> Result<bool, Refusal> {
    for kind in [Kind::Server, Kind::Proxy] {
        match find(&cx.msg, kind, realm) {
            Ok(_) => return Ok(true),
            Err(Refusal::NoCredentials) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(false)
}

impl Auth {
    /// The hash that passwords are kept with (HA1): what stands in a database is compared with it.
    #[must_use]
    pub(crate) fn account(&self, user: &[u8], realm: &[u8], password: &[u8]) -> HexText {
        self.hash.account(user, realm, password)
    }

    /// What the request in work claims about who it is from, in a realm. The nonce is used up by
    /// that, if it may be used once.
    ///
    /// # Errors
    /// There are no credentials, or none that a password could make good.
    pub fn claim(&self, cx: &mut Context, kind: Kind, realm: &[u8]) -> Result<Claim, Refusal> {
        if matches!(
            cx.msg.method(),
            Method::Ack | Method::Cancel | Method::Prack
        ) {
            return Ok(Claim::Passes);
        }
        let msg = Arc::clone(&cx.msg);
        let (header, credentials) = find(&msg, kind, realm).inspect_err(|refusal| {
            if *refusal == Refusal::Failed {
                cx.log(Level::Error, "malformed credentials");
            }
        })?;
        marks::found(cx, kind, &header, &credentials);
        let Some(fields) = Fields::of(msg.raw(), &credentials) else {
            cx.log(Level::Error, "the credentials are not complete");
            return Err(Refusal::Failed);
        };
        let count = fields.protection.map(|[_, count, _]| msg.text(count));
        let checked = self.nonces.check(cx, msg.text(fields.nonce), count);
        if checked == Err(BadNonce::Count) {
            cx.log(Level::Error, "`nc` of the credentials is no count");
        }
        checked?;
        Ok(Claim::By(Claimed { kind, msg, fields }))
    }

    /// Checks a claim against the hash of the account that it names. What is right is noted with
    /// the message.
    ///
    /// # Errors
    /// The password was another one.
    pub(crate) fn verify(
        &self,
        cx: &mut Context,
        claimed: &Claimed,
        account: &[u8],
        method: &[u8],
    ) -> Result<(), Refusal> {
        let given = claimed.text(claimed.fields.response);
        if given.len() != self.hash.digits() {
            return Err(Refusal::Failed);
        }
        if !is_same_secret(given, &claimed.response(self.hash, account, method)) {
            return Err(Refusal::WrongPassword);
        }
        marks::right(cx, claimed.kind);
        if self.proves_itself {
            let line = self.proof(cx, claimed, account);
            cx.reply_headers.push(line.into());
        }
        Ok(())
    }

    /// The Authentication-Info line that proves to the client that we know its password. What of
    /// the client's would not fit into it is left out, and so is what depends on the reply's body.
    fn proof(&self, cx: &Context, claimed: &Claimed, account: &[u8]) -> Vec<u8> {
        let fields = &claimed.fields;
        let mut line = b"Authentication-Info: nextnonce=\"".to_vec();
        if self.nonces.are_for_once() {
            line.extend_from_slice(self.nonces.make(cx).as_bytes());
        } else {
            line.extend_from_slice(claimed.text(fields.nonce));
        }
        line.push(b'"');
        let request = self.hash.request(b"", claimed.text(fields.uri), None);
        let nonce = claimed.text(fields.nonce);
        match claimed.protection() {
            None => {
                let proof = self.hash.response(account, nonce, None, &request);
                line.extend_from_slice(b", rspauth=\"");
                line.extend_from_slice(&proof);
                line.push(b'"');
            }
            Some(with) if can_be_echoed(with) => {
                let proof = self.hash.response(account, nonce, Some(with), &request);
                for part in [
                    b", qop=auth, rspauth=\"",
                    &proof[..],
                    b"\", cnonce=\"",
                    with.cnonce,
                    b"\", nc=",
                    with.count,
                ] {
                    line.extend_from_slice(part);
                }
            }
            Some(_) => {}
        }
        line.extend_from_slice(b"\r\n");
        line
    }
}

fn can_be_echoed(with: Protection<'_>) -> bool {
    with.quality == b"auth"
        && with.count.iter().all(u8::is_ascii_hexdigit)
        && !with.cnonce.iter().any(u8::is_ascii_control)
}

impl Claimed {
    fn text(&self, span: Span) -> &[u8] {
        self.msg.text(span)
    }

    /// The user name as written, which is what passwords are hashed with.
    #[must_use]
    pub fn username(&self) -> &[u8] {
        self.text(self.fields.username)
    }

    fn protection(&self) -> Option<Protection<'_>> {
        let [quality, count, cnonce] = self.fields.protection?;
        Some(Protection {
            quality: self.text(quality),
            count: self.text(count),
            cnonce: self.text(cnonce),
        })
    }

    /// The response that the right password gives.
    fn response(&self, hash: Hash, account: &[u8], method: &[u8]) -> HexText {
        let protection = self.protection();
        let is_whole =
            protection.is_some_and(|with| with.quality.eq_ignore_ascii_case(b"auth-int"));
        let body = is_whole.then(|| self.msg.body());
        let request = hash.request(method, self.text(self.fields.uri), body);
        hash.response(account, self.text(self.fields.nonce), protection, &request)
    }
}
