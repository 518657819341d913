//! Addresses and ports: `@src.ip`, `@received.proto_ip_port`, `@next_hop.src_ip`.

use script::value::Value;
use sip::UriRef;

use super::path::Step;
use crate::context::Context;
use crate::core_functions::relay::next_hop;
use crate::forward::socket_for;
use crate::net::parse_address;
use crate::request_uri::Phones;
use crate::services::Candidate;

/// An address.
pub(super) enum Place {
    /// Where the message came from, or where it came to.
    Of(Whose, Shown),
    /// The address that we would send to the next hop from.
    SourceForNextHop,
}

/// Whose address.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    Source,
    Ours,
}

/// What is shown of an address.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    Proto,
    Ip,
    Port,
    IpPort,
    ProtoIpPort,
}

impl Place {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let [first, shown] = steps else {
            return None;
        };
        let first = first.word()?;
        let shown = match shown.word()? {
            "src_ip" if first == "next_hop" => return Some(Self::SourceForNextHop),
            "ip" => Shown::Ip,
            "port" => Shown::Port,
            "ip_port" => Shown::IpPort,
            "proto" if first == "received" => Shown::Proto,
            "proto_ip_port" if first == "received" => Shown::ProtoIpPort,
            _ => return None,
        };
        match first {
            "src" => Some(Self::Of(Whose::Source, shown)),
            "dst" | "received" => Some(Self::Of(Whose::Ours, shown)),
            _ => None,
        }
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        match self {
            Self::Of(whose, shown) => of(cx, *whose, *shown),
            Self::SourceForNextHop => source_for_next_hop(cx),
        }
    }
}

/// Null for a reply, for a telephone number, and while the next hop's name is not looked up.
fn source_for_next_hop(cx: &Context) -> Value {
    let uri = cx
        .target
        .dst_uri
        .clone()
        .unwrap_or_else(|| cx.request_uri());
    let is_phone = UriRef::parse(&uri).is_ok_and(|uri| Phones::of(&cx.core.settings).has(&uri));
    if !cx.msg.is_request() || is_phone {
        return Value::Null;
    }
    let found = next_hop(cx).and_then(|hop| {
        let host = std::str::from_utf8(&hop.host).ok()?;
        let proto = hop.proto.unwrap_or_default();
        let port = hop.port.unwrap_or_else(|| proto.default_port());
        let address = std::net::SocketAddr::new(parse_address(host)?, port);
        socket_for(
            &cx.core,
            &Candidate { proto, address },
            cx.target.socket,
            Some(&cx.received),
        )
    });
    found.map_or(Value::Null, |socket| {
        Value::Str(
            crate::net::AddressText::new(socket.address.ip())
                .to_string()
                .into(),
        )
    })
}

fn of(cx: &Context, whose: Whose, shown: Shown) -> Value {
    let address = match whose {
        Whose::Source => cx.received.source,
        Whose::Ours => cx.received.destination,
    };
    let proto = cx.received.proto.name();
    let text = match shown {
        Shown::Proto => proto.to_owned(),
        Shown::Ip => crate::net::AddressText::new(address.ip()).to_string(),
        Shown::Port => return Value::Int(i64::from(address.port())),
        Shown::IpPort => address.to_string(),
        Shown::ProtoIpPort => format!("{proto}:{address}"),
    };
    Value::Str(text.into())
}
