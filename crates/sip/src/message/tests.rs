//! Tests of whole messages.

use bytes::Bytes;

use super::*;
use crate::Tolerance;

/// RFC 3665 §3.1 F1.
const INVITE: &str = "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n\
Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\n\
Max-Forwards: 70\r\n\
From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n\
To: Bob <sip:bob@biloxi.example.com>\r\n\
Call-ID: 3848276298220188511@atlanta.example.com\r\n\
CSeq: 1 INVITE\r\n\
Contact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\n\
Content-Type: application/sdp\r\n\
Content-Length: 4\r\n\
\r\n\
v=0\n";

fn parse(text: &str) -> Result<Message, ParseError> {
    Message::parse(
        Bytes::copy_from_slice(text.as_bytes()),
        &Tolerance::KAMAILIO,
    )
}

#[test]
fn invite() {
    let m = parse(INVITE).unwrap();
    assert!(m.is_request());
    assert_eq!(m.method(), Method::Invite);
    assert_eq!(m.request_uri(), b"sip:bob@biloxi.example.com");
    assert_eq!(m.version(), b"SIP/2.0");
    assert_eq!(m.headers().len(), 9);
    assert_eq!(m.via1().unwrap().unwrap().port, Some(5060));
    assert!(m.via2().is_none());
    assert_eq!(m.from_tag(), Some(&b"9fxced76sl"[..]));
    assert_eq!(m.to_tag(), None);
    assert_eq!(m.cseq().unwrap().unwrap().number, 1);
    assert_eq!(
        m.call_id(),
        Some(&b"3848276298220188511@atlanta.example.com"[..])
    );
    assert_eq!(m.max_forwards(), Some(Ok(70)));
    assert_eq!(m.content_length(), Some(Ok(4)));
    assert_eq!(m.contacts().unwrap().unwrap().list().len(), 1);
    assert!(
        m.content_type()
            .unwrap()
            .unwrap()
            .is(m.raw(), b"application", b"sdp")
    );
    assert_eq!(m.body(), b"v=0\n");
    assert_eq!(m.find_name(b"m").unwrap().kind, HeaderKind::Contact);
    assert!(m.routes().is_none());
    assert!(
        INVITE[m.headers_end()..].starts_with("\r\n\r\n")
            || INVITE[m.headers_end()..].starts_with("\r\nv=")
    );
}

#[test]
fn reply_with_compact_and_folded_headers() {
    let text = "SIP/2.0 200 OK all is well\nv: SIP/2.0/UDP a;branch=1,\n\tSIP/2.0/UDP b;branch=2\nVIA : SIP/2.0/TCP c\nf: <sip:a@b>;tag=1\nCSEQ: 7\n  BYE\nx-mine:  a\n b \nX-Mine: c\n\n";
    let m = parse(text).unwrap();
    assert_eq!(
        (m.status(), m.reason()),
        (Some(200), &b"OK all is well"[..])
    );
    assert_eq!(m.method(), Method::Bye);
    let hosts: Vec<_> = m.vias().map(|v| m.text(v.unwrap().host).to_vec()).collect();
    assert_eq!(hosts, [b"a", b"b", b"c"]);
    assert_eq!(m.text(m.via2().unwrap().unwrap().branch.unwrap()), b"2");
    assert_eq!(
        m.all_named(b"X-MINE")
            .map(|h| m.text(h.value))
            .collect::<Vec<_>>(),
        [&b"a\n b"[..], b"c"]
    );
    assert!(m.body().is_empty());
}

#[test]
fn broken_parts_surface_on_use() {
    let m = parse(
        "OPTIONS sip:x SIP/2.0\r\nVia: junk\r\nno colon here\r\nCSeq: x\r\nTo: <sip:a\r\n\r\n",
    )
    .unwrap();
    assert!(m.via1().unwrap().is_err());
    assert!(m.cseq().unwrap().is_err());
    assert!(m.to().unwrap().is_err());
    assert_eq!(m.text(m.suspect_header().unwrap().value), b"no colon here");
}

