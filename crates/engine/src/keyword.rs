//! Core keywords that stand for values: `src_ip`, `uri`, `myself`, `UDP` …
//! (Kamailio core cookbook 5.6, "Core Keywords" and "Core Values").

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use script::host::{Compared, Comparison};
use script::value::Value;
use sip::{HeaderKind, UriRef};

use crate::context::Context;
use crate::forward::Sending;
use crate::net::{Network, parse_address};
use crate::socket::Proto;
use crate::variable::Readable;

/// A keyword that can be an operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keyword {
    /// `af`: address family of the sender, `INET` or `INET6`.
    Af,
    /// `dst_ip`: local address the message came to.
    DstIp,
    /// `dst_port`.
    DstPort,
    /// `from_uri`.
    FromUri,
    /// `method`.
    Method,
    /// `msg:len`.
    MsgLen,
    /// `myself`: any address or alias of the server.
    Myself,
    /// `proto`: transport the message came by.
    Proto,
    /// `snd_af`: address family of the message that is about to leave (`onsend_route`).
    SndAf,
    /// `snd_ip`: local address it leaves from.
    SndIp,
    /// `snd_port`.
    SndPort,
    /// `snd_proto`: transport it leaves by.
    SndProto,
    /// `to_ip`: address it goes to.
    ToIp,
    /// `to_port`.
    ToPort,
    /// `src_ip`.
    SrcIp,
    /// `src_port`.
    SrcPort,
    /// `status`: reply code.
    Status,
    /// `to_uri`.
    ToUri,
    /// `uri`: request URI.
    Uri,
    /// `UDP`, `TCP`, …
    Transport(Proto),
}

impl Keyword {
    /// Every keyword with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("af", Self::Af),
        ("dst_ip", Self::DstIp),
        ("dst_port", Self::DstPort),
        ("from_uri", Self::FromUri),
        ("method", Self::Method),
        ("msg:len", Self::MsgLen),
        ("myself", Self::Myself),
        ("proto", Self::Proto),
        ("snd_af", Self::SndAf),
        ("snd_ip", Self::SndIp),
        ("snd_port", Self::SndPort),
        ("snd_proto", Self::SndProto),
        ("to_ip", Self::ToIp),
        ("to_port", Self::ToPort),
        ("src_ip", Self::SrcIp),
        ("src_port", Self::SrcPort),
        ("status", Self::Status),
        ("to_uri", Self::ToUri),
        ("uri", Self::Uri),
        ("UDP", Self::Transport(Proto::Udp)),
        ("TCP", Self::Transport(Proto::Tcp)),
        ("TLS", Self::Transport(Proto::Tls)),
        ("SCTP", Self::Transport(Proto::Sctp)),
        ("WS", Self::Transport(Proto::Ws)),
        ("WSS", Self::Transport(Proto::Wss)),
    ];

    /// The keyword of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = match name {
            "to_af" => "snd_af",
            "to_proto" => "snd_proto",
            "udp" => "UDP",
            "tcp" => "TCP",
            "tls" => "TLS",
            "sctp" => "SCTP",
            "ws" => "WS",
            "wss" => "WSS",
            name => name,
        };
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, k)| *k)
    }

    /// Whether it stands for an address.
    fn is_address(self) -> bool {
        matches!(self, Self::SrcIp | Self::DstIp | Self::SndIp | Self::ToIp)
    }

    /// Whether it stands for a number.
    fn is_number(self) -> bool {
        match self {
            Self::Af | Self::SndAf | Self::Proto | Self::SndProto | Self::Transport(_) => true,
            Self::DstPort | Self::SndPort | Self::SrcPort | Self::ToPort | Self::MsgLen => true,
            Self::DstIp | Self::SrcIp | Self::SndIp | Self::ToIp | Self::Myself => false,
            Self::FromUri | Self::ToUri | Self::Uri | Self::Method | Self::Status => false,
        }
    }

    /// Its value for a message.
    pub fn read(self, cx: &mut Context) -> Value {
        let text = |t: &[u8]| Value::Str(Bytes::copy_from_slice(t));
        let address = |a: IpAddr| Value::Str(a.to_string().into());
        match self {
            Self::Af => Value::Int(if cx.received.source.is_ipv4() { 2 } else { 10 }),
            Self::DstIp => address(cx.received.destination.ip()),
            Self::DstPort => Value::Int(i64::from(cx.received.destination.port())),
            Self::SrcIp => address(cx.received.source.ip()),
            Self::SrcPort => Value::Int(i64::from(cx.received.source.port())),
            Self::SndAf => sending(cx).map_or(Value::Null, |(_, to, _)| {
                Value::Int(if to.is_ipv4() { 2 } else { 10 })
            }),
            Self::SndIp => sending(cx).map_or(Value::Null, |(from, ..)| address(from.ip())),
            Self::SndPort => {
                sending(cx).map_or(Value::Null, |(from, ..)| Value::Int(from.port().into()))
            }
            Self::SndProto => {
                sending(cx).map_or(Value::Null, |(.., proto)| Value::Int(proto.number()))
            }
            Self::ToIp => sending(cx).map_or(Value::Null, |(_, to, _)| address(to.ip())),
            Self::ToPort => {
                sending(cx).map_or(Value::Null, |(_, to, _)| Value::Int(to.port().into()))
            }
            Self::Proto => Value::Int(cx.received.proto.number()),
            Self::Transport(p) => Value::Int(p.number()),
            Self::FromUri => header_uri(cx, HeaderKind::From),
            Self::ToUri => header_uri(cx, HeaderKind::To),
            Self::Uri if cx.msg.is_request() => Value::Str(cx.request_uri()),
            Self::Method if cx.msg.is_request() => text(cx.msg.method_text()),
            Self::Uri => Value::Null,
            Self::Method => cx
                .msg
                .cseq()
                .and_then(Result::ok)
                .map_or(Value::Null, |c| Value::Str(cx.msg.slice(c.method_span))),
            Self::Status => cx
                .msg
                .status()
                .map_or(Value::Null, |s| Value::Str(s.to_string().into())),
            Self::MsgLen => Value::Int(i64::try_from(cx.msg.raw().len()).unwrap_or(i64::MAX)),
            Self::Myself => Value::Str(Bytes::from_static(b"myself")),
        }
    }
}

