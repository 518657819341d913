//! Properties that hold for any input: no panic, spans inside the buffer, printing gives back
//! what was parsed, edits equal a naive model, framing does not depend on how a stream is split.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sip::header::{Contacts, ContentType, Credentials, NameAddr, Param, Params, Style};
use sip::reply::ReplyParts;
use sip::uri::{UriBuilder, same_lax, same_rfc3261};
use sip::{
    Edits, Frame, Framer, HeaderKind, Message, Span, Tolerance, Uri, UriRef, edit, print, reply,
    sdp,
};

/// Scraps of SIP from which odd messages are made.
const SCRAPS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r\n ",
    b"INVITE sip:a@b SIP/2.0\r\n",
    b"SIP/2.0 200 OK\r\n",
    b"Via: SIP/2.0/UDP h:5060;branch=z9hG4bK1;rport",
    b"v: SIP / 2.0 / TCP [::1] ;received=1.2.3.4,",
    b"From: \"x\" <sip:a@b>;tag=1",
    b"To: sip:c@d",
    b"CSeq: 1 INVITE",
    b"Call-ID: x",
    b"Contact: <sip:a@b>;q=0.5;expires=3,*",
    b"Route: <sip:p;lr>, \"q\" <sip:r>",
    b"Content-Length: 5",
    b"Content-Type: multipart/mixed;boundary=b",
    b"Content-Type: application/sdp",
    b"--b",
    b"Authorization: Digest username=\"a\", nc=1",
    b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP 0\r\n",
    b";a=\"b\"",
    b";rport",
    b";tag=",
    b"<",
    b">",
    b"\"",
    b"\\",
    b",",
    b";",
    b"=",
    b":",
    b" ",
];

/// Pieces of a stream.
const STREAM: &[&[u8]] = &[
    b"\r\n\r\n",
    b"\r\n",
    b"OPTIONS sip:x SIP/2.0\r\nVia: a\r\nContent-Length:\r\n 5\r\n\r\nhello",
    b"A b C\nl: 0\n\n",
    b"SIP/2.0 200 OK\r\nX: y\r\nContent-Length : 4\r\n\r\n\r\n\r\n",
    b"no length\r\n\r\n",
];

/// Bytes that are likelier than chance to look like SIP.
fn sip_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(SCRAPS).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// SIP-like bytes behind a good start line.
fn request_like() -> impl Strategy<Value = Vec<u8>> {
    sip_like().prop_map(|rest| [b"INVITE sip:a@b SIP/2.0\r\n", &rest[..]].concat())
}

fn parse(text: &[u8]) -> Option<Message> {
    Message::parse(Bytes::copy_from_slice(text), &Tolerance::KAMAILIO).ok()
}

fn check_params(params: &Params, buf: &[u8]) {
    assert!(params.span.end() <= buf.len());
    assert_eq!(params.iter(buf).count(), params.len());
    params.iter(buf).for_each(|p| check_param(&p, buf.len()));
}

fn check_param(param: &Param, len: usize) {
    for span in [param.name, param.whole, param.value.unwrap_or_default()] {
        assert!(span.end() <= len);
    }
}

fn check_addr(addr: &NameAddr, buf: &[u8]) {
    for span in [
        addr.whole,
        addr.display,
        addr.uri,
        addr.tag.unwrap_or_default(),
    ] {
        assert!(span.end() <= buf.len());
    }
    check_params(&addr.params, buf);
}

/// Asks a message for everything it knows.
fn check_message(m: &Message) {
    let len = m.raw().len();
    assert!(m.headers_start() <= m.headers_end() && m.headers_end() <= len);
    assert!(m.body_span().end() == len);
    let mut end = m.start_line_span().end();
    for h in m.headers() {
        assert_eq!(h.whole.start(), end);
        end = h.whole.end();
        for inner in [h.name, h.value, h.raw_value(m.raw())] {
            assert!(inner.start() >= h.whole.start() && inner.end() <= end);
        }
        assert!(h.kind == HeaderKind::Malformed || m.find_name(m.text(h.name)).is_some());
    }
    assert_eq!(end, m.headers_end());
    for via in m.vias().flatten() {
        for span in [
            via.whole,
            via.protocol(),
            via.version,
            via.transport,
            via.host,
            via.port_span,
        ] {
            assert!(span.end() <= len);
        }
        check_params(&via.params, m.raw());
    }
    assert_eq!(m.via2().is_some(), m.vias().nth(1).is_some());
    for addr in [m.from(), m.to()].into_iter().flatten().flatten() {
        check_addr(addr, m.raw());
    }
    if let Some(Ok(Contacts::List(list))) = m.contacts() {
        list.iter().for_each(|c| check_addr(&c.addr, m.raw()));
    }
    for routes in [m.routes(), m.record_routes(), m.paths()]
        .into_iter()
        .flatten()
        .flatten()
    {
        for route in routes {
            check_addr(&route.addr, m.raw());
            assert!(m.headers().get(usize::from(route.header)).is_some());
        }
    }
    if let Some(Ok(cseq)) = m.cseq() {
        assert!(cseq.number_span.end() <= len && cseq.method_span.end() <= len);
    }
    for credentials in m.credentials(HeaderKind::Authorization).flatten() {
        credentials.fields().for_each(|f| check_param(f, len));
    }
    let _ = (
        m.content_length(),
        m.expires(),
        m.max_forwards(),
        m.content_type(),
        m.method_text(),
    );
    if let Some(span) = sdp::find(m) {
        assert!(span.end() <= len);
        let _ = sdp::Sdp::parse(m.raw(), span);
    }
}

