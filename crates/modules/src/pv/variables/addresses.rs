//! From, To and the other addresses of a message.

use bytes::Bytes;
use engine::context::Context;
use engine::module::Variable;
use engine::request_uri::Phones;
use engine::variable::{IndexValue, PvName};
use script::value::Value;
use script::view::View;
use sip::header::NameAddr;
use sip::{HeaderKind, Span, UriRef};

use super::super::value::{copy, int, piece};

pub(super) const ROWS: &[Variable] = &[
    Variable::new("fu", |cx, _| uri(cx, FROM), "URI of From.")
        .shown(|cx, _| show_uri(cx, FROM))
        .writable(|cx, _, v| set_uri(cx, FROM, v)),
    Variable::new("from", |cx, _| uri(cx, FROM), "Same as $fu.")
        .shown(|cx, _| show_uri(cx, FROM))
        .writable(|cx, _, v| set_uri(cx, FROM, v)),
    Variable::showing("fU", |cx, _| user(cx, FROM), "User of From's URI.")
        .writable(|cx, _, v| set_user(cx, FROM, v)),
    Variable::showing("from.user", |cx, _| user(cx, FROM), "Same as $fU.")
        .writable(|cx, _, v| set_user(cx, FROM, v)),
    Variable::new(
        "fUl",
        |cx, _| user_length(cx, FROM),
        "Length of the user of From's URI.",
    ),
    Variable::showing("fd", |cx, _| domain(cx, FROM), "Host of From's URI.")
        .writable(|cx, _, v| set_domain(cx, FROM, v)),
    Variable::showing("from.domain", |cx, _| domain(cx, FROM), "Same as $fd.")
        .writable(|cx, _, v| set_domain(cx, FROM, v)),
    Variable::new(
        "fn",
        |cx, _| name(cx, FROM),
        "Display name of From, quotes included.",
    )
    .writable(|cx, _, v| set_name(cx, FROM, v)),
    Variable::showing("ft", |cx, _| shown(cx.msg.from_tag()), "Tag of From."),
    Variable::new("tu", |cx, _| uri(cx, TO), "URI of To.")
        .shown(|cx, _| show_uri(cx, TO))
        .writable(|cx, _, v| set_uri(cx, TO, v)),
    Variable::new("to", |cx, _| uri(cx, TO), "Same as $tu.")
        .shown(|cx, _| show_uri(cx, TO))
        .writable(|cx, _, v| set_uri(cx, TO, v)),
    Variable::showing("tU", |cx, _| user(cx, TO), "User of To's URI.")
        .writable(|cx, _, v| set_user(cx, TO, v)),
    Variable::showing("to.user", |cx, _| user(cx, TO), "Same as $tU.")
        .writable(|cx, _, v| set_user(cx, TO, v)),
    Variable::new(
        "tUl",
        |cx, _| user_length(cx, TO),
        "Length of the user of To's URI; what is written is the user.",
    )
    .writable(|cx, _, v| set_user(cx, TO, v)),
    Variable::showing("td", |cx, _| domain(cx, TO), "Host of To's URI.")
        .writable(|cx, _, v| set_domain(cx, TO, v)),
    Variable::showing("to.domain", |cx, _| domain(cx, TO), "Same as $td.")
        .writable(|cx, _, v| set_domain(cx, TO, v)),
    Variable::new(
        "tn",
        |cx, _| name(cx, TO),
        "Display name of To, quotes included.",
    )
    .writable(|cx, _, v| set_name(cx, TO, v)),
    Variable::showing("tt", |cx, _| shown(cx.msg.to_tag()), "Tag of To."),
    Variable::new(
        "ai",
        |cx, n| identity_uri(cx, HeaderKind::PAssertedIdentity, n),
        "URI of P-Asserted-Identity.",
    ),
    Variable::new(
        "pu",
        |cx, n| identity_uri(cx, HeaderKind::PPreferredIdentity, n),
        "URI of P-Preferred-Identity.",
    ),
    Variable::showing(
        "pU",
        |cx, n| identity_user(cx, HeaderKind::PPreferredIdentity, n),
        "User of P-Preferred-Identity.",
    ),
    Variable::showing(
        "pd",
        |cx, n| identity_domain(cx, HeaderKind::PPreferredIdentity, n),
        "Host of P-Preferred-Identity.",
    ),
    Variable::new(
        "pn",
        |cx, n| identity_name(cx, HeaderKind::PPreferredIdentity, n),
        "Display name of P-Preferred-Identity.",
    ),
    Variable::new(
        "re",
        |cx, _| uri(cx, HeaderKind::RemotePartyId),
        "URI of Remote-Party-ID.",
    ),
    Variable::new(
        "rt",
        |cx, _| uri(cx, HeaderKind::ReferTo),
        "URI of Refer-To.",
    ),
    Variable::new(
        "di",
        |cx, _| uri(cx, HeaderKind::Diversion),
        "URI of the first Diversion.",
    ),
    Variable::new(
        "dir",
        |cx, _| diversion(cx, b"reason"),
        "Reason of the first Diversion.",
    ),
    Variable::new(
        "dip",
        |cx, _| diversion(cx, b"privacy"),
        "Privacy of the first Diversion.",
    ),
    Variable::new(
        "dic",
        |cx, _| diversion(cx, b"counter"),
        "Counter of the first Diversion.",
    ),
    Variable::new(
        "ct",
        |cx, _| first_value(cx, HeaderKind::Contact),
        "Value of the first Contact header.",
    ),
];

