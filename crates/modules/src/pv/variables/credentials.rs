//! Digest credentials of a request.

use engine::context::Context;
use engine::module::Variable;
use script::value::Value;
use sip::header::Credentials;
use sip::{HeaderKind, UriRef};

use crate::auth::api::{Kind, authorized, is_found};

use super::super::value::{copy, piece, text};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "au",
        |cx, _| user_part(cx, 0),
        "User of the credentials, without its domain.",
    ),
    Variable::new(
        "aU",
        |cx, _| field(cx, b"username"),
        "User of the credentials as written.",
    ),
    Variable::new(
        "ad",
        |cx, _| user_part(cx, 1),
        "Domain in the credentials' user.",
    ),
    Variable::new(
        "ar",
        |cx, _| field(cx, b"realm"),
        "Realm of the credentials.",
    ),
    Variable::new(
        "aa",
        |cx, _| field(cx, b"algorithm"),
        "Algorithm of the credentials.",
    ),
    Variable::new("adu", |cx, _| field(cx, b"uri"), "URI of the credentials."),
    Variable::new(
        "adr",
        |cx, _| field(cx, b"response"),
        "Response of the credentials.",
    ),
    Variable::new(
        "adn",
        |cx, _| field(cx, b"nonce"),
        "Nonce of the credentials.",
    ),
    Variable::new(
        "adc",
        |cx, _| field(cx, b"cnonce"),
        "Client nonce of the credentials.",
    ),
    Variable::new(
        "ado",
        |cx, _| field(cx, b"opaque"),
        "Opaque value of the credentials.",
    ),
    Variable::new(
        "AU",
        |cx, _| accounted(cx, false),
        "Whom the request is accounted to: the user whose credentials were found right, else From's user.",
    ),
    Variable::new(
        "Au",
        |cx, _| accounted(cx, true),
        "As $AU, with the domain: of the credentials, their realm, or From's.",
    ),
];

/// The proxy's credentials, else the server's: of the first header, which may be of another scheme.
/// Once others behind such a one were looked at, it has credentials without fields.
fn credentials(cx: &Context) -> Option<Option<Credentials>> {
    let (header, kind) = if cx.msg.has(HeaderKind::ProxyAuthorization) {
        (HeaderKind::ProxyAuthorization, Kind::Proxy)
    } else {
        (HeaderKind::Authorization, Kind::Server)
    };
    let first = cx.msg.credentials(header).next().and_then(Result::ok);
    let is_digest = |c: &Credentials| c.is_digest(cx.msg.raw()) && c.fields().next().is_some();
    match first.filter(is_digest) {
        None if !is_found(cx, kind) => None,
        first => Some(first),
    }
}

/// A field that the credentials do not have is empty; the URI is null.
fn field(cx: &mut Context, name: &[u8]) -> Value {
    let Some(credentials) = credentials(cx) else {
        return Value::Null;
    };
    let span = credentials.and_then(|c| c.field(cx.msg.raw(), name));
    match span {
        None if name == b"uri" => Value::Null,
        span => piece(cx, span.unwrap_or_default()),
    }
}

/// `user@domain` in halves.
fn user_part(cx: &mut Context, half: usize) -> Value {
    let Some(credentials) = credentials(cx) else {
        return Value::Null;
    };
    let span = credentials.and_then(|c| c.username(cx.msg.raw()));
    let span = span.unwrap_or_default();
    let (user, domain) = sip::header::split_username(cx.msg.text(span));
    copy(if half == 0 { user } else { domain })
}

fn accounted(cx: &mut Context, with_domain: bool) -> Value {
    if let Some(by) = authorized(cx, Kind::Proxy).filter(|by| !by.user.is_empty()) {
        return match with_domain {
            true => text([&by.user[..], b"@", &by.domain].concat()),
            false => Value::Str(by.user),
        };
    }
    let Some(Ok(from)) = cx.msg.from() else {
        return Value::Null;
    };
    let Ok(uri) = UriRef::parse(cx.msg.text(from.uri)) else {
        return Value::Null;
    };
    match with_domain {
        true => text([uri.user(), b"@", uri.host()].concat()),
        false => copy(uri.user()),
    }
}
