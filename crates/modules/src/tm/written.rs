//! What `t_write_req` and `t_write_unix` tell another program of a request: a line for each fact, in
//! the order of Kamailio's FIFO protocol 0.3.

use engine::Context;
use engine::context::RunKind;
use engine::net::AddressText;
use sip::header::{Contact, NameAddr, Route};
use sip::{HeaderKind, Message, Method, UriRef};
use transaction::Handle;

use crate::rr::api::is_recorded;
use crate::tm::appends::Append;

/// The version of the format.
const VERSION: &[u8] = b"0.3";

/// What the last argument but one of the functions asks for: `action` or `action/append`.
#[derive(Debug)]
pub(crate) struct Info {
    /// What the reader shall do.
    pub(crate) action: String,
    /// Which list of `tw_append` tells more.
    pub(crate) append: Option<usize>,
}

/// The text; `None`: the Record-Route headers make no sense.
pub(crate) fn text(
    cx: &mut Context,
    handle: Handle,
    action: &str,
    append: Option<&Append>,
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(1024);
    let mut line = |parts: &[&[u8]]| {
        for part in parts {
            out.extend_from_slice(part);
        }
        out.push(b'\n');
    };
    line(&[VERSION]);
    line(&[b"sip_request.", action.as_bytes()]);
    line(&[cx.msg.method_text()]);
    let uri = cx.request_uri_parts()?;
    line(&[uri.user()]);
    line(&[uri.host()]);
    let ours = AddressText::new(cx.received.destination.ip()).to_string();
    line(&[ours.as_bytes()]);
    // A Remote-Party-ID, which Kamailio never has here.
    line(&[b"."]);
    let msg = &*cx.msg;
    line(&[msg.request_uri()]);
    let from = msg.from()?.ok()?;
    let way = Way::of(msg, msg.text(from.uri))?;
    line(&[way.target]);
    line(&[without_params(msg, from)]);
    line(&[msg.value(HeaderKind::To)?]);
    line(&[msg.call_id()?]);
    line(&[msg.from_tag().unwrap_or_default()]);
    line(&[msg.to_tag().unwrap_or_default()]);
    let number = msg.value(HeaderKind::CSeq)?;
    line(&[number.split(u8::is_ascii_whitespace).next()?]);
    let id = format!("{}:{}", handle.index(), handle.label());
    line(&[id.as_bytes()]);
    line(&[&way.routes]);
    line(&[way.next_hop]);
    line(&[b"P-MsgFlags: ", &reversed_hex(flags(cx))]);
    if let Some(append) = append {
        append.write(cx, &mut out);
    }
    out.extend_from_slice(b".\n");
    // An INVITE's body goes along unasked.
    if cx.msg.method() == Method::Invite || append.is_some_and(|append| append.has_body) {
        out.extend_from_slice(cx.msg.body());
    } else {
        out.push(b'.');
    }
    out.push(b'\n');
    Some(out)
}

/// The way back to the caller in the dialog that the request may begin.
struct Way<'m> {
    /// The request URI.
    target: &'m [u8],
    /// The routes in angle brackets, `.` without any.
    routes: Vec<u8>,
    /// Where to send, `.` when it is the target.
    next_hop: &'m [u8],
}

impl<'m> Way<'m> {
    fn of(msg: &'m Message, from: &'m [u8]) -> Option<Self> {
        let contact = contact(msg).unwrap_or(from);
        let recorded: &[Route] = match msg.record_routes() {
            None => &[],
            Some(Ok(routes)) => routes,
            Some(Err(_)) => return None,
        };
        let mut uris = recorded.iter().map(|route| msg.text(route.addr.uri));
        let Some(first) = uris.next() else {
            return Some(Self {
                target: contact,
                routes: b".".to_vec(),
                next_hop: b".",
            });
        };
        let rest: Vec<&[u8]> = uris.collect();
        let is_loose = UriRef::parse(first).is_ok_and(|uri| uri.is_loose_router());
        // Kamailio tells a loose router twice; the readers know.
        let (target, next_hop, listed) = if is_loose {
            (contact, first, [&[first, first], &rest[..]].concat())
        } else {
            (first, &b"."[..], [&rest[..], &[contact]].concat())
        };
        let bracketed: Vec<Vec<u8>> = listed
            .iter()
            .map(|uri| [b"<", *uri, b">"].concat())
            .collect();
        Some(Self {
            target,
            routes: bracketed.join(&b','),
            next_hop,
        })
    }
}