const FROM: HeaderKind = HeaderKind::From;
const TO: HeaderKind = HeaderKind::To;

fn address(cx: &Context, kind: HeaderKind) -> Option<NameAddr> {
    match kind {
        HeaderKind::From => cx.msg.from()?.ok().cloned(),
        HeaderKind::To => cx.msg.to()?.ok().cloned(),
        _ => {
            let header = cx.msg.first(kind)?;
            let (address, _) = NameAddr::parse_element(cx.msg.raw(), header.value).ok()?;
            Some(address)
        }
    }
}

/// The span of the URI of an address header.
fn uri_span(cx: &Context, kind: HeaderKind) -> Option<Span> {
    match kind {
        HeaderKind::From => cx.msg.from()?.ok().map(|a| a.uri),
        HeaderKind::To => cx.msg.to()?.ok().map(|a| a.uri),
        _ => address(cx, kind).map(|a| a.uri),
    }
}

/// The address that an index chooses among those of all headers of a kind: negative ones choose the
/// first, `[*]` none.
fn identity(cx: &mut Context, kind: HeaderKind, name: &PvName) -> Option<NameAddr> {
    let wanted = match name.index(cx) {
        IndexValue::All => return None,
        IndexValue::None => 0,
        IndexValue::At(n) => usize::try_from(n).unwrap_or(0),
    };
    let mut number = 0;
    for header in cx.msg.all(kind) {
        let mut rest = header.value;
        while let Ok((address, stop)) = NameAddr::parse_element(cx.msg.raw(), rest) {
            if number == wanted {
                return Some(address);
            }
            number += 1;
            if stop >= header.value.end() {
                break;
            }
            rest = Span::of(stop + 1, header.value.end());
        }
    }
    None
}

fn identity_uri(cx: &mut Context, kind: HeaderKind, name: &PvName) -> Value {
    let address = identity(cx, kind, name);
    address.map_or(Value::Null, |address| piece(cx, address.uri))
}

fn identity_name(cx: &mut Context, kind: HeaderKind, name: &PvName) -> Value {
    match identity(cx, kind, name) {
        Some(address) if !address.display.is_empty() => piece(cx, address.display),
        _ => Value::Null,
    }
}

fn identity_user<'a>(cx: &'a mut Context, kind: HeaderKind, name: &PvName) -> View<'a> {
    let uri = identity(cx, kind, name).map(|address| address.uri);
    user_at(cx, uri)
}

fn identity_domain<'a>(cx: &'a mut Context, kind: HeaderKind, name: &PvName) -> View<'a> {
    let uri = identity(cx, kind, name).map(|address| address.uri);
    domain_at(cx, uri)
}

fn first_value(cx: &Context, kind: HeaderKind) -> Value {
    cx.msg
        .first(kind)
        .map_or(Value::Null, |h| piece(cx, h.value))
}

fn uri(cx: &mut Context, kind: HeaderKind) -> Value {
    uri_span(cx, kind).map_or(Value::Null, |span| piece(cx, span))
}

fn show_uri(cx: &mut Context, kind: HeaderKind) -> View<'_> {
    match uri_span(cx, kind) {
        Some(span) => View::Str(cx.msg.text(span)),
        None => View::Null,
    }
}

fn user_at(cx: &mut Context, uri: Option<Span>) -> View<'_> {
    let phones = Phones::of(&cx.core.settings);
    let uri = uri.and_then(|span| cx.uri_at(span));
    uri.map_or(View::Null, |uri| View::some(phones.user(&uri)))
}