/// Where the message that is about to leave comes from and goes to; only in `onsend_route`.
fn sending(cx: &Context) -> Option<(SocketAddr, SocketAddr, Proto)> {
    let to = &cx.extensions.get::<Sending>()?.to;
    let socket = cx.core.sockets.by_id(to.socket)?;
    Some((socket.address, to.peer, to.proto))
}

fn header_uri(cx: &Context, kind: HeaderKind) -> Value {
    match cx.msg.name_addr(kind) {
        Some(Ok(addr)) => Value::Str(cx.msg.slice(addr.uri)),
        _ => Value::Null,
    }
}

/// Compares operands of which one is a keyword, an address or a network. `None`: the values
/// decide.
pub fn compare(
    cx: &mut Context,
    left: &Readable,
    right: &Readable,
    how: Comparison,
) -> Option<Compared> {
    match (left, right) {
        (Readable::Keyword(Keyword::Myself), other)
        | (other, Readable::Keyword(Keyword::Myself)) => Some(is_myself(cx, other)),
        (Readable::Network(net), other) | (other, Readable::Network(net)) => {
            let address = address_of(cx, other);
            Some(Compared::from_equal(
                address.is_some_and(|a| net.contains(a)),
            ))
        }
        (Readable::Keyword(keyword), _) if keyword.is_number() => number(cx, *keyword, right),
        _ if how == Comparison::Match => is_absent(cx, &[left, right]),
        (Readable::Keyword(k), other) | (other, Readable::Keyword(k)) if k.is_address() => {
            let mine = address_of(cx, &Readable::Keyword(*k))?;
            let Value::Str(text) = other.read(cx) else {
                return None;
            };
            let net = Network::parse(std::str::from_utf8(&text).ok()?)?;
            Some(Compared::from_equal(net.contains(mine)))
        }
        _ => is_absent(cx, &[left]),
    }
}

