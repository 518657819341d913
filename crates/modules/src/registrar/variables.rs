//! `$ulc(profile=>attribute)`: contacts that `reg_fetch_contacts` took out of a table.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;

use crate::usrloc::api::Contact;

/// The rows.
pub(super) static TABLE: &[Variable] = &[Variable::new(
    "ulc",
    read,
    "An attribute of a contact fetched by reg_fetch_contacts: $ulc(profile=>attribute), with an index the contact's place. What is written to it is ignored, as in Kamailio.",
)
.named(Inner::Parsed(parse))
.writable(|_, _, _| true)];

/// The contacts fetched with a message.
#[derive(Debug, Default)]
pub(super) struct Profiles(Vec<Profile>);

/// A set of contacts under a name.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) name: Bytes,
    pub(super) domain: Bytes,
    pub(super) aor: Bytes,
    pub(super) contacts: Vec<Contact>,
}

impl Profiles {
    /// Puts a profile in place of the one of the same name.
    pub(super) fn put(&mut self, profile: Profile) {
        self.remove(&profile.name);
        self.0.push(profile);
    }

    /// Forgets a profile.
    pub(super) fn remove(&mut self, name: &[u8]) {
        self.0.retain(|p| p.name != name);
    }
}

#[derive(Clone, Copy)]
enum Attribute {
    Aor,
    Domain,
    AorHash,
    Count,
    OfContact(fn(&Contact) -> Value),
    Socket,
}

/// A name parsed at load.
struct UlcName {
    profile: Bytes,
    attribute: Attribute,
}

fn parse(_scope: &mut NameScope<'_, '_>, text: &str) -> Result<ParsedName, String> {
    let (profile, attribute) = text
        .split_once("=>")
        .ok_or_else(|| format!("$ulc({text}) is not of the form profile=>attribute"))?;
    let name = attribute.trim();
    let attribute =
        attribute_of(name).ok_or_else(|| format!("contacts have no attribute `{name}`"))?;
    Ok(ParsedName::data(UlcName {
        profile: profile.trim().to_owned().into(),
        attribute,
    }))
}

fn number(n: u32) -> Value {
    Value::Int(i64::from(n))
}

fn or_null(text: Bytes) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::Str(text)
    }
}

fn attribute_of(name: &str) -> Option<Attribute> {
    let read: fn(&Contact) -> Value = match name {
        "aor" => return Some(Attribute::Aor),
        "domain" => return Some(Attribute::Domain),
        "aorhash" => return Some(Attribute::AorHash),
        "count" => return Some(Attribute::Count),
        "socket" => return Some(Attribute::Socket),
        "addr" => |c| Value::Str(c.uri()),
        "path" => |c| Value::Str(c.path()),
        "received" => |c| Value::Str(c.received()),
        "expires" => |c| number(c.expires),
        "callid" => |c| Value::Str(c.call_id()),
        "q" => |c| Value::Int(c.q.map_or(-1, i64::from)),
        "cseq" => |c| number(c.cseq),
        "flags" => |c| number(c.flags),
        "cflags" => |c| number(c.branch_flags),
        "user_agent" => |c| match c.user_agent() {
            t if t.is_empty() => Value::Str(Bytes::from_static(b"n/a")),
            t => Value::Str(t),
        },
        "modified" => |c| number(c.last_modified),
        "methods" => |c| number(c.methods),
        "ruid" => |c| Value::Str(c.ruid()),
        "regid" => |c| number(c.reg_id),
        "instance" => |c| or_null(c.instance()),
        "conid" => |c| {
            c.connection
                .map_or(Value::Null, |id| Value::Int(id.0 as i64))
        },
        "server_id" => |c| number(c.server_id),
        _ => return None,
    };
    Some(Attribute::OfContact(read))
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    let index = name.index(cx);
    let Some(ulc) = name.data::<UlcName>() else {
        return Value::Null;
    };
    let found = cx
        .extensions
        .get::<Profiles>()
        .and_then(|all| all.0.iter().find(|p| p.name == ulc.profile));
    let Some(profile) = found else {
        return Value::Null;
    };
    let contact = index
        .position(profile.contacts.len())
        .and_then(|i| profile.contacts.get(i));
    match (ulc.attribute, contact) {
        (Attribute::Aor, _) => Value::Str(profile.aor.clone()),
        (Attribute::Domain, _) => Value::Str(profile.domain.clone()),
        // Kamailio never fills it.
        (Attribute::AorHash, _) => Value::Int(0),
        (Attribute::Count, _) => Value::Int(profile.contacts.len() as i64),
        (_, None) => Value::Null,
        (Attribute::OfContact(read), Some(contact)) => read(contact),
        (Attribute::Socket, Some(contact)) => contact
            .socket
            .and_then(|id| cx.core.sockets.by_id(id))
            .map_or(Value::Null, |s| Value::Str(s.text.clone())),
    }
}
