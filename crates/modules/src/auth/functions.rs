//! The script functions.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, TRUE};
use script::value::Value;
use sip::{Method, UriRef};

use super::challenge::{Quality, is_quotable};
use super::credentials::{self, Claim, Kind, Refusal};
use super::marks;
use super::params::Auth;

const CHALLENGE: &[Arg] = &[Arg::new("realm", ArgKind::Word), Arg::int("flags")];
const AUTHENTICATE: &[Arg] = &[
    Arg::new("realm", ArgKind::Word),
    Arg::new("password", ArgKind::Word),
    Arg::int("flags"),
    Arg::new("method", ArgKind::Word),
];
const CHECK: &[Arg] = &[
    Arg::new("realm", ArgKind::Word),
    Arg::new("password", ArgKind::Word),
    Arg::int("flags"),
    Arg::int("checks"),
];

const REPLYING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::ONREPLY);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "www_challenge",
        CHALLENGE,
        |cx, args| challenge(cx, args, Kind::Server),
        "Challenges with a 401. Flags: 1 qop=auth, 2 qop=auth-int, 4 no 500 when it fails, 16 stale=true.",
    ).constant()
    .within(REPLYING),
    Function::exact(
        "proxy_challenge",
        CHALLENGE,
        |cx, args| challenge(cx, args, Kind::Proxy),
        "Challenges with a 407; the flags are those of www_challenge.",
    ).constant()
    .within(REPLYING),
    Function::exact(
        "auth_challenge",
        CHALLENGE,
        |cx, args| challenge(cx, args, by_method(cx)),
        "www_challenge for a REGISTER, else proxy_challenge.",
    ).constant()
    .within(REPLYING),
    Function::new(
        "pv_www_authenticate",
        AUTHENTICATE,
        3,
        Routes::REQUEST,
        |cx, args| authenticate(cx, args, Kind::Server),
        "Checks Authorization against a password. Flags: 1 the password is a hash (HA1); a challenge in the AVP of challenge_attr when it fails: 2 without qop, 4 auth, 8 auth-int. -1 malformed, -2 wrong password, -4 nonce too old, -5 no credentials, -6 nonce used. An ACK, a CANCEL and a PRACK pass.",
    ).constant(),
    Function::new(
        "pv_proxy_authenticate",
        AUTHENTICATE.split_at(3).0,
        3,
        Routes::REQUEST,
        |cx, args| authenticate(cx, args, Kind::Proxy),
        "As pv_www_authenticate, for Proxy-Authorization.",
    ).constant(),
    Function::new(
        "pv_www_authorize",
        AUTHENTICATE.split_at(3).0,
        3,
        Routes::REQUEST,
        |cx, args| authenticate(cx, args, Kind::Server),
        "Same as pv_www_authenticate.",
    ).constant(),
    Function::new(
        "pv_proxy_authorize",
        AUTHENTICATE.split_at(3).0,
        3,
        Routes::REQUEST,
        |cx, args| authenticate(cx, args, Kind::Proxy),
        "Same as pv_proxy_authenticate.",
    ).constant(),
    Function::new(
        "pv_auth_check",
        CHECK,
        4,
        Routes::REQUEST,
        check,
        "pv_www_authenticate for a REGISTER, else pv_proxy_authenticate. Checks: 1 the user must be From's, and To's of a REGISTER or PUBLISH, and the request URI's of a PUBLISH: else -8.",
    ).constant(),
    Function::exact(
        "has_credentials",
        &[Arg::text("realm")],
        has_credentials,
        "Whether the request has credentials for a realm, right or not.",
    )
    .within(Routes::REQUEST),
    Function::exact(
        "consume_credentials",
        &[],
        consume_credentials,
        "Removes the credentials that an authenticating function looked at.",
    )
    .within(Routes::REQUEST),
    Function::exact(
        "auth_get_www_authenticate",
        &[
            Arg::new("realm", ArgKind::Word),
            Arg::int("flags"),
            Arg::variable("destination"),
        ],
        get_challenge,
        "Writes the header line of a challenge into a variable; the flags are those of www_challenge.",
    ).constant()
    .within(Routes::REQUEST),
];

fn by_method(cx: &Context) -> Kind {
    match cx.msg.method() {
        Method::Register => Kind::Server,
        _ => Kind::Proxy,
    }
}

/// A text argument that must not be empty.
fn needed(cx: &mut Context, args: &Args<'_>, index: usize, what: &str) -> Option<Bytes> {
    let text = args.text(cx, index);
    if text.is_empty() {
        cx.log(Level::Error, &format!("{what} is empty"));
        return None;
    }
    Some(text)
}

fn number(cx: &mut Context, args: &Args<'_>, index: usize, what: &str) -> Option<i64> {
    let number = args.int(cx, index);
    if number.is_none() {
        cx.log(Level::Error, &format!("{what} are no number"));
    }
    number
}

/// Realm and flags of a challenge. The realm may come from the request: it must not end its quotes.
fn what_to_challenge(cx: &mut Context, args: &Args<'_>) -> Option<(Bytes, i64)> {
    let realm = needed(cx, args, 0, "the realm")?;
    if !is_quotable(&realm) {
        cx.log(Level::Error, "the realm cannot stand in a header");
        return None;
    }
    Some((realm, number(cx, args, 1, "the flags")?))
}

fn line_of(cx: &Context, auth: &Auth, kind: Kind, realm: &[u8], flags: i64) -> Bytes {
    let quality = match flags & 3 {
        0 => Quality::None,
        1 => Quality::Auth,
        _ => Quality::AuthInt,
    };
    auth.challenge(cx, kind, realm, quality, flags & 16 != 0)
}

