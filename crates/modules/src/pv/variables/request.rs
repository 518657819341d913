//! The request URI as it stands (`$ru` …), as received (`$ou` …), the next hop (`$du` …).

use bytes::Bytes;
use engine::context::Context;
use engine::log::Level;
use engine::module::Variable;
use engine::request_uri::{Change, Phones, change};
use engine::socket::Proto;
use engine::variable::PvName;
use script::value::Value;
use script::view::View;
use sip::UriRef;

use super::super::value::{copy, int, maybe, word};

pub(super) const ROWS: &[Variable] = &[
    Variable::new("ru", ru, "The request URI.")
        .shown(show_ru)
        .writable(set_ru),
    Variable::new("ruri", ru, "Same as $ru.")
        .shown(show_ru)
        .writable(set_ru),
    Variable::showing("rU", r_user, "User of the request URI.").writable(set_r_user),
    Variable::showing("ruri.user", r_user, "Same as $rU.").writable(set_r_user),
    Variable::new("rUl", r_user_length, "Length of the request URI's user."),
    Variable::showing("rd", r_domain, "Host of the request URI.").writable(set_r_domain),
    Variable::showing("ruri.domain", r_domain, "Same as $rd.").writable(set_r_domain),
    Variable::showing("rp", r_port, "Port of the request URI, 5060 if none.").writable(set_r_port),
    Variable::new("rP", r_transport, "Transport of the request URI.")
        .numbered(|cx, _| current(cx).map(|uri| transport_number(&uri))),
    Variable::new("rz", r_scheme, "Scheme of the request URI.").numbered(scheme_number),
    Variable::new("ou", ou, "The request URI as received."),
    Variable::new("ouri", ou, "Same as $ou."),
    Variable::new("oU", o_user, "User of the request URI as received."),
    Variable::new(
        "oUl",
        o_user_length,
        "Length of the user of the received request URI.",
    ),
    Variable::new("od", o_domain, "Host of the request URI as received."),
    Variable::new("op", o_port, "Port of the request URI as received."),
    Variable::new(
        "oP",
        o_transport,
        "Transport of the request URI as received.",
    )
    .numbered(|cx, _| transport_number_of(original(cx))),
    Variable::new("du", du, "The next hop; null sends to the request URI.").writable(set_du),
    Variable::new("duri", du, "Same as $du.").writable(set_du),
    Variable::new("dd", d_domain, "Host of the next hop."),
    Variable::new("dp", d_port, "Port of the next hop."),
    Variable::new("dP", d_transport, "Transport of the next hop.")
        .numbered(|cx, _| transport_number_of(next_hop(cx))),
];

/// The request URI, if this is a request and the URI can be parsed.
fn current(cx: &mut Context) -> Option<UriRef<'_>> {
    if !cx.msg.is_request() {
        return None;
    }
    cx.request_uri_parts_or(|cx| cx.log(Level::Error, "the request URI cannot be parsed"))
}

/// The request URI as received.
fn original(cx: &mut Context) -> Option<Bytes> {
    let uri = cx.msg.slice(cx.msg.request_uri_span());
    (cx.msg.is_request() && UriRef::parse(&uri).is_ok()).then_some(uri)
}

fn next_hop(cx: &mut Context) -> Option<Bytes> {
    cx.target.dst_uri.clone().filter(|u| !u.is_empty())
}

fn part(uri: Option<Bytes>, of: impl FnOnce(&UriRef<'_>) -> Value) -> Value {
    let Some(uri) = uri else { return Value::Null };
    UriRef::parse(&uri).map_or(Value::Null, |uri| of(&uri))
}

fn user(cx: &Context, uri: Option<Bytes>) -> Value {
    let phones = Phones::of(&cx.core.settings);
    part(uri, |uri| {
        maybe(Some(phones.user(uri)).filter(|u| !u.is_empty()))
    })
}

fn user_length(cx: &Context, uri: Option<Bytes>) -> Value {
    let phones = Phones::of(&cx.core.settings);
    part(uri, |uri| int(phones.user(uri).len()))
}

fn domain(uri: &UriRef<'_>) -> Value {
    maybe(Some(uri.host()).filter(|h| !h.is_empty()))
}

/// The port as text. When none is written: 5061 with `transport=tls`, 5060 for every scheme else.
pub(super) fn port_text<'u>(uri: &UriRef<'u>) -> &'u [u8] {
    match (uri.port(), uri.transport().and_then(Proto::from_name)) {
        (Some(_), _) => uri.uri.port_span.get(uri.text),
        (None, Some(Proto::Tls)) => b"5061",
        (None, _) => b"5060",
    }
}

pub(super) fn port(uri: &UriRef<'_>) -> Value {
    copy(port_text(uri))
}

/// Kamailio's number of a URI's transport: 0 for one that it does not know in URIs.
fn transport_number(uri: &UriRef<'_>) -> i64 {
    let proto = match uri.transport() {
        None => Some(Proto::Udp),
        Some(name) => Proto::from_name(name).filter(|proto| *proto != Proto::Wss),
    };
    proto.map_or(0, Proto::number)
}

