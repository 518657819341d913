//! Headers by name, and those with a variable of their own.

use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::{IndexValue, PvName};
use script::value::Value;
use script::view::View;
use sip::header::{Header, NameAddr};
use sip::{HeaderKind, Span};

use super::super::value::{int, piece, text};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "hdr",
        hdr,
        "Value of a header by name; [n], [-1], [*] choose among several.",
    )
    .named(Inner::Required)
    .of_message(),
    Variable::new("hdrc", hdrc, "Number of headers of a name.").named(Inner::Required),
    Variable::new(
        "hfl",
        hfl,
        "Element of a header that holds a list (Via, Contact, Route, Record-Route).",
    )
    .named(Inner::Required),
    Variable::new(
        "hflc",
        hflc,
        "Number of elements of a header that holds a list.",
    )
    .named(Inner::Required),
    Variable::new("ua", |cx, _| raw(cx, HeaderKind::UserAgent), "User-Agent.").shown(|cx, _| {
        let header = cx.msg.first(HeaderKind::UserAgent);
        header.map_or(View::Null, |h| {
            View::Str(cx.msg.text(h.raw_value(cx.msg.raw())))
        })
    }),
    Variable::new(
        "cT",
        |cx, _| value(cx, HeaderKind::ContentType),
        "Content-Type.",
    ),
    Variable::new("cl", content_length, "Content-Length."),
    Variable::new("ci", |cx, _| value(cx, HeaderKind::CallId), "Call-ID.")
        .shown(|cx, _| cx.msg.call_id().map_or(View::Null, View::some))
        .of_message(),
    Variable::new("cs", |cx, _| cseq_number(cx), "Number of CSeq.").of_message(),
    Variable::new("csb", |cx, _| value(cx, HeaderKind::CSeq), "CSeq.").of_message(),
    Variable::new(
        "expires",
        expires,
        "Smallest (min) or largest (max) expiry of the contacts and Expires.",
    )
    .named(Inner::OneOf(&["min", "max"])),
];

fn value(cx: &mut Context, kind: HeaderKind) -> Value {
    match cx.msg.first(kind) {
        Some(header) if !header.value.is_empty() => piece(cx, header.value),
        _ => Value::Null,
    }
}

/// With the white space at its end.
fn raw(cx: &mut Context, kind: HeaderKind) -> Value {
    cx.msg
        .first(kind)
        .map_or(Value::Null, |h| piece(cx, h.raw_value(cx.msg.raw())))
}

fn content_length(cx: &mut Context, _: &PvName) -> Value {
    match cx.msg.content_length() {
        Some(Ok(n)) => int(n),
        _ => Value::Null,
    }
}

fn cseq_number(cx: &mut Context) -> Value {
    match cx.msg.cseq() {
        Some(Ok(cseq)) => piece(cx, cseq.number_span),
        _ => Value::Null,
    }
}

/// Chooses among items: no index is the first, a negative one counts from the end.
fn choose(cx: &Context, items: &[Span], index: IndexValue, separator: &[u8]) -> Value {
    if index == IndexValue::All && !items.is_empty() {
        let parts: Vec<&[u8]> = items.iter().map(|s| cx.msg.text(*s)).collect();
        return text(parts.join(separator));
    }
    index
        .position(items.len())
        .and_then(|at| items.get(at))
        .map_or(Value::Null, |span| piece(cx, *span))
}

fn hdr(cx: &mut Context, name: &PvName) -> Value {
    let wanted = name.text(cx);
    let index = name.index(cx);
    if index == IndexValue::None {
        return cx
            .msg
            .find_name(&wanted)
            .map_or(Value::Null, |h| piece(cx, h.raw_value(cx.msg.raw())));
    }
    let raw = cx.msg.raw();
    let values: Vec<Span> = cx
        .msg
        .all_named(&wanted)
        .map(|h| h.raw_value(raw))
        .collect();
    choose(cx, &values, index, b",")
}

fn hdrc(cx: &mut Context, name: &PvName) -> Value {
    let wanted = name.text(cx);
    int(cx.msg.all_named(&wanted).count())
}

/// The elements of all headers of a name; a header that holds no list is one element.
fn elements(cx: &Context, wanted: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    match HeaderKind::from_name(wanted) {
        HeaderKind::Via => found.extend(cx.msg.vias().filter_map(|v| v.ok().map(|v| v.whole))),
        HeaderKind::Contact => {
            let headers = cx.msg.all(HeaderKind::Contact);
            for header in headers.filter(|h| cx.msg.text(h.value) != b"*") {
                let before = found.len();
                list(cx, &header, &mut found);
                // Kamailio shows the contacts of one header last to first.
                found[before..].reverse();
            }
        }
        kind @ (HeaderKind::Route | HeaderKind::RecordRoute) => {
            for header in cx.msg.all(kind) {
                list(cx, &header, &mut found);
            }
            // A route stands in angle brackets (RFC 3261 section 25.1).
            found.retain(|route| cx.msg.text(*route).contains(&b'<'));
        }
        _ => found.extend(cx.msg.all_named(wanted).map(|h| h.raw_value(cx.msg.raw()))),
    }
    found
}

fn list(cx: &Context, header: &Header, out: &mut Vec<Span>) {
    let raw = cx.msg.raw();
    let mut at = header.value.start();
    while at < header.value.end() {
        let rest = Span::of(at, header.value.end());
        let Ok((address, stop)) = NameAddr::parse_element(raw, rest) else {
            return;
        };
        out.push(address.whole);
        at = stop + 1;
    }
}

fn hfl(cx: &mut Context, name: &PvName) -> Value {
    let wanted = name.text(cx);
    match name.index(cx) {
        // All: the headers as they stand.
        IndexValue::All => {
            let raw = cx.msg.raw();
            let values: Vec<Span> = cx
                .msg
                .all_named(&wanted)
                .map(|h| h.raw_value(raw))
                .collect();
            choose(cx, &values, IndexValue::All, b",")
        }
        index => {
            let items = elements(cx, &wanted);
            match index {
                // In a list Kamailio counts back from behind the last: [-2] is the last element.
                IndexValue::At(-1) if holds_list(&wanted) => Value::Null,
                IndexValue::At(n) if n < 0 && holds_list(&wanted) => {
                    choose(cx, &items, IndexValue::At(n.saturating_add(1)), b",")
                }
                index => choose(cx, &items, index, b","),
            }
        }
    }
}

/// Whether the elements of a header are told apart.
fn holds_list(name: &[u8]) -> bool {
    use HeaderKind::{Contact, RecordRoute, Route, Via};
    matches!(
        HeaderKind::from_name(name),
        Via | Contact | Route | RecordRoute
    )
}

fn hflc(cx: &mut Context, name: &PvName) -> Value {
    let wanted = name.text(cx);
    int(elements(cx, &wanted).len())
}

fn expires(cx: &mut Context, name: &PvName) -> Value {
    let header = match cx.msg.expires() {
        Some(Ok(seconds)) => Some(seconds),
        _ => None,
    };
    let contacts = match cx.msg.contacts() {
        Some(Ok(contacts)) => contacts.list(),
        _ => &[],
    };
    // Expires is for the contacts without a value of their own.
    let own = contacts.iter().filter_map(|c| c.expires.or(header));
    let all = own.chain(header.filter(|_| contacts.is_empty()));
    let chosen = match name.parsed.key {
        0 => all.min(),
        _ => all.max(),
    };
    chosen.map_or(Value::Null, int)
}
