//! `{uri.…}` and `{urialias.…}`.

use script::value::Value;
use sip::UriRef;
use sip::uri::Scheme;

use crate::context::Context;
use crate::log::Level;
use crate::request_uri::Phones;
use crate::socket::Proto;
use crate::transformation::{Transform, Transformation};

use super::param::value_in;

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "uri",
        "user",
        (0, 0),
        |cx, v, _| {
            let phones = Phones::of(&cx.core.settings);
            part(cx, v, |u| Some(phones.user(u).to_vec()))
        },
        "User.",
    ),
    Transformation::new(
        "uri",
        "host",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(u.host().to_vec())),
        "Host.",
    ),
    Transformation::new(
        "uri",
        "domain",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(u.host().to_vec())),
        "Same as host.",
    ),
    Transformation::new(
        "uri",
        "passwd",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(u.password().to_vec())),
        "Password.",
    ),
    Transformation::new("uri", "port", (0, 0), port, "Port; 0 if none is written.")
        .shown_as(|cx, v, _| part(cx, v, |u| Some(u.uri.port_span.get(u.text).to_vec()))),
    Transformation::new(
        "uri",
        "params",
        (0, 0),
        |cx, v, _| part(cx, v, params),
        "Parameters.",
    ),
    Transformation::new("uri", "param", (1, 1), param, "Value of a parameter."),
    Transformation::new(
        "uri",
        "headers",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(u.headers_text().to_vec())),
        "Headers.",
    ),
    Transformation::new(
        "uri",
        "transport",
        (0, 0),
        |cx, v, _| known(cx, v, b"transport"),
        "Parameter transport.",
    ),
    Transformation::new(
        "uri",
        "ttl",
        (0, 0),
        |cx, v, _| known(cx, v, b"ttl"),
        "Parameter ttl.",
    ),
    Transformation::new(
        "uri",
        "uparam",
        (0, 0),
        |cx, v, _| known(cx, v, b"user"),
        "Parameter user.",
    ),
    Transformation::new(
        "uri",
        "maddr",
        (0, 0),
        |cx, v, _| known(cx, v, b"maddr"),
        "Parameter maddr.",
    ),
    Transformation::new(
        "uri",
        "method",
        (0, 0),
        |cx, v, _| known(cx, v, b"method"),
        "Parameter method.",
    ),
    Transformation::new(
        "uri",
        "lr",
        (0, 0),
        |cx, v, _| known(cx, v, b"lr"),
        "Parameter lr.",
    ),
    Transformation::new(
        "uri",
        "r2",
        (0, 0),
        |cx, v, _| known(cx, v, b"r2"),
        "Parameter r2.",
    ),
    Transformation::new(
        "uri",
        "scheme",
        (0, 0),
        |cx, v, _| part(cx, v, scheme),
        "Scheme as written.",
    ),
    Transformation::new(
        "uri",
        "tosocket",
        (0, 0),
        |cx, v, _| part(cx, v, to_socket),
        "As transport:host:port, if its transport is written.",
    ),
    Transformation::new(
        "uri",
        "duri",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(compose(u, false, true))),
        "Scheme, host, port and transport: where it leads.",
    ),
    Transformation::new(
        "uri",
        "saor",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(compose(u, true, false))),
        "Scheme, user and host: the address of record.",
    ),
    Transformation::new(
        "uri",
        "suri",
        (0, 0),
        |cx, v, _| part(cx, v, |u| Some(compose(u, true, true))),
        "Scheme, user, host, port and transport.",
    ),
    Transformation::new(
        "urialias",
        "encode",
        (0, 0),
        alias_of,
        "Host, port and transport as the value of an alias parameter.",
    ),
    Transformation::new(
        "urialias",
        "decode",
        (0, 0),
        from_alias,
        "The URI that an alias value stands for.",
    ),
];