fn challenge(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let auth = args.state::<Auth>();
    let Some((realm, flags)) = what_to_challenge(cx, args) else {
        auth.send(cx, 500, b"Internal Server Error");
        return FALSE;
    };
    let line = line_of(cx, auth, kind, &realm, flags);
    cx.reply_headers.push(line);
    let sent = match kind {
        Kind::Server => auth.send(cx, 401, b"Unauthorized"),
        Kind::Proxy => auth.send(cx, 407, b"Proxy Authentication Required"),
    };
    if sent { TRUE } else { FALSE }
}

fn get_challenge(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let auth = args.state::<Auth>();
    let Some((realm, flags)) = what_to_challenge(cx, args) else {
        return FALSE;
    };
    let line = line_of(cx, auth, Kind::Server, &realm, flags);
    match args.variable(2) {
        Some(variable) if variable.write(cx, Value::Str(line)) => TRUE,
        _ => FALSE,
    }
}

/// Realm, password and flags.
struct Given {
    realm: Bytes,
    password: Bytes,
    flags: i64,
}

fn given(cx: &mut Context, args: &Args<'_>) -> Option<Given> {
    Some(Given {
        realm: needed(cx, args, 0, "the realm")?,
        password: needed(cx, args, 1, "the password")?,
        flags: number(cx, args, 2, "the flags")?,
    })
}

fn authenticate(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let auth = args.state::<Auth>();
    let Some(given) = given(cx, args) else {
        return FALSE;
    };
    let method = match args.fixed(3) {
        Some(_) => match needed(cx, args, 3, "the method") {
            Some(method) => method,
            None => return FALSE,
        },
        None => Bytes::copy_from_slice(cx.msg.method_text()),
    };
    result(try_authenticate(cx, auth, &given, kind, &method))
}

fn result(done: Result<(), Refusal>) -> Outcome {
    match done {
        Ok(()) => TRUE,
        Err(refusal) => refusal.outcome(),
    }
}

/// Authenticates; when that fails, the AVP gets a challenge if the flags want it.
fn try_authenticate(
    cx: &mut Context,
    auth: &Auth,
    given: &Given,
    kind: Kind,
    method: &[u8],
) -> Result<(), Refusal> {
    let realm = auth.realm(&given.realm);
    let done = match auth.claim(cx, kind, realm) {
        Ok(Claim::Passes) => Ok(()),
        Ok(Claim::By(claimed)) if given.flags & 1 != 0 => {
            auth.verify(cx, &claimed, &given.password, method)
        }
        Ok(Claim::By(claimed)) => {
            let account = auth.account(claimed.username(), realm, &given.password);
            auth.verify(cx, &claimed, &account, method)
        }
        Err(refusal) => Err(refusal),
    };
    let quality = match given.flags & 14 {
        0 => None,
        wanted if wanted & 8 != 0 => Some(Quality::AuthInt),
        wanted if wanted & 4 != 0 => Some(Quality::Auth),
        _ => Some(Quality::None),
    };
    if let (Err(_), Some(quality)) = (done, quality)
        && is_quotable(realm)
    {
        let line = auth.challenge(cx, kind, realm, quality, false);
        let key = auth.challenge_avp.clone();
        cx.avps.write().push(key, Value::Str(line));
    }
    done
}

fn check(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let auth = args.state::<Auth>();
    let Some(given) = given(cx, args) else {
        return FALSE;
    };
    let Some(checks) = number(cx, args, 3, "the checks") else {
        return FALSE;
    };
    let kind = by_method(cx);
    let method = Bytes::copy_from_slice(cx.msg.method_text());
    let done = try_authenticate(cx, auth, &given, kind, &method);
    result(done.and_then(|()| match checks & 1 {
        0 => Ok(()),
        _ => check_identity(cx, auth),
    }))
}

/// Whether the user who was authenticated is the one that the request is from; a REGISTER and a
/// PUBLISH are about oneself, too: in To, and a PUBLISH in its request URI.
fn check_identity(cx: &Context, auth: &Auth) -> Result<(), Refusal> {
    let Some(authorized) = marks::authorized(cx, by_method(cx)) else {
        // An ACK, a CANCEL or a PRACK: nobody was.
        return Ok(());
    };
    let Some(Ok(from)) = cx.msg.from() else {
        return Err(Refusal::Failed);
    };
    let from = UriRef::parse(cx.msg.text(from.uri)).map_err(|_| Refusal::Failed)?;
    if from.user() != &authorized.user[..] {
        return Err(Refusal::OtherUser);
    }
    let must_be_same = |uri: &[u8]| {
        let uri = UriRef::parse(uri).map_err(|_| Refusal::Failed)?;
        let is_same_domain = !auth.compares_domains || from.host() == uri.host();
        match from.user() == uri.user() && is_same_domain {
            true => Ok(()),
            false => Err(Refusal::OtherUser),
        }
    };
    if matches!(cx.msg.method(), Method::Register | Method::Publish) {
        let Some(Ok(to)) = cx.msg.to() else {
            return Err(Refusal::Failed);
        };
        must_be_same(cx.msg.text(to.uri))?;
    }
    match cx.msg.method() {
        Method::Publish => must_be_same(&cx.request_uri()),
        _ => Ok(()),
    }
}

fn has_credentials(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(realm) = needed(cx, args, 0, "the realm") else {
        return FALSE;
    };
    match credentials::has(cx, &realm) {
        Ok(true) => TRUE,
        Ok(false) | Err(_) => FALSE,
    }
}

fn consume_credentials(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let Some(line) = marks::line(cx) else {
        cx.log(Level::Error, "no credentials were looked at");
        return FALSE;
    };
    cx.edits.delete(line);
    TRUE
}
