//! Headers that hold an address: `@from.uri.user`, `@contact.expires`.

use script::value::Value;
use sip::HeaderKind;
use sip::header::{Contact, NameAddr};

use super::Step;
use super::uri::UriPart;
use crate::context::Context;

/// What is shown of an address header.
#[derive(Clone)]
enum AddressPart {
    /// The value of the first header.
    Whole,
    Name,
    Uri(UriPart),
    /// A parameter, by its name.
    Param(String),
}

/// A part of an address header.
#[derive(Clone)]
pub(super) struct Address {
    kind: HeaderKind,
    part: AddressPart,
}

impl Address {
    /// A contact without a name has an empty one; the name of other headers is then none.
    pub(super) fn is_contact_name(&self) -> bool {
        self.kind == HeaderKind::Contact && matches!(self.part, AddressPart::Name)
    }

    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        let (first, rest) = steps.split_first()?;
        let kind = match first.plain()? {
            "from" | "f" => HeaderKind::From,
            "to" | "t" => HeaderKind::To,
            "contact" | "m" => HeaderKind::Contact,
            "record_route" | "rr" => HeaderKind::RecordRoute,
            "refer_to" => HeaderKind::ReferTo,
            "rpid" | "remote_party_id" => HeaderKind::RemotePartyId,
            _ => return None,
        };
        let part = match rest {
            [] => AddressPart::Whole,
            [uri, of @ ..] if uri.plain() == Some("uri") => AddressPart::Uri(UriPart::parse(of)?),
            [params, name] if params.plain() == Some("params") => {
                AddressPart::Param(name.plain()?.to_owned())
            }
            [step] => match (step.name, step.index) {
                ("params", Some(name)) => AddressPart::Param(name.to_owned()),
                ("name", None) => AddressPart::Name,
                ("tag", None) if kind != HeaderKind::Contact => {
                    AddressPart::Param("tag".to_owned())
                }
                ("instance", None) if kind == HeaderKind::Contact => {
                    AddressPart::Param("+sip.instance".to_owned())
                }
                (name @ ("expires" | "q" | "methods" | "received"), None)
                    if kind == HeaderKind::Contact =>
                {
                    AddressPart::Param(name.to_owned())
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Self { kind, part })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        if matches!(self.part, AddressPart::Whole) {
            return cx
                .msg
                .first(self.kind)
                .map_or(Value::Null, |h| Value::Str(cx.msg.slice(h.value)));
        }
        let Some(address) = self.address(cx) else {
            return Value::Null;
        };
        match &self.part {
            AddressPart::Whole => Value::Null,
            AddressPart::Name => Value::Str(cx.msg.slice(address.display)),
            AddressPart::Uri(part) => part.of(cx, &cx.msg.slice(address.uri)),
            AddressPart::Param(name) => address
                .params
                .find(cx.msg.raw(), name.as_bytes())
                .map_or(Value::Null, |p| {
                    Value::Str(cx.msg.slice(p.value.unwrap_or_default()))
                }),
        }
    }

    /// Of several contacts in the first header Kamailio takes the last.
    fn address(&self, cx: &Context) -> Option<NameAddr> {
        let header = cx.msg.first(self.kind)?;
        if self.kind == HeaderKind::Contact {
            let mut list = Vec::new();
            Contact::parse_list(cx.msg.raw(), header.value, &mut list).ok()?;
            return list.pop().map(|c| c.addr);
        }
        let (address, _) = NameAddr::parse_element(cx.msg.raw(), header.value).ok()?;
        Some(address)
    }
}
