//! Headers that hold an address: `@from.uri.user`, `@contact.expires`.

use script::value::Value;
use sip::HeaderKind;
use sip::header::{Contact, NameAddr};

use super::path::{self, Step};
use super::uri::UriPart;
use crate::context::Context;

/// What is shown of an address header.
enum AddressPart {
    /// The value of the first header.
    Whole,
    Name,
    Uri(UriPart),
    /// A parameter, by its name.
    Param(String),
}

/// A part of an address header.
pub(super) struct Address {
    kind: HeaderKind,
    part: AddressPart,
}

impl Address {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let (first, rest) = path::split(steps)?;
        let kind = match first {
            "from" | "f" => HeaderKind::From,
            "to" | "t" => HeaderKind::To,
            "contact" | "m" => HeaderKind::Contact,
            "record_route" | "rr" => HeaderKind::RecordRoute,
            "refer_to" => HeaderKind::ReferTo,
            "rpid" | "remote_party_id" => HeaderKind::RemotePartyId,
            _ => return None,
        };
        let part = part(kind, rest)?;
        Some(Self { kind, part })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let Some(header) = cx.msg.first(self.kind) else {
            return Value::Null;
        };
        let address = self.address(cx);
        let is_star = || self.kind == HeaderKind::Contact && cx.msg.text(header.value) == b"*";
        if matches!(self.part, AddressPart::Whole) && (address.is_some() || is_star()) {
            return Value::Str(cx.msg.slice(header.value));
        }
        let Some(address) = address.filter(|_| !is_star()) else {
            return Value::Null;
        };
        match &self.part {
            AddressPart::Whole => Value::Null,
            AddressPart::Name if address.display.is_empty() && !self.has_empty_name() => {
                Value::Null
            }
            AddressPart::Name => Value::Str(cx.msg.slice(address.display)),
            AddressPart::Uri(part) => part.of(cx, &cx.msg.slice(address.uri)),
            AddressPart::Param(name) => address
                .params
                .find(cx.msg.raw(), name.as_bytes())
                .and_then(|p| p.value)
                .map_or(Value::Null, |value| Value::Str(cx.msg.slice(value))),
        }
    }

    /// The name of one who has none is empty in these headers, and null in others.
    fn has_empty_name(&self) -> bool {
        matches!(self.kind, HeaderKind::Contact | HeaderKind::RecordRoute)
    }

    /// Of several contacts in the first header Kamailio takes the last. A route is an address in
    /// brackets.
    fn address(&self, cx: &Context) -> Option<NameAddr> {
        let header = cx.msg.first(self.kind)?;
        if self.kind == HeaderKind::Contact {
            let mut list = Vec::new();
            Contact::parse_list(cx.msg.raw(), header.value, &mut list).ok()?;
            return list.pop().map(|c| c.addr);
        }
        let (address, _) = NameAddr::parse_element(cx.msg.raw(), header.value).ok()?;
        (address.bracketed || self.kind != HeaderKind::RecordRoute).then_some(address)
    }
}

fn part(kind: HeaderKind, steps: &[Step]) -> Option<AddressPart> {
    let Some((first, rest)) = path::split(steps) else {
        return steps.is_empty().then_some(AddressPart::Whole);
    };
    let is_contact = kind == HeaderKind::Contact;
    Some(match (first, rest) {
        ("uri", rest) => AddressPart::Uri(UriPart::parse(rest)?),
        ("name", []) => AddressPart::Name,
        ("instance", []) if is_contact => AddressPart::Param("+sip.instance".to_owned()),
        (name @ ("expires" | "q" | "methods" | "received"), []) if is_contact => {
            AddressPart::Param(name.to_owned())
        }
        ("tag", []) if !is_contact && kind != HeaderKind::RecordRoute => {
            AddressPart::Param("tag".to_owned())
        }
        _ => AddressPart::Param(path::param(steps)?.to_owned()),
    })
}
