//! The SIP wire format.

use bytes::Bytes;
use modules::uac::api::{Challenge, Challenged, Identity, Secret};
use sip::header::{
    CSeq, Contacts, ContentType, Credentials, NameAddr, Params, Route, Style, Via, number,
};
use sip::reply::ReplyParts;
use sip::uri::{Scheme, UriBuilder};
use sip::{Edits, Framer, HeaderKind, Message, Span, Tolerance, UriRef};

/// A message from a datagram: parses or not; printed without edits it is itself; every typed header
/// may be asked for.
pub fn message(data: &[u8]) {
    let Ok(msg) = Message::parse(Bytes::copy_from_slice(data), &Tolerance::KAMAILIO) else {
        return;
    };
    let mut out = Vec::new();
    sip::print::write_message(&mut out, &msg, None, &[]);
    assert_eq!(out, &data[msg.start_line_span().start()..]);
    let _ = (
        msg.via1(),
        msg.via2(),
        msg.from(),
        msg.to(),
        msg.cseq(),
        msg.call_id(),
        msg.contacts(),
    );
    let _ = (
        msg.routes(),
        msg.record_routes(),
        msg.paths(),
        msg.content_type(),
        msg.content_length(),
    );
    let _ = (
        msg.expires(),
        msg.max_forwards(),
        msg.suspect_header(),
        msg.vias().count(),
    );
    let _ = (
        msg.credentials(HeaderKind::Authorization),
        sip::sdp::find(&msg).is_some(),
    );
    let mut edits = Edits::new();
    sip::forward::mark_via(&mut edits, &msg, Some(b"192.0.2.9"), Some(5060));
    edits.insert_after(msg.headers_end(), Bytes::from_static(b"X: y\r\n"));
    let length = sip::print::fix_content_length(&msg, &[&edits], true);
    let mut sets: Vec<&Edits> = vec![&edits];
    sets.extend(&length);
    out.clear();
    sip::print::write_message(&mut out, &msg, None, &sets);
}

/// The value of a header, behind a digit that chooses the parser.
pub fn header(data: &[u8]) {
    let Some((parser, value)) = data.split_first() else {
        return;
    };
    let all = Span::of(0, value.len());
    match parser {
        b'0' => drop(Via::parse(value, all)),
        b'1' => {
            if let Ok(address) = NameAddr::parse(value, all) {
                let _ = address.unquoted_display(value);
                assert!(address.uri.end() <= value.len());
            }
        }
        b'2' => drop(Contacts::parse(value, [all].into_iter())),
        b'3' => drop(Route::parse_list(value, 0, all, &mut Vec::new())),
        b'4' => drop(ContentType::parse(value, all)),
        b'5' => {
            if let Ok(credentials) = Credentials::parse(value, all) {
                let name = credentials.username(value).unwrap_or_default();
                let _ = sip::header::credentials::split_username(name.get(value));
                let count = credentials.nc(value).unwrap_or_default();
                let _ = sip::header::credentials::nonce_count(count.get(value));
            }
        }
        b'6' => drop(CSeq::parse(value, all)),
        b'7' => drop(number::parse(value, all)),
        b'9' => challenge(value),
        _ => {
            for style in [Style::Address, Style::Via, Style::List, Style::Lax] {
                let _ = Params::parse(value, 0, value.len(), style);
            }
        }
    }
}

/// A challenge, and the answer to it.
fn challenge(value: &[u8]) {
    let Ok(challenge) = Challenge::parse(value) else {
        return;
    };
    let identity = Identity {
        user: b"alice".to_vec(),
        password: Secret::Plain(b"secret".to_vec()),
    };
    let request = Challenged {
        method: b"REGISTER",
        uri: b"sip:r",
        body: value,
    };
    let answer = challenge.answer(&identity, request, "c");
    assert!(answer.starts_with(b"Digest username=\"alice\", realm=\""));
}

/// A session description: its spans lie inside.
pub fn session(data: &[u8]) {
    let Ok(session) = sip::sdp::Sdp::parse(data, Span::of(0, data.len())) else {
        return;
    };
    for media in &session.media {
        let _ = session.address_of(media);
    }
}

/// What a stream holds when it comes in pieces of so many bytes.
fn pieces(data: &[u8], size: usize) -> (usize, usize) {
    let mut framer = Framer::default();
    let (mut start, mut fed, mut count) = (0, 0, 0);
    while count < 64 {
        match framer.next(&data[start..fed], true, 65_535) {
            sip::frame::Frame::Message(n) | sip::frame::Frame::Skip { len: n, .. } => {
                start += n;
                count += 1;
            }
            sip::frame::Frame::NeedMore if fed < data.len() => fed = (fed + size).min(data.len()),
            sip::frame::Frame::NeedMore | sip::frame::Frame::Error(_) => break,
        }
    }
    (start, count)
}

/// A stream: cut wherever, the pieces are the same.
pub fn stream(data: &[u8]) {
    pieces(data, 7);
    let mut rest = data;
    for _ in 0..64 {
        match sip::frame::frame(rest, true, 65_535) {
            sip::frame::Frame::Message(n) | sip::frame::Frame::Skip { len: n, .. } => {
                assert!(n > 0 && n <= rest.len());
                rest = &rest[n..];
            }
            sip::frame::Frame::NeedMore | sip::frame::Frame::Error(_) => return,
        }
    }
}

/// A local reply to whatever came.
pub fn reply(data: &[u8]) {
    let Ok(msg) = Message::parse(Bytes::copy_from_slice(data), &Tolerance::KAMAILIO) else {
        return;
    };
    let parts = ReplyParts {
        to_tag: Some(b"tag"),
        received: Some(b"192.0.2.9"),
        rport: Some(9),
        ..ReplyParts::default()
    };
    for code in [100, 180, 404] {
        let out = sip::reply::build(&msg, code, b"Reason", &parts);
        assert!(out.starts_with(msg.version()));
    }
}

/// A URI: what parses prints, and a SIP URI parses again to the same parts. (A tel URI with what
/// looks like a password and a host has no such form.)
pub fn uri(data: &[u8]) {
    let Ok(uri) = UriRef::parse(data) else { return };
    let printed = UriBuilder::from_uri(&uri).to_vec();
    if !matches!(uri.scheme(), Scheme::Sip | Scheme::Sips) {
        return;
    }
    let again = UriRef::parse(&printed).expect("a printed URI parses");
    assert_eq!(
        (uri.user(), uri.host(), uri.port()),
        (again.user(), again.host(), again.port())
    );
    assert_eq!(
        (uri.password(), uri.params_text()),
        (again.password(), again.params_text())
    );
}

/// A Via branch that may name a transaction of ours.
pub fn branch(data: &[u8]) {
    if let Some(id) = transaction::BranchId::parse(data) {
        let mut out = Vec::new();
        id.write(&mut out);
        assert_eq!(transaction::BranchId::parse(&out), Some(id));
    }
}

/// The front of a connection that a balancer may have handed on: judged alike, however it is cut.
pub fn proxy(data: &[u8]) {
    use transport::tcp::proxy::{Front, parse};
    let whole = parse(data);
    for end in 0..data.len().min(512) {
        match parse(&data[..end]) {
            Front::Partial => {}
            early => return assert_eq!(early, whole),
        }
    }
    if let Front::Header { len, .. } = whole {
        assert!(len <= data.len());
    }
}
