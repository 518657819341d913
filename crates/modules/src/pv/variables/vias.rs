//! Via headers: `$via0(…)`, `$via1(…)`, `$viaZ(…)`; the next hop, `$nh(…)`.

use std::net::IpAddr;

use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::net::parse_address;
use engine::request_uri::Phones;
use engine::socket::Proto;
use engine::variable::PvName;
use script::value::Value;
use sip::UriRef;
use sip::header::Via;

use super::super::value::{int, maybe, piece, text, word};
use super::request::{port, transport};

pub(super) const ROWS: &[Variable] = &[
    Variable::new("via0", |cx, n| via(cx, n, Which::At(0)), "The topmost Via: host, port, proto, protoid, branch, rport, received.").named(Inner::OneOf(FIELDS)),
    Variable::new("via1", |cx, n| via(cx, n, Which::At(1)), "The second Via.").named(Inner::OneOf(FIELDS)),
    Variable::new("viaZ", |cx, n| via(cx, n, Which::Last), "The last Via.").named(Inner::OneOf(FIELDS)),
    Variable::new("rpl", reply_target, "Where a reply goes by its second Via: duri, dhost, dport, dproto, dprotoid; cntvia, cntrr: how many Vias and Record-Routes it has.").named(Inner::OneOf(REPLY)),
    Variable::new("nh", next_hop, "Next hop, or the request URI: u (URI), U (user), d (host), p (port), P (transport), i (version of its address, 0 for a name).").named(Inner::OneOf(PARTS)),
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
        return next_hop_of_reply(cx, name);
    }
    let text = cx
        .target
        .dst_uri
        .clone()
        .unwrap_or_else(|| cx.request_uri());
    if name.parsed.key == 0 {
        return Value::Str(text);
    }
    let Ok(uri) = UriRef::parse(&text) else {
        return Value::Null;
    };
    match name.parsed.key {
        1 => maybe(Some(Phones::of(&cx.core.settings).user(&uri)).filter(|u| !u.is_empty())),
        2 => maybe(Some(uri.host()).filter(|h| !h.is_empty())),
        3 => port(&uri),
        4 => transport(&uri),
        _ => ip_version(uri.host()),
    }
}

fn next_hop_of_reply(cx: &Context, name: &PvName) -> Value {
    let Some(target) = ReplyTarget::of(cx) else {
        return Value::Null;
    };
    match name.parsed.key {
        0 => target.uri(cx),
        1 => Value::Null,
        2 => piece(cx, target.host),
        3 => int(target.port),
        4 => word(target.proto.name()),
        _ => ip_version(cx.msg.text(target.host)),
    }
}

/// 4 or 6 for an address, 0 for a name.
fn ip_version(host: &[u8]) -> Value {
    let address = std::str::from_utf8(host).ok().and_then(parse_address);
    int(match address {
        Some(IpAddr::V4(_)) => 4,
        Some(IpAddr::V6(_)) => 6,
        None => 0,
    })
}

/// Where a reply is sent: what its second Via says.
struct ReplyTarget {
    host: sip::Span,
    port: u16,
    proto: Proto,
}

impl ReplyTarget {
    fn of(cx: &Context) -> Option<Self> {
        let via = cx.msg.via2()?.ok()?;
        let written = via.rport.filter(|p| !p.is_empty());
        let port = written
            .and_then(|p| sip::chars::decimal(cx.msg.text(p)))
            .and_then(|p| u16::try_from(p).ok())
            .or(via.port)
            .unwrap_or(5060);
        Some(Self {
            host: via.received.filter(|h| !h.is_empty()).unwrap_or(via.host),
            port,
            proto: Proto::from_name(cx.msg.text(via.transport)).unwrap_or_default(),
        })
    }

    fn uri(&self, cx: &Context) -> Value {
        let mut uri = b"sip:".to_vec();
        uri.extend_from_slice(cx.msg.text(self.host));
        let rest = format!(":{};transport={}", self.port, self.proto.name());
        uri.extend_from_slice(rest.as_bytes());
        text(uri)
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
    let Some(target) = ReplyTarget::of(cx) else {
        return Value::Null;
    };
    match field {
        "duri" => target.uri(cx),
        "dhost" => piece(cx, target.host),
        "dport" => int(target.port),
        "dproto" => word(target.proto.name()),
        _ => int(target.proto.number()),
    }
}

fn record_routes(cx: &Context) -> usize {
    match cx.msg.record_routes() {
        Some(Ok(routes)) => routes.len(),
        _ => 0,
    }
}
