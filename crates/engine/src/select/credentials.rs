//! Credentials of a realm: `@authorization["realm"].nonce`.

use script::value::Value;
use sip::HeaderKind;

use super::path::Step;
use crate::context::Context;

/// What is shown of the credentials.
enum Part {
    /// The header's value.
    Whole,
    /// A field by its name.
    Field(&'static str),
    /// What stands before the `@` of the user.
    User,
    /// What stands behind it.
    Domain,
}

/// A part of the credentials of a realm.
pub(super) struct Credentials {
    kind: HeaderKind,
    realm: String,
    part: Part,
}

const FIELDS: &[&str] = &[
    "username",
    "realm",
    "nonce",
    "uri",
    "cnonce",
    "nc",
    "response",
    "opaque",
    "algorithm",
    "qop",
];

impl Credentials {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let [first, realm, rest @ ..] = steps else {
            return None;
        };
        let kind = match first.word()? {
            "authorization" => HeaderKind::Authorization,
            "proxy_authorization" => HeaderKind::ProxyAuthorization,
            _ => return None,
        };
        let names: Vec<&str> = rest.iter().map(Step::word).collect::<Option<_>>()?;
        let part = match names[..] {
            [] => Part::Whole,
            ["username", "user"] => Part::User,
            ["username", "domain"] => Part::Domain,
            [name] => Part::Field(FIELDS.iter().find(|f| **f == name)?),
            _ => return None,
        };
        let realm = realm.text()?.to_owned();
        Some(Self { kind, realm, part })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let raw = cx.msg.raw();
        let mut all = cx.msg.all(self.kind).zip(cx.msg.credentials(self.kind));
        let found = all.find_map(|(header, credentials)| {
            let credentials = credentials.ok()?;
            let realm = credentials.field(raw, b"realm")?;
            (cx.msg.text(realm) == self.realm.as_bytes()).then_some((header.value, credentials))
        });
        let Some((whole, credentials)) = found else {
            return Value::Null;
        };
        let field = |name: &str| {
            let span = credentials.field(raw, name.as_bytes())?;
            Some(cx.msg.slice(span))
        };
        let shown = match self.part {
            Part::Whole => Some(cx.msg.slice(whole)),
            Part::Field(name) => field(name),
            Part::User => field("username").map(|user| {
                let end = memchr::memchr(b'@', &user).unwrap_or(user.len());
                user.slice(..end)
            }),
            Part::Domain => field("username").and_then(|user| {
                let at = memchr::memchr(b'@', &user)?;
                Some(user.slice(at + 1..))
            }),
        };
        shown.map_or(Value::Null, Value::Str)
    }
}