/// A naive model of edits: one slot per offset, a mark per deleted byte.
fn model(source: &[u8], list: &[(usize, usize, u8)]) -> Vec<u8> {
    let mut slots = vec![Vec::new(); source.len() + 1];
    let mut deleted = vec![false; source.len()];
    for (at, delete, text) in list {
        slots[*at].push(*text);
        deleted[*at..(*at + delete).min(source.len())].fill(true);
    }
    let mut out = Vec::new();
    for (at, slot) in slots.iter().enumerate() {
        out.extend_from_slice(slot);
        if at < source.len() && !deleted[at] {
            out.push(source[at]);
        }
    }
    out
}

/// What a stream holds, fed in pieces of the given lengths (the last one repeats).
fn messages(stream: &[u8], pieces: &[usize], max: usize) -> (Vec<Vec<u8>>, Option<Frame>) {
    let mut framer = Framer::default();
    let (mut out, mut fed, mut start) = (Vec::new(), 0, 0);
    let mut pieces = pieces
        .iter()
        .copied()
        .chain(std::iter::repeat(stream.len().max(1)));
    loop {
        match framer.next(&stream[start..fed], false, max) {
            Frame::NeedMore if fed == stream.len() => return (out, None),
            Frame::NeedMore => fed = (fed + pieces.next().unwrap_or(1)).min(stream.len()),
            Frame::Message(len) => {
                out.push(stream[start..start + len].to_vec());
                start += len;
            }
            Frame::Skip { len, .. } => start += len,
            Frame::Error(error) => return (out, Some(Frame::Error(error))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(text in vec(any::<u8>(), 0..200)) {
        if let Some(m) = parse(&text) {
            check_message(&m);
        }
        let all = Span::of(0, text.len());
        let _ = (Uri::parse(&text), NameAddr::parse(&text, all), ContentType::parse(&text, all));
        let _ = (Credentials::parse(&text, all), sdp::Sdp::parse(&text, all));
        for style in [Style::Address, Style::Via, Style::List, Style::Lax] {
            let _ = Params::parse(&text, 0, text.len(), style);
        }
    }

    #[test]
    fn spans_lie_inside(text in request_like()) {
        if let Some(m) = parse(&text) {
            check_message(&m);
        }
        if let Ok(m) = Message::parse(Bytes::from(text), &Tolerance::STRICT) {
            check_message(&m);
        }
    }

    #[test]
    fn printing_gives_back_what_was_parsed(text in request_like()) {
        if let Some(m) = parse(&text) {
            let mut out = Vec::new();
            print::write_message(&mut out, &m, None, &[]);
            prop_assert_eq!(&out[..], &text[m.start_line_span().start()..]);
            print::write_message(&mut out, &m, None, &[&Edits::new(), &Edits::new()]);
        }
    }

    #[test]
    fn replies_parse(text in request_like(), code in 100u16..700, rport: Option<u16>, with_received: bool) {
        if let Some(m) = parse(&text) {
            let parts = ReplyParts {
                to_tag: Some(b"t"), received: with_received.then_some(b"1.2.3.4"), rport, ..ReplyParts::default()
            };
            let reply = reply::build(&m, code, b"Reason", &parts);
            let parsed = parse(&reply).expect("a reply is a message");
            prop_assert_eq!(parsed.status(), Some(code));
            if let (Some(Ok(_)), Some(Ok(via)), Some(rport)) = (m.via1(), parsed.via1(), rport) {
                let found = via.rport.map(|s| parsed.text(s).to_vec());
                prop_assert_eq!(found, Some(rport.to_string().into_bytes()), "{}", reply.escape_ascii());
            }
        }
    }

    #[test]
    fn edits_equal_the_model(
        source in vec(any::<u8>(), 0..30),
        list in vec((0usize..31, 0usize..8, any::<u8>()), 0..12),
        split in 0usize..12,
    ) {
        let list: Vec<_> = list.into_iter().map(|(at, n, c)| (at.min(source.len()), n, c)).collect();
        let (mut first, mut second) = (Edits::new(), Edits::new());
        for (index, (at, delete, text)) in list.iter().enumerate() {
            let set = if index < split { &mut first } else { &mut second };
            set.replace(Span::of(*at, at + delete), Bytes::copy_from_slice(&[*text]));
        }
        let mut out = Vec::new();
        edit::apply(&mut out, &source, 0, &[&first, &second]);
        prop_assert_eq!(out, model(&source, &list));
    }

    #[test]
    fn uris_round_trip(text in "(sips?|tel|urn):[a-z0-9.;=?:@+\\[\\]-]{0,20}") {
        if let Ok(uri) = UriRef::parse(text.as_bytes()) {
            let parts = uri.uri;
            for span in [parts.user, parts.password, parts.host, parts.port_span, parts.params, parts.headers] {
                prop_assert!(span.end() <= text.len());
            }
            let printed = UriBuilder::from_uri(&uri).to_vec();
            if let Ok(again) = UriRef::parse(&printed) {
                prop_assert_eq!(again.user(), uri.user());
                prop_assert_eq!(again.port(), uri.port());
                prop_assert_eq!(again.params_text(), uri.params_text());
            }
            prop_assert!(same_lax(&uri, &uri));
            let repeats = uri.params().any(|(n, v)| uri.param(n) != Some(v.unwrap_or_default()));
            prop_assert!(repeats || same_rfc3261(&uri, &uri));
        }
    }

    #[test]
    fn framing_ignores_how_a_stream_is_split(
        parts in vec(select(STREAM), 0..8),
        pieces in vec(1usize..9, 0..60),
    ) {
        let stream = parts.concat();
        prop_assert_eq!(messages(&stream, &pieces, 1000), messages(&stream, &[], 1000));
    }
}
