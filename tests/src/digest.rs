//! An agent's answers to challenges (RFC 2617, RFC 7616), and wrong ones.

use std::sync::LazyLock;

use md5::Md5;
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::message::{Message, bytes};

/// The credentials of a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Credentials {
    /// The reply with the challenge; by default the last one.
    pub of: Option<String>,
    /// The header of the challenge, if it is none of the usual two.
    pub challenge: Option<String>,
    /// The header of the answer, if not the one that goes with the challenge.
    pub header: Option<String>,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Realm, if not the challenge's.
    pub realm: Option<String>,
    /// Nonce, if not the challenge's.
    pub nonce: Option<String>,
    /// URI, if not the request's.
    pub uri: Option<String>,
    /// The method that is hashed, if not the request's.
    pub method: Option<String>,
    /// Quality of protection: none by default.
    pub qop: Option<String>,
    /// Nonce count.
    pub nc: String,
    /// The client's nonce.
    pub cnonce: String,
    /// The response, if not the right one.
    pub response: Option<String>,
    /// What is hashed with `SHA-256` instead of MD5; the challenge's by default.
    pub hash: Option<String>,
    /// Fields to leave out.
    pub without: Vec<String>,
    /// Text at the end of the header.
    pub more: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            of: None,
            challenge: None,
            header: None,
            user: "alice".to_owned(),
            password: "secret".to_owned(),
            realm: None,
            nonce: None,
            uri: None,
            method: None,
            qop: None,
            nc: "00000001".to_owned(),
            cnonce: "xyz".to_owned(),
            response: None,
            hash: None,
            without: Vec::new(),
            more: String::new(),
        }
    }
}

static FIELD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"([a-z]+)="?([^",]*)"#).expect("a fixed pattern"));

/// The field of a challenge.
fn field<'c>(challenge: &'c str, name: &str) -> &'c str {
    FIELD
        .captures_iter(challenge)
        .find(|found| &found[1] == name)
        .and_then(|found| found.get(2))
        .map_or("", |value| value.as_str())
}

fn hash(is_sha: bool, text: &str) -> String {
    let text = bytes(text);
    let digest = match is_sha {
        true => Sha256::digest(text).to_vec(),
        false => Md5::digest(text).to_vec(),
    };
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Appends to a request the header that answers the challenge in a reply.
pub fn answer(request: &mut Message, credentials: &Credentials, reply: &Message) {
    let server = credentials.challenge.as_deref();
    let server = server.unwrap_or("WWW-Authenticate");
    let (challenge, header) = match reply.all(server).first() {
        Some(challenge) => (*challenge, "Authorization"),
        None => (reply.header("Proxy-Authenticate"), "Proxy-Authorization"),
    };
    let header = credentials.header.as_deref().unwrap_or(header).to_owned();
    let value = value(request, credentials, challenge);
    let end = request.headers.len();
    let at = request
        .headers
        .iter()
        .position(|(name, _)| name == "Content-Length");
    request.headers.insert(at.unwrap_or(end), (header, value));
}

fn value(request: &Message, credentials: &Credentials, challenge: &str) -> String {
    let taken = |own: &Option<String>, name: &str| {
        own.clone()
            .unwrap_or_else(|| field(challenge, name).to_owned())
    };
    let realm = taken(&credentials.realm, "realm");
    let nonce = taken(&credentials.nonce, "nonce");
    let is_sha = taken(&credentials.hash, "algorithm") == "SHA-256";
    let uri = credentials.uri.as_deref().unwrap_or_else(|| request.uri());
    let method = credentials.method.as_deref();
    let method = method
        .or_else(|| request.method())
        .unwrap_or_default()
        .to_owned();
    let Credentials {
        user,
        password,
        nc,
        cnonce,
        ..
    } = credentials;
    let account = hash(is_sha, &format!("{user}:{realm}:{password}"));
    let mut about = format!("{method}:{uri}");
    if credentials.qop.as_deref() == Some("auth-int") {
        about = format!("{about}:{}", hash(is_sha, &request.body));
    }
    let about = hash(is_sha, &about);
    let right = match &credentials.qop {
        Some(qop) => format!("{account}:{nonce}:{nc}:{cnonce}:{qop}:{about}"),
        None => format!("{account}:{nonce}:{about}"),
    };
    let response = credentials.response.clone();
    let response = response.unwrap_or_else(|| hash(is_sha, &right));
    let mut fields = vec![
        ("username", format!("\"{user}\"")),
        ("realm", format!("\"{realm}\"")),
        ("nonce", format!("\"{nonce}\"")),
        ("uri", format!("\"{uri}\"")),
        ("response", format!("\"{response}\"")),
    ];
    if let Some(qop) = &credentials.qop {
        fields.push(("qop", qop.clone()));
        fields.push(("nc", nc.clone()));
        fields.push(("cnonce", format!("\"{cnonce}\"")));
    }
    fields.retain(|(name, _)| !credentials.without.iter().any(|left_out| left_out == name));
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("Digest {}{}", fields.join(", "), credentials.more)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2617 section 3.5.
    #[test]
    fn of_rfc_2617() {
        let mut request = Message::parse("GET /dir/index.html HTTP/1.1\r\n\r\n");
        let reply = Message::parse(
            "SIP/2.0 401 No\r\nWWW-Authenticate: Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"\r\n\r\n",
        );
        let credentials = Credentials {
            user: "Mufasa".to_owned(),
            password: "Circle Of Life".to_owned(),
            qop: Some("auth".to_owned()),
            cnonce: "0a4f113b".to_owned(),
            ..Credentials::default()
        };
        answer(&mut request, &credentials, &reply);
        let value = request.header("Authorization");
        assert_eq!(field(value, "response"), "6629fae49393a05397450978507c4ef1");
    }
}
