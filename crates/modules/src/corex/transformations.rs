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
        |_, v, _| part(&v, |s| s.host.clone()),
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
        |_, v, _| part(&v, |s| s.proto.clone()),
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

/// The parts; those that are not written are empty.
struct Socket {
    proto: Bytes,
    host: Bytes,
    port: Bytes,
}

impl Socket {
    fn parse(text: &Bytes) -> Option<Self> {
        let first =
            memchr::memchr(b':', text).filter(|at| Proto::from_name(&text[..*at]).is_some());
        let (proto, rest) = match first {
            Some(at) => (text.slice(..at), text.slice(at + 1..)),
            None => (Bytes::new(), text.clone()),
        };
        let host = match rest.first()? {
            b'[' => memchr::memchr(b']', &rest)? + 1,
            _ => memchr::memchr(b':', &rest).unwrap_or(rest.len()),
        };
        let port = match &rest[host..] {
            [] => Bytes::new(),
            [b':', port @ ..] if !port.is_empty() && port.iter().all(u8::is_ascii_digit) => {
                rest.slice_ref(port)
            }
            _ => return None,
        };
        Some(Self {
            proto,
            host: rest.slice(..host),
            port,
        })
    }
}

fn part(value: &Value, of: fn(&Socket) -> Bytes) -> Value {
    Socket::parse(&value.to_bytes()).map_or(Value::Null, |socket| Value::Str(of(&socket)))
}

fn to_uri(socket: &Socket) -> Bytes {
    if socket.host.is_empty() {
        return Bytes::new();
    }
    let mut out = [b"sip:", &socket.host[..]].concat();
    if !socket.port.is_empty() {
        out.push(b':');
        out.extend_from_slice(&socket.port);
    }
    if !socket.proto.is_empty() {
        out.extend_from_slice(b";transport=");
        out.extend_from_slice(&socket.proto);
    }
    out.into()
}
