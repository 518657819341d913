//! Answering challenges: of failed branches, and of requests made here.

use engine::Context;
use engine::core::Core;
use script::value::Value;
use sip::{HeaderKind, Message};

use super::digest::{Challenge, ChallengeError, Challenged, Identity, Secret};
use super::params::Uac;

/// Why no answer can be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum AuthError {
    /// The failure was no challenge.
    #[error("the reply is no challenge")]
    NoChallenge,
    /// A challenge is missing or not understood.
    #[error("{0}")]
    Challenge(#[from] ChallengeError),
    /// The reply has no header with a challenge.
    #[error("the reply has no header with a challenge")]
    NoHeader,
    /// Nobody has a password for the realm.
    #[error("there are no credentials for the realm")]
    NoCredentials,
    /// A user name that cannot be written into a header.
    #[error("the user name cannot be written into a header")]
    BadUser,
}

/// How passwords are given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Passwords {
    /// As they are.
    Plain,
    /// As the hash of user, realm and password.
    Ha1,
}

impl Passwords {
    pub(super) fn secret(self, text: Vec<u8>) -> Secret {
        match self {
            Self::Plain => Secret::Plain(text),
            Self::Ha1 => Secret::Ha1(text),
        }
    }
}

/// The header that challenges stand in for a status, and the one that answers.
fn headers(status: u16) -> Option<(HeaderKind, &'static str)> {
    match status {
        401 => Some((HeaderKind::WwwAuthenticate, "Authorization")),
        407 => Some((HeaderKind::ProxyAuthenticate, "Proxy-Authorization")),
        _ => None,
    }
}

/// The header line that answers the first challenge of a reply that can be answered.
pub(super) fn answer(
    core: &Core,
    reply: &Message,
    request: Challenged<'_>,
    mut identity_for: impl FnMut(&[u8]) -> Option<Identity>,
) -> Result<Vec<u8>, AuthError> {
    let (kind, name) = headers(reply.status().unwrap_or(0)).ok_or(AuthError::NoChallenge)?;
    let mut failure = AuthError::NoHeader;
    for header in reply.all(kind) {
        let challenge = match Challenge::parse(reply.text(header.value)) {
            Ok(challenge) => challenge,
            Err(error) => {
                failure = error.into();
                continue;
            }
        };
        let Some(identity) = identity_for(&challenge.realm) else {
            failure = AuthError::NoCredentials;
            continue;
        };
        if identity
            .user
            .iter()
            .any(|c| c.is_ascii_control() || *c == b'"')
        {
            failure = AuthError::BadUser;
            continue;
        }
        let cnonce = format!("{:016x}", core.services.random.next());
        let value = challenge.answer(&identity, request, &cnonce);
        return Ok([name.as_bytes(), b": ", &value, b"\r\n"].concat());
    }
    Err(failure)
}

/// Adds credentials to the request of a failure route and readies it for being sent again to the
/// branch that was challenged.
pub(super) fn authorize(
    uac: &Uac,
    cx: &mut Context,
    passwords: Passwords,
) -> Result<(), AuthError> {
    let reply = uac.tm.winning_reply(cx).ok_or(AuthError::NoChallenge)?;
    let target = uac
        .tm
        .branch_target(cx)
        .unwrap_or_else(|| cx.target.clone());
    let uri = match &target.uri {
        Some(uri) => uri.clone(),
        None => cx.request_uri(),
    };
    let of_script = script_identity(uac, cx, passwords);
    let msg = std::sync::Arc::clone(&cx.msg);
    let core = std::sync::Arc::clone(&cx.core);
    let request = Challenged {
        method: msg.method_text(),
        uri: &uri,
        body: msg.body(),
    };
    let line = answer(&core, &reply.msg, request, |realm| {
        if let Some((wanted, identity)) = &of_script
            && (wanted.is_empty() || wanted == realm)
        {
            return Some(identity.clone());
        }
        let account = uac.accounts.iter().find(|a| a.realm == realm)?;
        Some(Identity {
            user: account.identity.user.clone(),
            password: match &account.identity.password {
                Secret::Plain(text) | Secret::Ha1(text) => passwords.secret(text.clone()),
            },
        })
    })?;
    cx.edits.insert_after(msg.headers_end(), line.into());
    cx.target = target;
    cx.target.uri = Some(uri);
    cx.target_set = true;
    Ok(())
}

/// Realm (empty: any) and identity in the script's variables.
fn script_identity(
    uac: &Uac,
    cx: &mut Context,
    passwords: Passwords,
) -> Option<(Vec<u8>, Identity)> {
    let variables = uac.variables.as_ref()?;
    let mut text = |variable: &engine::variable::Readable| match variable.read(cx) {
        Value::Str(text) => text.to_vec(),
        _ => Vec::new(),
    };
    let user = text(&variables.user);
    let password = text(&variables.password);
    let realm = text(&variables.realm);
    if user.is_empty() || password.is_empty() {
        return None;
    }
    let identity = Identity {
        user,
        password: passwords.secret(password),
    };
    Some((realm, identity))
}
