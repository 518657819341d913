//! Via headers: `$via0(…)`, `$via1(…)`, `$viaZ(…)`; the next hop, `$nh(…)`.

use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::request_uri::Phones;
use engine::socket::Proto;
use engine::variable::PvName;
use script::value::Value;
use sip::UriRef;
use sip::header::Via;

use super::super::value::{copy, int, maybe, piece, text, word};
use super::request::transport;

pub(super) const ROWS: &[Variable] = &[
    Variable::new("via0", |cx, n| via(cx, n, Which::At(0)), "The topmost Via: host, port, proto, protoid, branch, rport, received.").named(Inner::OneOf(FIELDS)),
    Variable::new("via1", |cx, n| via(cx, n, Which::At(1)), "The second Via.").named(Inner::OneOf(FIELDS)),
    Variable::new("viaZ", |cx, n| via(cx, n, Which::Last), "The last Via.").named(Inner::OneOf(FIELDS)),
    Variable::new("rpl", reply_target, "Where a reply goes by its second Via: duri, dhost, dport, dproto, dprotoid; cntvia, cntrr: how many Vias and Record-Routes it has.").named(Inner::OneOf(REPLY)),
    Variable::new("nh", next_hop, "Next hop, or the request URI: u (URI), U (user), d (host), p (port), P (transport), i (its number).").named(Inner::OneOf(PARTS)),
];

const FIELDS: &[&str] = &[
    "host", "port", "proto", "protoid", "branch", "rport", "received",
];
const PARTS: &[&str] = &["u", "U", "d", "p", "P", "i"];

const REPLY: &[&str] = &[
    "duri", "dhost", "dport", "dproto", "dprotoid", "cntvia", "cntrr",
];

enum Which {
    At(usize),
    Last,
}

fn find(cx: &Context, which: &Which) -> Option<Via> {
    match which {
        Which::At(0) => cx.msg.via1()?.ok().cloned(),
        Which::At(n) => cx.msg.vias().nth(*n)?.ok(),
        Which::Last => cx.msg.vias().last()?.ok(),
    }
}

fn via(cx: &mut Context, name: &PvName, which: Which) -> Value {
    let Some(via) = find(cx, &which) else {
        return Value::Null;
    };
    let proto = Proto::from_name(cx.msg.text(via.transport));
    let maybe_piece = |span: Option<sip::Span>| match span {
        Some(span) if !span.is_empty() => piece(cx, span),
        _ => Value::Null,
    };
    match name.parsed.key {
        0 => piece(cx, via.host),
        1 => via
            .port
            .map_or_else(|| int(proto.unwrap_or_default().default_port()), int),
        2 => piece(cx, via.transport),
        3 => proto.map_or(Value::Null, |p| int(p.number())),
        4 => maybe_piece(via.branch),
        5 => maybe_piece(via.rport),
        _ => maybe_piece(via.received),
    }
}

fn next_hop(cx: &mut Context, name: &PvName) -> Value {
    if !cx.msg.is_request() {
        return Value::Null;
    }
    let text = cx
        .target
        .dst_uri
        .clone()
        .unwrap_or_else(|| cx.request_uri());
    let Ok(uri) = UriRef::parse(&text) else {
        return Value::Null;
    };
    match name.parsed.key {
        0 => Value::Str(text.clone()),
        1 => maybe(Some(Phones::of(&cx.core.settings).user(&uri)).filter(|u| !u.is_empty())),
        2 => maybe(Some(uri.host()).filter(|h| !h.is_empty())),
        3 => match uri.port() {
            Some(_) => copy(uri.uri.port_span.get(uri.text)),
            None => word("5060"),
        },
        4 => transport(&uri),
        _ => match transport(&uri) {
            Value::Str(t) => Proto::from_name(&t).map_or(int(0), |p| int(p.number())),
            _ => int(0),
        },
    }
}

fn reply_target(cx: &mut Context, name: &PvName) -> Value {
    if cx.msg.is_request() {
        return Value::Null;
    }
    let field = usize::try_from(name.parsed.key).ok();
    let field = field.and_then(|k| REPLY.get(k)).copied().unwrap_or("");
    match field {
        "cntvia" => return int(cx.msg.vias().count()),
        "cntrr" => return int(record_routes(cx)),
        _ => {}
    }
    let Some(Ok(via)) = cx.msg.via2() else {
        return Value::Null;
    };
    let written = via.rport.filter(|p| !p.is_empty());
    let port = written
        .and_then(|p| sip::chars::decimal(cx.msg.text(p)))
        .and_then(|p| u16::try_from(p).ok())
        .or(via.port)
        .unwrap_or(5060);
    let host = via.received.filter(|h| !h.is_empty()).unwrap_or(via.host);
    let proto = Proto::from_name(cx.msg.text(via.transport)).unwrap_or_default();
    match field {
        "duri" => {
            let mut uri = b"sip:".to_vec();
            uri.extend_from_slice(cx.msg.text(host));
            uri.extend_from_slice(format!(":{port};transport={}", proto.name()).as_bytes());
            text(uri)
        }
        "dhost" => piece(cx, host),
        "dport" => int(port),
        "dproto" => word(proto.name()),
        _ => int(proto.number()),
    }
}

fn record_routes(cx: &Context) -> usize {
    match cx.msg.record_routes() {
        Some(Ok(routes)) => routes.len(),
        _ => 0,
    }
}