fn domain_at(cx: &mut Context, uri: Option<Span>) -> View<'_> {
    let uri = uri.and_then(|span| cx.uri_at(span));
    uri.map_or(View::Null, |uri| View::some(uri.host()))
}

fn user(cx: &mut Context, kind: HeaderKind) -> View<'_> {
    let uri = uri_span(cx, kind);
    user_at(cx, uri)
}

fn user_length(cx: &mut Context, kind: HeaderKind) -> Value {
    let phones = Phones::of(&cx.core.settings);
    let uri = uri_span(cx, kind).and_then(|span| cx.uri_at(span));
    uri.map_or(Value::Null, |uri| int(phones.user(&uri).len()))
}

fn domain(cx: &mut Context, kind: HeaderKind) -> View<'_> {
    let uri = uri_span(cx, kind);
    domain_at(cx, uri)
}

fn shown(text: Option<&[u8]>) -> View<'_> {
    text.map_or(View::Null, View::Str)
}

fn name(cx: &mut Context, kind: HeaderKind) -> Value {
    match address(cx, kind) {
        Some(address) if !address.display.is_empty() => piece(cx, address.display),
        _ => Value::Null,
    }
}

fn diversion(cx: &mut Context, param: &[u8]) -> Value {
    let Some(address) = address(cx, HeaderKind::Diversion) else {
        return Value::Null;
    };
    let value = address.params.value(cx.msg.raw(), param);
    value.map_or(Value::Null, copy)
}

/// Where a part of the URI of From or To stands in the message.
fn part_span(cx: &Context, kind: HeaderKind, of: fn(&sip::Uri) -> Span) -> Option<Span> {
    let span = uri_span(cx, kind)?;
    let uri = UriRef::parse(cx.msg.text(span)).ok()?;
    let part = of(&uri.uri);
    let start = span.start() + part.start();
    Some(Span::of(start, start + part.len as usize))
}

/// Replaces a part; where there is none yet, text goes to its place.
fn replace(cx: &mut Context, span: Span, text: Bytes) -> bool {
    cx.edits.replace(span, text);
    true
}

fn set_uri(cx: &mut Context, kind: HeaderKind, value: Value) -> bool {
    match (value, uri_span(cx, kind)) {
        (Value::Str(text), Some(span)) => replace(cx, span, text),
        (Value::Null, _) => true,
        _ => false,
    }
}

fn set_user(cx: &mut Context, kind: HeaderKind, value: Value) -> bool {
    let is_null = matches!(value, Value::Null);
    let text = match value {
        Value::Str(text) => text,
        Value::Null => Bytes::new(),
        Value::Int(_) => return false,
    };
    let Some(span) = part_span(cx, kind, |u| u.user) else {
        return false;
    };
    if !span.is_empty() {
        // Without a user there is no `@` either; an empty one keeps it.
        let takes_at = is_null && cx.msg.raw().get(span.end()) == Some(&b'@');
        let end = span.end() + usize::from(takes_at);
        return replace(cx, Span::of(span.start(), end), text);
    }
    // No user so far: it goes in front of the host, with its `@`.
    let Some(host) = part_span(cx, kind, |u| u.host) else {
        return false;
    };
    if !is_null {
        cx.edits
            .insert_after(host.start(), [&text[..], b"@"].concat().into());
    }
    true
}

fn set_domain(cx: &mut Context, kind: HeaderKind, value: Value) -> bool {
    match (value, part_span(cx, kind, |u| u.host)) {
        (Value::Str(text), Some(span)) => replace(cx, span, text),
        (Value::Null, _) => true,
        _ => false,
    }
}

/// Display name: null removes it with the white space behind it, a new one goes before `<`.
fn set_name(cx: &mut Context, kind: HeaderKind, value: Value) -> bool {
    let Some(address) = address(cx, kind) else {
        return false;
    };
    match value {
        Value::Str(text) if address.display.is_empty() => {
            let start = address.whole.start();
            if address.bracketed {
                cx.edits
                    .insert_after(start, [&text[..], b" "].concat().into());
            } else {
                cx.edits
                    .insert_after(start, [&text[..], b" <"].concat().into());
                cx.edits
                    .insert_after(address.uri.end(), Bytes::from_static(b">"));
            }
            true
        }
        Value::Str(text) => replace(cx, address.display, text),
        Value::Null => {
            if !address.display.is_empty() {
                let end = address.uri.start() - usize::from(address.bracketed);
                cx.edits.delete(Span::of(address.display.start(), end));
            }
            true
        }
        Value::Int(_) => false,
    }
}