/// The URI of the last contact in the first Contact header.
fn contact(msg: &Message) -> Option<&[u8]> {
    let value = msg.first(HeaderKind::Contact)?.value;
    let mut list = Vec::new();
    Contact::parse_list(msg.raw(), value, &mut list).ok()?;
    let uri = |contact: &Contact| msg.text(contact.addr.uri);
    let is_uri = |contact: &Contact| uri(contact).contains(&b':');
    // `*` has no scheme either.
    list.iter().all(is_uri).then(|| list.last().map(uri))?
}

/// An address with its name, but without the parameters behind.
fn without_params<'m>(msg: &'m Message, addr: &NameAddr) -> &'m [u8] {
    let end = addr.uri.end() + usize::from(addr.bracketed);
    msg.raw().get(addr.whole.start()..end).unwrap_or_default()
}

/// What has been done to the message, as the bits that Kamailio keeps of it. Every request with a
/// transaction has one.
fn flags(cx: &Context) -> u32 {
    const FORCED_RPORT: u32 = 1;
    const STORED: u32 = 1 << 4;
    const IN_TABLE: u32 = 1 << 7;
    const LOCAL_RPORT: u32 = 1 << 11;
    const RECORDED: u32 = 1 << 18;
    let set = |is_set: bool, flag| if is_set { flag } else { 0 };
    IN_TABLE
        | set(cx.options.force_rport, FORCED_RPORT)
        | set(cx.kind == RunKind::Failure, STORED)
        | set(cx.options.add_local_rport, LOCAL_RPORT)
        | set(is_recorded(cx), RECORDED)
}

/// Hexadecimal digits, the lowest first.
fn reversed_hex(mut number: u32) -> Vec<u8> {
    let mut digits = Vec::with_capacity(8);
    loop {
        digits.push(b"0123456789abcdef"[(number & 15) as usize]);
        number >>= 4;
        if number == 0 {
            return digits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::Tolerance;

    #[test]
    fn flags_have_their_lowest_digit_first() {
        assert_eq!(reversed_hex(0x80), b"08");
        assert_eq!(reversed_hex(0x40080), b"08004");
        assert_eq!(reversed_hex(0), b"0");
    }

    /// Each was shown to Kamailio 5.6.3.
    #[test]
    fn ways_back() {
        for (headers, target, routes, next_hop) in [
            ("", "sip:f@b", ".", "."),
            ("Contact: <sip:c@d>, <sip:e@f>;q=1\r\n", "sip:e@f", ".", "."),
            ("Contact: *\r\nContact: <sip:c@d>\r\n", "sip:f@b", ".", "."),
            ("Contact: <sip:c@d>, bad\r\n", "sip:f@b", ".", "."),
            ("Record-Route: <sip:r>\r\n", "sip:r", "<sip:f@b>", "."),
            (
                "Record-Route: <sip:r;lr>, <sip:s>\r\nContact: <sip:c@d>\r\n",
                "sip:c@d",
                "<sip:r;lr>,<sip:r;lr>,<sip:s>",
                "sip:r;lr",
            ),
            (
                "Record-Route: <sip:r>\r\nRecord-Route: <sip:s;lr>\r\nContact: <sip:c@d>\r\n",
                "sip:r",
                "<sip:s;lr>,<sip:c@d>",
                ".",
            ),
        ] {
            let text = format!("OPTIONS sip:x SIP/2.0\r\n{headers}\r\n");
            let msg = Message::parse(text.into(), &Tolerance::KAMAILIO).unwrap();
            let way = Way::of(&msg, b"sip:f@b").unwrap();
            let told = [way.target, &way.routes, way.next_hop];
            assert_eq!(
                told,
                [target, routes, next_hop].map(str::as_bytes),
                "{headers}"
            );
        }
        let text = "OPTIONS sip:x SIP/2.0\r\nRecord-Route: bad\r\n\r\n";
        let msg = Message::parse(text.into(), &Tolerance::KAMAILIO).unwrap();
        assert!(Way::of(&msg, b"sip:f@b").is_none());
    }
}