fn transport_number_of(uri: Option<Bytes>) -> Option<i64> {
    UriRef::parse(&uri?).ok().map(|uri| transport_number(&uri))
}

/// Kamailio's number of the request URI's scheme.
fn scheme_number(cx: &mut Context, name: &PvName) -> Option<i64> {
    match r_scheme(cx, name) {
        Value::Str(scheme) => Some(match &scheme[..] {
            b"sip" => 1,
            b"sips" => 2,
            b"tel" => 3,
            b"tels" => 4,
            _ => 5,
        }),
        _ => None,
    }
}

/// As written, `UDP` when nothing is.
pub(super) fn transport(uri: &UriRef<'_>) -> Value {
    uri.transport().map_or_else(|| word("UDP"), copy)
}

fn ru(cx: &mut Context, _: &PvName) -> Value {
    match current(cx) {
        Some(_) => Value::Str(cx.request_uri()),
        None => Value::Null,
    }
}

fn show_ru<'a>(cx: &'a mut Context, _: &'a PvName) -> View<'a> {
    current(cx).map_or(View::Null, |uri| View::Str(uri.text))
}

fn r_user<'a>(cx: &'a mut Context, _: &'a PvName) -> View<'a> {
    let phones = Phones::of(&cx.core.settings);
    current(cx).map_or(View::Null, |uri| View::some(phones.user(&uri)))
}

fn r_user_length(cx: &mut Context, _: &PvName) -> Value {
    let phones = Phones::of(&cx.core.settings);
    current(cx).map_or(Value::Null, |uri| int(phones.user(&uri).len()))
}

fn r_domain<'a>(cx: &'a mut Context, _: &'a PvName) -> View<'a> {
    current(cx).map_or(View::Null, |uri| View::some(uri.host()))
}

fn r_port<'a>(cx: &'a mut Context, _: &'a PvName) -> View<'a> {
    current(cx).map_or(View::Null, |uri| View::Str(port_text(&uri)))
}

fn r_transport(cx: &mut Context, _: &PvName) -> Value {
    current(cx).map_or(Value::Null, |uri| transport(&uri))
}

fn r_scheme(cx: &mut Context, _: &PvName) -> Value {
    let phones = Phones::of(&cx.core.settings);
    current(cx).map_or(Value::Null, |uri| {
        if phones.has(&uri) {
            word("tel")
        } else {
            word(uri.scheme().as_str())
        }
    })
}

fn ou(cx: &mut Context, _: &PvName) -> Value {
    original(cx).map_or(Value::Null, Value::Str)
}

fn o_user(cx: &mut Context, _: &PvName) -> Value {
    let uri = original(cx);
    user(cx, uri)
}

fn o_user_length(cx: &mut Context, _: &PvName) -> Value {
    let uri = original(cx);
    user_length(cx, uri)
}

fn o_domain(cx: &mut Context, _: &PvName) -> Value {
    part(original(cx), domain)
}

fn o_port(cx: &mut Context, _: &PvName) -> Value {
    part(original(cx), port)
}

fn o_transport(cx: &mut Context, _: &PvName) -> Value {
    part(original(cx), transport)
}

fn du(cx: &mut Context, _: &PvName) -> Value {
    next_hop(cx).map_or(Value::Null, Value::Str)
}

fn d_domain(cx: &mut Context, _: &PvName) -> Value {
    part(next_hop(cx), domain)
}

fn d_port(cx: &mut Context, _: &PvName) -> Value {
    part(next_hop(cx), port)
}

fn d_transport(cx: &mut Context, _: &PvName) -> Value {
    part(next_hop(cx), transport)
}

fn set_ru(cx: &mut Context, _: &PvName, value: Value) -> bool {
    let Value::Str(uri) = value else { return false };
    cx.set_request_uri(uri);
    true
}

fn apply(cx: &mut Context, with: Change<'_>) -> bool {
    match change(cx, with) {
        Ok(()) => true,
        Err(error) => {
            cx.log(Level::Error, &error.to_string());
            false
        }
    }
}

fn set_r_user(cx: &mut Context, _: &PvName, value: Value) -> bool {
    match value {
        Value::Str(user) => apply(cx, Change::User(&user)),
        Value::Null => apply(cx, Change::User(b"")),
        Value::Int(_) => false,
    }
}

fn set_r_domain(cx: &mut Context, _: &PvName, value: Value) -> bool {
    match value {
        Value::Str(host) => apply(cx, Change::Host(&host)),
        _ => false,
    }
}

fn set_r_port(cx: &mut Context, _: &PvName, value: Value) -> bool {
    let port = value.to_bytes();
    apply(cx, Change::Port(&port))
}

/// The next hop is not looked at before it is used.
fn set_du(cx: &mut Context, _: &PvName, value: Value) -> bool {
    match value {
        Value::Str(uri) => cx.set_next_hop(uri),
        Value::Null => cx.target.dst_uri = None,
        Value::Int(_) => return false,
    }
    true
}