/// What is not there equals nothing.
fn is_absent(cx: &mut Context, operands: &[&Readable]) -> Option<Compared> {
    let mut operands = operands.iter();
    let absent = operands.any(|operand| match operand {
        // Behind `@` it would read as an empty text.
        Readable::Select(select) => select.read(cx) == Value::Null,
        other => other.read(cx) == Value::Null,
    });
    absent.then_some(Compared::Unequal)
}

/// A number is compared with the number of a variable, and with no text.
fn number(cx: &mut Context, keyword: Keyword, right: &Readable) -> Option<Compared> {
    if matches!(right, Readable::Select(_)) {
        return Some(Compared::Failed);
    }
    let number = right.number(cx)?;
    Some(Compared::from_equal(keyword.read(cx) == Value::Int(number)))
}

/// Compares a keyword with a literal: addresses and networks by containment, methods without
/// case. `None`: the values decide.
pub fn compare_literal(cx: &mut Context, left: &Readable, right: &Value) -> Option<Compared> {
    let Readable::Keyword(keyword) = left else {
        return None;
    };
    let Value::Str(text) = right else {
        return is_absent(cx, &[left]);
    };
    if keyword.is_number() {
        return Some(Compared::Failed);
    }
    if keyword.is_address() {
        let net = Network::parse(std::str::from_utf8(text).ok()?)?;
        let address = address_of(cx, left);
        return Some(Compared::from_equal(
            address.is_some_and(|a| net.contains(a)),
        ));
    }
    match (keyword, left.read(cx)) {
        (_, Value::Null) => Some(Compared::Unequal),
        (Keyword::Method, Value::Str(method)) => {
            Some(Compared::from_equal(method.eq_ignore_ascii_case(text)))
        }
        _ => None,
    }
}

fn address_of(cx: &mut Context, operand: &Readable) -> Option<IpAddr> {
    match operand {
        Readable::Keyword(Keyword::SrcIp) => Some(cx.received.source.ip()),
        Readable::Keyword(Keyword::DstIp) => Some(cx.received.destination.ip()),
        Readable::Keyword(Keyword::SndIp) => sending(cx).map(|(from, ..)| from.ip()),
        Readable::Keyword(Keyword::ToIp) => sending(cx).map(|(_, to, _)| to.ip()),
        Readable::Network(n) => Some(n.address()),
        other => match other.read(cx) {
            Value::Str(text) => parse_address(std::str::from_utf8(&text).ok()?),
            _ => None,
        },
    }
}

/// Whether an operand names this server: an address among the listening ones, or a URI whose
/// host and port are ours. It fails for what is no URI.
fn is_myself(cx: &mut Context, operand: &Readable) -> Compared {
    if let Readable::Keyword(keyword) = operand
        && keyword.is_address()
    {
        let address = address_of(cx, operand);
        return Compared::from_equal(address.is_some_and(|a| cx.core.sockets.is_my_address(a)));
    }
    match operand.read(cx) {
        Value::Str(text) => match cx.uri_of(&text) {
            Some(uri) => {
                let uri = UriRef { text: &text, uri };
                Compared::from_equal(is_mine(cx, &uri))
            }
            None => no_uri(operand),
        },
        _ => no_uri(operand),
    }
}

/// What comparing a text with `myself` that is no URI yields: headers name others then.
fn no_uri(operand: &Readable) -> Compared {
    match operand {
        Readable::Keyword(Keyword::FromUri | Keyword::ToUri) => Compared::Unequal,
        _ => Compared::Failed,
    }
}

/// Whether the host of a URI is this server.
#[must_use]
pub fn is_my_uri(cx: &Context, uri: &[u8]) -> bool {
    match UriRef::parse(uri) {
        Ok(uri) => is_mine(cx, &uri),
        // A bare host or address.
        Err(_) => cx.core.sockets.is_myself(uri, None, None),
    }
}

fn is_mine(cx: &Context, uri: &UriRef<'_>) -> bool {
    // As in Kamailio the transport says no more than which port is meant.
    let over_tls = uri.transport().and_then(Proto::from_name) == Some(Proto::Tls);
    let usual = if over_tls { 5061 } else { 5060 };
    let port = uri.port().unwrap_or(usual);
    cx.core.sockets.is_myself(uri.host(), Some(port), None)
}