#[test]
fn refused() {
    for (text, error) in [
        ("", ParseError::Empty),
        ("\r\n\r\n", ParseError::Empty),
        ("hello\r\n\r\n", ParseError::StartLine),
        ("OPTIONS sip:x\r\n\r\n", ParseError::StartLine),
        ("OPTIONS  sip:x SIP/2.0\r\n\r\n", ParseError::StartLine),
        ("OPTIONS sip:x y SIP/2.0\r\n\r\n", ParseError::StartLine),
        ("OPTIONS sip:x SIP/3.0\r\n\r\n", ParseError::Version),
        ("SIP/2.0 20 OK\r\n\r\n", ParseError::StartLine),
        ("SIP/2.0 2000 OK\r\n\r\n", ParseError::StartLine),
    ] {
        assert_eq!(parse(text).unwrap_err(), error, "{text}");
    }
    let strict = |text: &'static str| {
        Message::parse(Bytes::from_static(text.as_bytes()), &Tolerance::STRICT)
    };
    assert!(strict("OPTIONS sip:x SIP/2.0\r\nA: b\r\n").is_err());
    assert!(strict("OPTIONS sip:x SIP/2.0\nA: b\n\n").is_err());
}

#[test]
fn a_message_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Message>();
}

#[test]
fn start_lines_that_kamailio_takes() {
    for text in [
        "OPTIONS sip:u@h  SIP/2.0",
        " OPTIONS sip:u@h SIP/2.0",
        "\0OPTIONS sip:u@h SIP/2.0",
        "options sip:u@h SIP/2.0",
        "OPTIONS sip:u@h SIP/2.0 ",
        "OPTIONS sip:u@h sip/2.0",
        "OPTIONS sip:u@h\tSIP/2.0",
        "OPTIONS sip:u@h SIP/2.0x",
    ] {
        let m = parse(&format!("{text}\r\n\r\n")).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            (m.method(), m.request_uri()),
            (Method::Options, &b"sip:u@h"[..]),
            "{text}"
        );
    }
    assert_eq!(
        parse("FO@/ sip:u@h SIP/2.0\r\n\r\n").unwrap().method(),
        Method::Other
    );
}

#[test]
fn repeated_headers() {
    let suspect = |headers: &str| {
        let m = parse(&format!("OPTIONS sip:x SIP/2.0\r\n{headers}\r\n\r\n")).unwrap();
        m.suspect_header().map(|h| m.text(h.whole).to_vec())
    };
    assert_eq!(suspect("Via: a\r\nVia: b\r\nContact: x\r\nm: y"), None);
    for name in [
        "To",
        "From",
        "CSeq",
        "Call-ID",
        "Max-Forwards",
        "Content-Length",
    ] {
        assert_eq!(
            suspect(&format!("{name}: 1\r\n{name}: 2")),
            Some(format!("{name}: 2\r\n").into_bytes())
        );
    }
}

#[test]
fn raw_value_keeps_trailing_space() {
    let m = parse("OPTIONS sip:x SIP/2.0\r\nX:  a \r\nY:  \r\nZ: b").unwrap();
    let headers: Vec<_> = m.headers().iter().collect();
    let [x, y, z] = headers[..] else {
        panic!("three headers")
    };
    assert_eq!(
        (m.text(x.raw_value(m.raw())), m.text(x.value)),
        (&b"a "[..], &b"a"[..])
    );
    assert!(m.text(y.value).is_empty());
    assert_eq!(z.kind, HeaderKind::Malformed);
}

#[test]
fn leniencies_that_are_asked_for() {
    let read = |text: &str, tolerance: &Tolerance| {
        let message = Message::parse(Bytes::from(text.to_owned()), tolerance).ok()?;
        Some(message.suspect_header().is_none())
    };
    let with = |extra: &str| {
        format!(
            "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\n\
             To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\n{extra}\r\n\r\n"
        )
    };
    let usual = Tolerance::KAMAILIO;
    let lenient = Tolerance {
        repeats: true,
        http_replies: true,
        name_chars: crate::ByteSet::of(b"*{@"),
        ..usual
    };
    for repeated in [
        "To: <sip:c>",
        "From: <sip:c>;tag=2",
        "Call-ID: 2",
        "CSeq: 2 OPTIONS",
    ] {
        assert_eq!(read(&with(repeated), &usual), Some(false), "{repeated}");
        assert_eq!(read(&with(repeated), &lenient), Some(true), "{repeated}");
    }
    assert_eq!(read(&with("Max-Forwards: 2"), &lenient), Some(false));
    for named in ["X{b: 1", "X@b: 1"] {
        assert_eq!(read(&with(named), &usual), Some(false), "{named}");
        assert_eq!(read(&with(named), &lenient), Some(true), "{named}");
    }
    assert_eq!(read(&with("X\"b: 1"), &lenient), Some(false));
    let reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(read(reply, &usual), None);
    assert_eq!(read(reply, &lenient), Some(true));
    assert_eq!(read("HTTP/2 200 OK\r\n\r\n", &lenient), None);
}
