//! The rest of a message: Via elements, start line, plain headers, addresses and ports.

use bytes::Bytes;
use script::value::Value;
use sip::header::Via;
use sip::{HeaderKind, Span};

use super::Step;
use crate::context::Context;
use crate::core_functions::relay::next_hop;
use crate::forward::socket_for;
use crate::net::parse_address;
use crate::services::Candidate;

/// A part of the message.
#[derive(Clone)]
pub(super) enum Part {
    /// An element of the Vias, counted from 1 or backwards from -1.
    Via(i64, ViaPart),
    /// The value of the first header of a kind.
    Header(HeaderKind),
    CseqNumber,
    CseqMethod,
    Method,
    Status,
    Reason,
    Version,
    /// The message, as a request or as a reply only where that is asked for.
    Buffer(Option<bool>),
    FirstLine,
    Kind,
    Length,
    Number,
    NumberInHex,
    /// The address that we would send to the next hop from.
    SourceForNextHop,
    /// The body if it describes a session, or its first line of a letter.
    Session(Option<u8>),
    /// The first header of a name that has no kind.
    Named(&'static str),
    Flags,
    Body,
    Place(Whose, Shown),
}

/// What is shown of a Via element.
#[derive(Clone)]
pub(super) enum ViaPart {
    Whole,
    Name,
    Version,
    Transport,
    Host,
    Port,
    Param(String),
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

impl Part {
    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        let (first, rest) = steps.split_first()?;
        if matches!(first.name, "via" | "v") {
            let index = first.index.map_or(Some(1), |i| i.parse().ok())?;
            return Some(Self::Via(index, ViaPart::parse(rest)?));
        }
        let names: Vec<&str> = steps.iter().map(Step::plain).collect::<Option<_>>()?;
        if matches!(names[..], ["msg" | "message", ..]) {
            return Self::of_message(&names[1..]);
        }
        Some(match names[..] {
            ["cseq"] => Self::Header(HeaderKind::CSeq),
            ["cseq", "num"] => Self::CseqNumber,
            ["cseq", "method"] => Self::CseqMethod,
            ["method"] => Self::Method,
            ["status" | "code"] => Self::Status,
            ["next_hop", "src_ip"] => Self::SourceForNextHop,
            ["identity"] => Self::Named("Identity"),
            ["identity_info"] => Self::Named("Identity-Info"),
            ["reason"] => Self::Reason,
            ["version"] => Self::Version,
            ["src", shown] => Self::Place(Whose::Source, Shown::parse(shown)?),
            ["dst" | "received", shown] => Self::Place(Whose::Ours, Shown::parse(shown)?),
            [name] => Self::header(name)?,
            _ => return None,
        })
    }

    fn of_message(names: &[&str]) -> Option<Self> {
        Some(match names {
            [] => Self::Buffer(None),
            ["first_line"] => Self::FirstLine,
            ["type"] => Self::Kind,
            ["len"] => Self::Length,
            ["id"] => Self::Number,
            ["id", "hex"] => Self::NumberInHex,
            ["body" | "content", "sdp"] => Self::Session(None),
            ["body" | "content", "sdp", "line", letter] => {
                Self::Session(Some(*letter.as_bytes().first()?))
            }
            ["flags"] => Self::Flags,
            ["body" | "content"] => Self::Body,
            ["request" | "req"] => Self::Buffer(Some(true)),
            ["response" | "res"] => Self::Buffer(Some(false)),
            ["request" | "req", "method"] => Self::Method,
            ["request" | "req" | "response" | "res", "version"] => Self::Version,
            ["response" | "res", "status" | "code"] => Self::Status,
            ["response" | "res", "reason"] => Self::Reason,
            [name] => Self::header(name)?,
            _ => return None,
        })
    }

