//! Changes to the Contact header. Where there are several contacts the last one counts, as in
//! Kamailio.

use bytes::Bytes;
use engine::context::Context;
use engine::socket::Proto;
use sip::header::Contact;
use sip::header::name_addr::NameAddr;
use sip::{HeaderKind, Message, Span, UriRef};

use super::source;

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unchanged {
    /// There is no Contact.
    None,
    /// It is `*` or cannot be parsed.
    Broken,
    /// There is nothing to change.
    Needless,
}

/// The last contact of a message.
pub(super) fn last(msg: &Message) -> Option<NameAddr> {
    match msg.contacts() {
        Some(Ok(contacts)) => contacts.list().last().map(|c| c.addr),
        _ => None,
    }
}

/// The last contact with its URI's parts.
fn parsed(msg: &Message) -> Result<(NameAddr, sip::Uri), Unchanged> {
    if msg.contacts().is_none() {
        return Err(Unchanged::None);
    }
    let addr = last(msg).ok_or(Unchanged::Broken)?;
    let uri = UriRef::parse(msg.text(addr.uri)).map_err(|_| Unchanged::Broken)?;
    Ok((addr, uri.uri))
}

/// Where host and port stand in the message.
fn host_port(addr: &NameAddr, uri: &sip::Uri) -> Span {
    let base = addr.uri.start();
    let end = if uri.port.is_some() {
        uri.port_span.end()
    } else {
        uri.host.end()
    };
    Span::of(base + uri.host.start(), base + end)
}

/// Puts the source's address and port into the contact.
pub(super) fn put_source(cx: &mut Context) -> Result<(), Unchanged> {
    let (addr, uri) = parsed(&cx.msg)?;
    let text = source::host_port(cx.received.source);
    cx.edits.replace(host_port(&addr, &uri), text.into());
    Ok(())
}

/// A contact of the message as text, with the source's address and port; `number` counts from 0.
/// Those of one header are counted from its end, as in Kamailio.
pub(super) fn with_source(cx: &Context, number: usize) -> Option<Bytes> {
    let raw = cx.msg.raw();
    let mut all = Vec::new();
    for header in cx.msg.all(HeaderKind::Contact) {
        let mut own = Vec::new();
        Contact::parse_list(raw, header.value, &mut own).ok()?;
        all.extend(own.into_iter().rev());
    }
    let addr = &all.get(number)?.addr;
    let uri = UriRef::parse(cx.msg.text(addr.uri)).ok()?.uri;
    // A telephone number has no host.
    if uri.host.is_empty() {
        return None;
    }
    let (whole, replaced) = (addr.whole, host_port(addr, &uri));
    let source = source::host_port(cx.received.source);
    let text = [
        Span::of(whole.start(), replaced.start()).get(raw),
        source.as_bytes(),
        Span::of(replaced.end(), whole.end()).get(raw),
    ];
    Some(text.concat().into())
}

/// Adds text to the contact's URI at an offset, in angle brackets if there were none.
fn add_to_uri(cx: &mut Context, addr: &NameAddr, at: usize, text: String) {
    if addr.bracketed {
        cx.edits.insert_after(at, text.into());
        return;
    }
    cx.edits
        .insert_after(addr.uri.start(), Bytes::from_static(b"<"));
    cx.edits.insert_after(at, text.into());
    cx.edits
        .insert_after(addr.uri.end(), Bytes::from_static(b">"));
}

/// Adds an alias of the source at the end of the contact's URI; with `trims`, in place of those
/// that are there.
pub(super) fn set_alias(cx: &mut Context, name: &str, trims: bool) -> Result<(), Unchanged> {
    let (addr, uri) = parsed(&cx.msg)?;
    if trims {
        for span in alias_params(&cx.msg, &addr, &uri, name) {
            cx.edits.delete(span);
        }
    }
    let text = format!(";{name}={}", source::alias(&cx.received));
    let end = addr.uri.end();
    add_to_uri(cx, &addr, end, text);
    Ok(())
}

/// The alias parameters of a contact's URI, each with its `;`.
fn alias_params(msg: &Message, addr: &NameAddr, uri: &sip::Uri, name: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = addr.uri.start() + uri.params.start();
    let params = uri.params.get(msg.text(addr.uri));
    for param in params.split(|b| *b == b';') {
        let end = start + param.len();
        if param_value(param, name).is_some() {
            spans.push(Span::of(start.saturating_sub(1), end));
        }
        start = end + 1;
    }
    spans
}

/// The value of a parameter if it has this name, in this very case.
pub(super) fn param_value<'p>(param: &'p [u8], name: &str) -> Option<&'p [u8]> {
    param.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

/// Adds an alias of the source behind host and port, unless the contact says it all.
pub(super) fn add_alias(cx: &mut Context, name: &str) -> Result<(), Unchanged> {
    let (addr, uri) = parsed(&cx.msg)?;
    let received = cx.received;
    let text = cx.msg.text(addr.uri);
    let reference = UriRef { text, uri };
    let says_it_all = reference.host() == source::host(received.source.ip()).as_bytes()
        && reference.port().unwrap_or(5060) == received.source.port()
        && reference.transport().and_then(Proto::from_name) == Some(received.proto);
    if says_it_all {
        return Err(Unchanged::Needless);
    }
    let at = host_port(&addr, &uri).end();
    add_to_uri(
        cx,
        &addr,
        at,
        format!(";{name}={}", source::alias(&received)),
    );
    Ok(())
}

/// Adds an alias of an address that the script gives.
pub(super) fn add_alias_of(
    cx: &mut Context,
    name: &str,
    host: &[u8],
    port: u16,
    proto: Proto,
) -> Result<(), Unchanged> {
    let (addr, uri) = parsed(&cx.msg)?;
    let host = String::from_utf8_lossy(host);
    let at = host_port(&addr, &uri).end();
    let text = format!(";{name}={host}~{port}~{}", proto.number());
    add_to_uri(cx, &addr, at, text);
    Ok(())
}

/// The value of the alias in the only contact's URI.
pub(super) fn alias_value(msg: &Message, name: &str) -> Option<Bytes> {
    let Some(Ok(contacts)) = msg.contacts() else {
        return None;
    };
    let [contact] = contacts.list() else {
        return None;
    };
    let text = msg.slice(contact.addr.uri);
    let uri = UriRef::parse(&text).ok()?;
    let value = uri
        .params_text()
        .split(|b| *b == b';')
        .find_map(|p| param_value(p, name))?;
    Some(text.slice_ref(value))
}

/// Adds a `received` parameter to every contact: to its URI or behind it.
pub(super) fn add_received(cx: &mut Context, to_uri: bool) {
    let msg = std::sync::Arc::clone(&cx.msg);
    let Some(Ok(contacts)) = msg.contacts() else {
        return;
    };
    let uri = source::uri(&cx.received);
    for contact in contacts.list() {
        let addr = &contact.addr;
        let (at, text) = if to_uri {
            (addr.uri.end(), format!(";received={uri}"))
        } else {
            (addr.whole.end(), format!(";received=\"{uri}\""))
        };
        cx.edits.insert_after(at, text.into());
    }
}
