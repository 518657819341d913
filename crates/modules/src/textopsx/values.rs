//! The comma-separated values of headers, and changes to one of them.

use bytes::Bytes;
use engine::Context;
use sip::{Header, Message, Span};

use super::place::{Index, Place};

/// How the values of a header are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// Separated by commas, parameters by semicolons.
    List,
    /// One value; its parameters are separated by commas (Authorization).
    Credentials,
}

/// One value.
#[derive(Clone, Copy, Debug)]
struct Item {
    header: Header,
    /// The value without white space around it.
    text: Span,
    /// Up to here from the end of the comma before.
    lead: usize,
    /// Whether values of the same header stand before and behind.
    has_previous: bool,
    has_next: bool,
}

/// All values of the headers of a name.
fn items(msg: &Message, name: &[u8], style: Style) -> Vec<Item> {
    let buf = msg.raw();
    let mut items = Vec::new();
    for header in msg.all_named(name) {
        let pieces = match style {
            Style::List => split(buf, header.value, b','),
            Style::Credentials => vec![header.value],
        };
        let count = pieces.len();
        for (index, piece) in pieces.into_iter().enumerate() {
            items.push(Item {
                header,
                text: piece.trim(buf),
                lead: piece.start(),
                has_previous: index > 0,
                has_next: index + 1 < count,
            });
        }
    }
    items
}