fn parsed<T>(
    cx: &mut Context,
    value: &Value,
    of: impl FnOnce(&UriRef<'_>) -> Option<T>,
) -> Option<T> {
    let text = match value {
        Value::Null => return None,
        value => value.to_bytes(),
    };
    if text.is_empty() {
        return None;
    }
    match UriRef::parse(&text) {
        Ok(uri) => of(&uri),
        Err(_) => {
            let shown = String::from_utf8_lossy(&text).into_owned();
            cx.log(Level::Error, &format!("`{shown}` is no URI"));
            None
        }
    }
}

fn part(cx: &mut Context, value: Value, of: impl FnOnce(&UriRef<'_>) -> Option<Vec<u8>>) -> Value {
    parsed(cx, &value, of).map_or(Value::Null, |t| Value::Str(t.into()))
}

fn port(cx: &mut Context, value: Value, _: &Transform) -> Value {
    let port = parsed(cx, &value, |u| Some(u.port().unwrap_or(0)));
    port.map_or(Value::Null, |port| Value::Int(i64::from(port)))
}

fn scheme(uri: &UriRef<'_>) -> Option<Vec<u8>> {
    uri.text.split(|b| *b == b':').next().map(<[u8]>::to_vec)
}

/// The parameters of a tel URI belong to its number.
fn params(uri: &UriRef<'_>) -> Option<Vec<u8>> {
    match uri.scheme() {
        Scheme::Tel => Some(Vec::new()),
        _ => Some(uri.params_text().to_vec()),
    }
}

fn known(cx: &mut Context, value: Value, name: &[u8]) -> Value {
    part(cx, value, |u| {
        Some(u.param(name).unwrap_or_default().to_vec())
    })
}

/// A parameter that is not there has an empty value, not none.
fn param(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let name = how.text(cx, 0);
    part(cx, value, |u| {
        let params = params(u)?;
        if params.is_empty() {
            return Some(params);
        }
        let found = value_in(&params, b';', name?.trim_ascii()).ok()?;
        Some(found.unwrap_or_default().to_vec())
    })
}

fn to_socket(uri: &UriRef<'_>) -> Option<Vec<u8>> {
    let proto = uri.transport().and_then(Proto::from_name);
    // Secure WebSocket is no transport of a URI (RFC 7118 section 5.4).
    let Some(proto) = proto.filter(|proto| *proto != Proto::Wss) else {
        return Some(Vec::new());
    };
    let port = match uri.uri.port_span.get(uri.text) {
        b"" => b"5060",
        port => port,
    };
    Some([proto.name().as_bytes(), b":", uri.host(), b":", port].concat())
}

fn compose(uri: &UriRef<'_>, with_user: bool, with_port: bool) -> Vec<u8> {
    let mut out = uri.scheme().as_str().as_bytes().to_vec();
    out.push(b':');
    if with_user && !uri.user().is_empty() {
        out.extend_from_slice(uri.user());
        out.push(b'@');
    }
    out.extend_from_slice(uri.host());
    if with_port {
        let port = uri.uri.port_span.get(uri.text);
        if !port.is_empty() {
            out.push(b':');
            out.extend_from_slice(port);
        }
        if let Some(transport) = uri.transport() {
            out.extend_from_slice(b";transport=");
            out.extend_from_slice(transport);
        }
    }
    out
}

/// `host~port~transport number`, as add_contact_alias writes it; empty for what is no URI.
fn alias_of(_: &mut Context, value: Value, _: &Transform) -> Value {
    super::on_text(&value, |text| {
        if text.is_empty() {
            return None;
        }
        let Ok(uri) = UriRef::parse(&text) else {
            return Some(Vec::new());
        };
        let proto = uri.transport().and_then(Proto::from_name);
        let proto = proto.unwrap_or(Proto::Udp).number();
        let port = uri.port().unwrap_or(5060);
        let mut out = uri.host().to_vec();
        out.extend_from_slice(format!("~{port}~{proto}").as_bytes());
        Some(out)
    })
}

fn from_alias(_: &mut Context, value: Value, _: &Transform) -> Value {
    super::on_text(&value, |text| {
        let mut pieces = text.split(|b| *b == b'~');
        let (host, port, proto) = (pieces.next()?, pieces.next()?, pieces.next()?);
        let transport: &[u8] = match proto.first()? {
            b'0' | b'1' => b"",
            b'2' => b";transport=tcp",
            b'3' => b";transport=tls",
            b'4' => b";transport=sctp",
            b'5' | b'6' => b";transport=ws",
            _ => return Some(Vec::new()),
        };
        Some([b"sip:", host, b":", port, transport].concat())
    })
}