    /// `max_forwards` is `Max-Forwards`.
    fn header(name: &str) -> Option<Self> {
        let kind = match name {
            "callid" => HeaderKind::CallId,
            _ => HeaderKind::from_name(name.replace('_', "-").as_bytes()),
        };
        (kind != HeaderKind::Other).then_some(Self::Header(kind))
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let msg = &cx.msg;
        let text = |span: Span| Value::Str(msg.slice(span));
        let number = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        match self {
            Self::Via(index, part) => find(cx, *index).map_or(Value::Null, |via| part.of(cx, &via)),
            Self::Header(kind) => msg
                .first(*kind)
                .map_or(Value::Null, |h| text(h.raw_value(msg.raw()))),
            Self::CseqNumber => match msg.cseq() {
                Some(Ok(cseq)) => text(cseq.number_span),
                _ => Value::Null,
            },
            Self::CseqMethod => match msg.cseq() {
                Some(Ok(cseq)) => text(cseq.method_span),
                _ => Value::Null,
            },
            Self::Method => Value::Str(Bytes::copy_from_slice(msg.method_text())),
            Self::Status => msg.status().map_or(Value::Null, |s| number(s.into())),
            Self::Reason if msg.is_reply() => Value::Str(Bytes::copy_from_slice(msg.reason())),
            Self::Reason => Value::Null,
            Self::Version => Value::Str(Bytes::copy_from_slice(msg.version())),
            Self::Buffer(Some(request)) if *request != msg.is_request() => Value::Null,
            Self::Buffer(_) => Value::Str(msg.raw().clone()),
            Self::FirstLine => {
                let line = msg.slice(msg.start_line_span());
                Value::Str(line.slice_ref(line.trim_ascii_end()))
            }
            Self::Kind => number(if msg.is_request() { 1 } else { 2 }),
            Self::Length => number(msg.raw().len()),
            Self::Number => Value::Int(i64::try_from(cx.id).unwrap_or(i64::MAX)),
            Self::NumberInHex => Value::Str(format!("{:08x}", cx.id).into()),
            Self::SourceForNextHop => source_for_next_hop(cx),
            Self::Session(letter) => session(cx, *letter),
            Self::Named(name) => msg
                .find_name(name.as_bytes())
                .map_or(Value::Null, |h| text(h.value)),
            Self::Flags => Value::Int(i64::from(cx.flags)),
            Self::Body => text(msg.body_span()),
            Self::Place(whose, shown) => place(cx, *whose, *shown),
        }
    }
}

impl ViaPart {
    fn parse(steps: &[Step<'_>]) -> Option<Self> {
        Some(match steps {
            [] => Self::Whole,
            [params, name] if params.plain() == Some("params") => {
                Self::Param(name.plain()?.to_owned())
            }
            [step] => match (step.name, step.index) {
                ("params", Some(name)) => Self::Param(name.to_owned()),
                (_, Some(_)) => return None,
                ("name", None) => Self::Name,
                ("version", None) => Self::Version,
                ("transport", None) => Self::Transport,
                ("host", None) => Self::Host,
                ("port", None) => Self::Port,
                (name @ ("branch" | "received" | "rport" | "i" | "alias"), None) => {
                    Self::Param(name.to_owned())
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn of(&self, cx: &Context, via: &Via) -> Value {
        let span = match self {
            Self::Whole => via.whole,
            Self::Name => via.protocol(),
            Self::Version => via.version,
            Self::Transport => via.transport,
            Self::Host => via.host,
            Self::Port => via.port_span,
            Self::Param(name) => {
                let found = via.params.find(cx.msg.raw(), name.as_bytes());
                match found.and_then(|p| p.value) {
                    Some(value) if !value.is_empty() => value,
                    _ => return Value::Null,
                }
            }
        };
        Value::Str(cx.msg.slice(span))
    }
}

impl Shown {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "proto" => Self::Proto,
            "ip" => Self::Ip,
            "port" => Self::Port,
            "ip_port" => Self::IpPort,
            "proto_ip_port" => Self::ProtoIpPort,
            _ => return None,
        })
    }
}

fn find(cx: &Context, index: i64) -> Option<Via> {
    match index {
        0 => None,
        1.. => cx.msg.vias().nth(usize::try_from(index - 1).ok()?)?.ok(),
        _ => {
            let all: Vec<Via> = cx.msg.vias().filter_map(Result::ok).collect();
            let back = usize::try_from(index.unsigned_abs()).ok()?;
            all.into_iter().rev().nth(back - 1)
        }
    }
}

/// Null for a reply, and while the next hop's name is not looked up.
fn source_for_next_hop(cx: &Context) -> Value {
    if !cx.msg.is_request() {
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
        Value::Str(socket.address.ip().to_string().into())
    })
}

fn session(cx: &Context, letter: Option<u8>) -> Value {
    let is_session = cx
        .msg
        .value(HeaderKind::ContentType)
        .and_then(|t| t.get(..15))
        .is_some_and(|t| t.eq_ignore_ascii_case(b"application/sdp"));
    if !is_session {
        return Value::Null;
    }
    let body = cx.msg.slice(cx.msg.body_span());
    let Some(letter) = letter else {
        return Value::Str(body);
    };
    let mut lines = body.split(|b| *b == b'\n');
    let found = lines.find_map(|line| line.strip_prefix(&[letter, b'=']));
    found.map_or(Value::Null, |line| {
        Value::Str(body.slice_ref(line.strip_suffix(b"\r").unwrap_or(line)))
    })
}

fn place(cx: &Context, whose: Whose, shown: Shown) -> Value {
    let address = match whose {
        Whose::Source => cx.received.source,
        Whose::Ours => cx.received.destination,
    };
    let proto = cx.received.proto.name();
    let text = match shown {
        Shown::Proto => proto.to_owned(),
        Shown::Ip => address.ip().to_string(),
        Shown::Port => return Value::Int(i64::from(address.port())),
        Shown::IpPort => address.to_string(),
        Shown::ProtoIpPort => format!("{proto}:{address}"),
    };
    Value::Str(text.into())
}