/// The pieces of a span between separators that stand outside quotes and angle brackets.
fn split(buf: &[u8], span: Span, separator: u8) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = span.start();
    let mut quoted = false;
    let mut escaped = false;
    let mut bracket = false;
    for (at, byte) in span.get(buf).iter().enumerate() {
        let at = span.start() + at;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracket = true,
            b'>' if !quoted => bracket = false,
            _ if *byte == separator && !quoted && !bracket => {
                pieces.push(Span::of(start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(Span::of(start, span.end()));
    pieces
}

/// Writes a header line behind all headers.
fn append_header(cx: &mut Context, name: &[u8], value: &[u8]) {
    let line = [name, b": ", value, b"\r\n"].concat();
    cx.edits.insert_after(cx.msg.headers_end(), line.into());
}

/// Writes a value behind one, or a new header when no index is given or nothing is there.
pub(super) fn append(cx: &mut Context, place: &Place, value: &[u8]) -> bool {
    let items = items(&cx.msg, &place.name, Style::List);
    let item = match place.index {
        Index::None => None,
        // Behind place 0 is behind the last.
        Index::At(0) => items.last(),
        index => index.position(items.len()).and_then(|at| items.get(at)),
    };
    match item {
        Some(item) => {
            let text = [b",", value].concat();
            cx.edits.insert_after(item.text.end(), text.into());
        }
        None if items.is_empty() || place.index == Index::None => {
            append_header(cx, &place.name, value);
        }
        None => return false,
    }
    true
}

/// Writes a value before one, or a new header before the first of its name.
pub(super) fn insert(cx: &mut Context, place: &Place, value: &[u8]) -> bool {
    let items = items(&cx.msg, &place.name, Style::List);
    let Some(first) = items.first() else {
        append_header(cx, &place.name, value);
        return true;
    };
    if place.index == Index::None {
        let line = [&place.name[..], b": ", value, b"\r\n"].concat();
        cx.edits
            .insert_after(first.header.whole.start(), line.into());
        return true;
    }
    let Some(item) = place
        .index
        .position(items.len())
        .and_then(|at| items.get(at))
    else {
        return false;
    };
    let at = if item.has_previous {
        item.lead
    } else {
        item.text.start()
    };
    cx.edits.insert_after(at, [value, b","].concat().into());
    true
}

/// The values that a place names.
fn picked(items: &[Item], index: Index) -> &[Item] {
    match index {
        Index::All => items,
        index => index
            .position(items.len())
            .and_then(|at| items.get(at..=at))
            .unwrap_or_default(),
    }
}

/// Removes values, or a parameter of them; whether there was one.
pub(super) fn remove(cx: &mut Context, place: &Place, style: Style) -> bool {
    let msg = std::sync::Arc::clone(&cx.msg);
    let items = items(&msg, &place.name, style);
    let mut removed = false;
    for item in picked(&items, place.index) {
        match &place.param {
            None if place.index == Index::All => {
                if !item.has_previous {
                    cx.edits.delete(item.header.whole);
                }
                removed = true;
            }
            None => {
                remove_item(cx, item);
                removed = true;
            }
            Some(param) => removed |= remove_param(cx, &msg, item, param, style),
        }
    }
    removed
}

fn remove_item(cx: &mut Context, item: &Item) {
    let span = if item.has_next {
        // Up to and with the comma behind.
        let buf = cx.msg.raw();
        let comma = memchr::memchr(b',', &buf[item.text.end()..])
            .map_or(item.text.end(), |n| item.text.end() + n + 1);
        let start = if item.has_previous {
            item.lead
        } else {
            item.text.start()
        };
        Span::of(start, comma)
    } else if item.has_previous {
        Span::of(item.lead - 1, item.text.end())
    } else {
        item.header.whole
    };
    cx.edits.delete(span);
}

/// A parameter: from its separator on, its name, and its value if it has one.
struct Param {
    /// Offset of the separator before it, or of its own start.
    start: usize,
    name: Span,
    /// From `=` on.
    assigned: Option<Span>,
    value: Option<Span>,
    end: usize,
    is_first: bool,
}

fn find_param(msg: &Message, item: &Item, name: &[u8], style: Style) -> Option<Param> {
    let buf = msg.raw();
    let (separator, skip) = match style {
        Style::List => (b';', 1),
        Style::Credentials => (b',', 0),
    };
    let mut span = item.text;
    if style == Style::Credentials {
        // The scheme stands before the first parameter.
        let scheme = span.get(buf).iter().position(|c| *c == b' ')?;
        span = Span::of(span.start() + scheme + 1, span.end());
    }
    let pieces = split(buf, span, separator);
    for (index, piece) in pieces.iter().enumerate().skip(skip) {
        let text = piece.trim(buf);
        let equals = memchr::memchr(b'=', text.get(buf));
        let name_end = equals.map_or(text.end(), |at| text.start() + at);
        let found = Span::of(text.start(), name_end).trim(buf);
        if !found.get(buf).eq_ignore_ascii_case(name) {
            continue;
        }
        let is_first = index == 0;
        return Some(Param {
            start: if is_first {
                text.start()
            } else {
                piece.start() - 1
            },
            name: found,
            assigned: equals.map(|_| Span::of(found.end(), text.end())),
            value: equals.map(|at| Span::of(text.start() + at + 1, text.end())),
            end: text.end(),
            is_first,
        });
    }
    None
}

fn remove_param(cx: &mut Context, msg: &Message, item: &Item, name: &[u8], style: Style) -> bool {
    let Some(param) = find_param(msg, item, name, style) else {
        return false;
    };
    let mut end = param.end;
    // The first of a list goes with the comma behind it.
    if param.is_first && msg.raw().get(end) == Some(&b',') {
        end += 1;
    }
    cx.edits.delete(Span::of(param.start, end));
    true
}

/// Gives values, or a parameter of them, another text; whether there was a value.
pub(super) fn assign(cx: &mut Context, place: &Place, text: &[u8], style: Style) -> bool {
    let msg = std::sync::Arc::clone(&cx.msg);
    let items = items(&msg, &place.name, style);
    let items = picked(&items, place.index);
    let text = Bytes::copy_from_slice(text);
    for item in items {
        match &place.param {
            None => cx.edits.replace(item.text, text.clone()),
            Some(name) => assign_param(cx, &msg, item, name, &text, style),
        }
    }
    !items.is_empty()
}

fn assign_param(
    cx: &mut Context,
    msg: &Message,
    item: &Item,
    name: &[u8],
    text: &Bytes,
    style: Style,
) {
    let found = find_param(msg, item, name, style);
    match found {
        Some(param) if text.is_empty() => {
            if let Some(assigned) = param.assigned {
                cx.edits.delete(assigned);
            }
        }
        Some(param) => match param.value {
            Some(value) => cx.edits.replace(value, text.clone()),
            None => {
                let added = [b"=", &text[..]].concat();
                cx.edits.insert_after(param.name.end(), added.into());
            }
        },
        None => {
            let separator: &[u8] = match style {
                Style::List => b";",
                Style::Credentials => b",",
            };
            let equals: &[u8] = if text.is_empty() { b"" } else { b"=" };
            let added = [separator, name, equals, text].concat();
            cx.edits.insert_after(item.text.end(), added.into());
        }
    }
}

/// Whether a value stands in the headers of a name, in any case.
pub(super) fn exists(cx: &Context, name: &[u8], value: &[u8]) -> bool {
    items(&cx.msg, name, Style::List)
        .iter()
        .any(|item| cx.msg.text(item.text).eq_ignore_ascii_case(value))
}

/// Adds a value to the first header of a name, or in a new header, unless it is there.
pub(super) fn include(cx: &mut Context, name: &[u8], value: &[u8]) {
    if exists(cx, name, value) {
        return;
    }
    let Some(header) = cx.msg.find_name(name) else {
        append_header(cx, name, value);
        return;
    };
    let text = [b",", value].concat();
    cx.edits.insert_after(header.value.end(), text.into());
}

/// Removes a value from the headers of a name.
pub(super) fn exclude(cx: &mut Context, name: &[u8], value: &[u8]) {
    let msg = std::sync::Arc::clone(&cx.msg);
    for item in items(&msg, name, Style::List) {
        if msg.text(item.text).eq_ignore_ascii_case(value) {
            remove_item(cx, &item);
        }
    }
}
