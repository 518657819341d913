//! `{sock.…}`: parts of a socket's text, `udp:10.0.0.1:5060`.

use bytes::Bytes;
use engine::socket::Proto;
use engine::transformation::Transformation;
use script::value::Value;

/// The rows.
pub static TABLE: &[Transformation] = &[
    Transformation::new(
        "sock",
        "host",
        (0, 0),
        |_, v, _| part(&v, |s| Some(s.host.clone())),
        "Host of a socket.",
    ),
    Transformation::new(
        "sock",
        "port",
        (0, 0),
        |_, v, _| part(&v, |s| s.port.clone()),
        "Port of a socket.",
    ),
    Transformation::new(
        "sock",
        "proto",
        (0, 0),
        |_, v, _| {
            part(&v, |s| {
                s.proto.map(|p| Bytes::from_static(p.name().as_bytes()))
            })
        },
        "Transport of a socket.",
    ),
    Transformation::new(
        "sock",
        "touri",
        (0, 0),
        |_, v, _| part(&v, to_uri),
        "A socket as a URI.",
    ),
];

struct Socket {
    proto: Option<Proto>,
    host: Bytes,
    port: Option<Bytes>,
}

impl Socket {
    fn parse(text: &Bytes) -> Option<Self> {
        let (proto, rest) = match memchr::memchr(b':', text) {
            Some(at) if Proto::from_name(&text[..at]).is_some() => {
                (Proto::from_name(&text[..at]), text.slice(at + 1..))
            }
            _ => (None, text.clone()),
        };
        let bracket = rest.iter().rposition(|b| *b == b']').map_or(0, |at| at + 1);
        let (host, port) = match memchr::memrchr(b':', &rest[bracket..]) {
            Some(at) => (
                rest.slice(..bracket + at),
                Some(rest.slice(bracket + at + 1..)),
            ),
            None => (rest, None),
        };
        (!host.is_empty()).then_some(Self { proto, host, port })
    }
}

fn part(value: &Value, of: fn(&Socket) -> Option<Bytes>) -> Value {
    match value {
        Value::Str(text) => Socket::parse(text)
            .and_then(|s| of(&s))
            .map_or(Value::Null, Value::Str),
        _ => Value::Null,
    }
}

fn to_uri(socket: &Socket) -> Option<Bytes> {
    let mut out = [b"sip:", &socket.host[..]].concat();
    if let Some(port) = &socket.port {
        out.push(b':');
        out.extend_from_slice(port);
    }
    if let Some(proto) = socket.proto {
        out.extend_from_slice(b";transport=");
        out.extend_from_slice(proto.name().as_bytes());
    }
    Some(out.into())
}
