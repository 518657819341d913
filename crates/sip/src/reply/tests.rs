//! Replies compared with what Kamailio 5.6.3 was seen to send.

use bytes::Bytes;

use super::*;
use crate::Tolerance;

const SERVER: &[u8] = b"Server: kamailio (5.6.3 (x86_64/linux))";

/// The reply to an OPTIONS with these headers, in `\n` notation.
fn reply(headers: &str, code: u16, parts: ReplyParts<'_>) -> String {
    let text = format!("OPTIONS sip:s@127.0.0.9 SIP/2.0\n{headers}\n").replace('\n', "\r\n");
    let request = Message::parse(Bytes::from(text), &Tolerance::KAMAILIO).unwrap();
    let parts = ReplyParts {
        server: Some(SERVER),
        ..parts
    };
    String::from_utf8(build(&request, code, b"Nope", &parts))
        .unwrap()
        .replace("\r\n", "\n")
}

/// The topmost Via line of a reply to a request with these Via lines.
fn via(line: &str, received: Option<&str>, rport: Option<u16>) -> String {
    let parts = ReplyParts {
        received: received.map(str::as_bytes),
        rport,
        ..Default::default()
    };
    let text = reply(&format!("{line}\nFrom: <sip:a@b>;tag=1\n"), 404, parts);
    text[..text.find("\nFrom").unwrap()].replacen("SIP/2.0 404 Nope\n", "", 1)
}

#[test]
fn which_headers_in_which_order() {
    let request = "Via: SIP/2.0/UDP 127.0.0.77:5979;branch=z9hG4bKabc1\nRecord-Route: <sip:p1;lr>\nMax-Forwards: 70\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>\nCall-ID: x1\nCSeq: 1 OPTIONS\nTimestamp: 54\nContact: <sip:me@here>\nX: y\nContent-Length: 0\n";
    let parts = ReplyParts {
        to_tag: Some(b"b3.33"),
        headers: b"Contact: <sip:x@y>\r\nX-Y: 1\r\n",
        ..Default::default()
    };
    let copied = "From: <sip:a@b>;tag=1\nTo: <sip:c@d>";
    let rest = "\nCall-ID: x1\nCSeq: 1 OPTIONS\nContact: <sip:x@y>\nX-Y: 1\nServer: kamailio (5.6.3 (x86_64/linux))\nContent-Length: 0\n\n";
    let top = "Nope\nVia: SIP/2.0/UDP 127.0.0.77:5979;branch=z9hG4bKabc1\n";
    for (code, routes, tag) in [
        (100, "", ""),
        (179, "", ""),
        (180, "Record-Route: <sip:p1;lr>\n", ";tag=b3.33"),
        (299, "Record-Route: <sip:p1;lr>\n", ";tag=b3.33"),
        (300, "", ";tag=b3.33"),
        (603, "", ";tag=b3.33"),
    ] {
        let wanted = format!("SIP/2.0 {code} {top}{routes}{copied}{tag}{rest}");
        assert_eq!(reply(request, code, parts), wanted);
    }
}

#[test]
fn body_and_warning() {
    let request = "Via: SIP/2.0/UDP 127.0.0.77\nTo: <sip:c@d>  \nFrom: <sip:a@b>;tag=1\nCall-ID:\n x13 \nCSeq:   1   OPTIONS  \nRecord-Route:   \n <sip:x> \nRecord-Route: a,b\n";
    let parts = ReplyParts {
        to_tag: Some(b"t"),
        content_type: Some(b"text/plain"),
        contact: Some(b"<sip:new@y>, <sip:b1@x>;q=0.5"),
        warning: Some(b"Warning: 392 x"),
        body: b"hello",
        ..Default::default()
    };
    assert_eq!(
        reply(request, 200, parts),
        "SIP/2.0 200 Nope\nVia: SIP/2.0/UDP 127.0.0.77\nTo: <sip:c@d>  ;tag=t\nFrom: <sip:a@b>;tag=1\nCall-ID:\n x13 \nCSeq:   1   OPTIONS  \nRecord-Route:   \n <sip:x> \nRecord-Route: a,b\nContact: <sip:new@y>, <sip:b1@x>;q=0.5\nContent-Type: text/plain\nServer: kamailio (5.6.3 (x86_64/linux))\nContent-Length: 5\nWarning: 392 x\n\nhello"
    );
}

#[test]
fn to_tags() {
    let to = |line: &str| {
        let parts = ReplyParts {
            to_tag: Some(b"T"),
            ..Default::default()
        };
        let text = reply(&format!("{line}\nFrom: x\n"), 404, parts);
        text["SIP/2.0 404 Nope\n".len()..text.find("\nFrom").unwrap()].to_owned()
    };
    for (request, wanted) in [
        ("To: <sip:c@d>;tag=already", "To: <sip:c@d>;tag=already"),
        ("To: sip:c@d", "To: sip:c@d;tag=T"),
        ("To: <sip:c@d>;tag=", "To: <sip:c@d>;tag=;tag=T"),
        ("To: <sip:c@d>;tag", "To: <sip:c@d>;tag;tag=T"),
        (
            "To :   <sip:c@d>  ;p=q \n  ;x",
            "To :   <sip:c@d>  ;p=q \n  ;x;tag=T",
        ),
        ("To: <sip:c@d>;p=q \n\t", "To: <sip:c@d>;p=q \n\t;tag=T"),
        ("To: <sip:c@d>;TAG=5", "To: <sip:c@d>;TAG=5"),
        ("t:<sip:c@d>", "t:<sip:c@d>;tag=T"),
    ] {
        assert_eq!(to(request), wanted);
    }
}

#[test]
fn topmost_via() {
    let ip = Some("127.0.0.77");
    for (request, received, rport, wanted) in [
        (
            "Via: SIP/2.0/UDP h;branch=z",
            None,
            None,
            "Via: SIP/2.0/UDP h;branch=z",
        ),
        (
            "Via: SIP/2.0/UDP h;branch=z",
            ip,
            None,
            "Via: SIP/2.0/UDP h;branch=z;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h;branch=z",
            None,
            Some(5979),
            "Via: SIP/2.0/UDP h;branch=z;rport=5979",
        ),
        (
            "Via: SIP/2.0/UDP h;branch=z",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h;branch=z;rport=5979;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h;rport=1;branch=z;rport;x",
            None,
            Some(5979),
            "Via: SIP/2.0/UDP h;rport=1;branch=z;rport=5979;x",
        ),
        (
            "Via: SIP/2.0/UDP h;rport;branch=z",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h;rport=5979;branch=z;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h;rport=;branch=z",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h;rport=5979;branch=z;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h;rport=99;branch=z",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h;rport=5979;branch=z;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h;rport;received=1.2.3.4;branch=z",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h;rport=5979;received=1.2.3.4;branch=z;received=127.0.0.77",
        ),
        (
            "v: SIP/2.0/UDP h:5979 ; rport ; branch=z\nv  :   SIP/2.0/TCP c;rport   ",
            ip,
            Some(5979),
            "v: SIP/2.0/UDP h:5979 ;rport=5979; branch=z;received=127.0.0.77\nv  :   SIP/2.0/TCP c;rport   ",
        ),
        (
            "VIA : SIP / 2.0 / UDP h:5979 ; rport\n ; branch=z\nv:SIP/2.0/UDP a,\n  SIP/2.0/UDP b",
            ip,
            Some(5979),
            "VIA : SIP / 2.0 / UDP h:5979 ;rport=5979; branch=z;received=127.0.0.77\nv:SIP/2.0/UDP a,\n  SIP/2.0/UDP b",
        ),
        (
            "Via:   SIP/2.0/UDP h;rport  ;x ",
            ip,
            Some(5979),
            "Via:   SIP/2.0/UDP h;rport=5979;x ;received=127.0.0.77",
        ),
        (
            "Via:   SIP/2.0/UDP h  \n ;rport ",
            ip,
            Some(5979),
            "Via:   SIP/2.0/UDP h  \n ;rport=5979;received=127.0.0.77",
        ),
        (
            "Via: SIP/2.0/UDP h; branch=1; received = 1.1.1.1 ; rport = 4",
            ip,
            Some(5979),
            "Via: SIP/2.0/UDP h; branch=1; received = 1.1.1.1 ;rport=5979;received=127.0.0.77",
        ),
    ] {
        assert_eq!(via(request, received, rport), wanted, "{request}");
    }
}

/// Kamailio puts `received` behind the last element here; see [`copy_via`].
#[test]
fn received_stays_with_the_first_element() {
    assert_eq!(
        via(
            "Via: SIP/2.0/UDP h;rport;branch=z,SIP/2.0/UDP b;branch=2 , SIP/2.0/TCP c",
            Some("1.1.1.1"),
            Some(9)
        ),
        "Via: SIP/2.0/UDP h;rport=9;branch=z;received=1.1.1.1,SIP/2.0/UDP b;branch=2 , SIP/2.0/TCP c"
    );
}

#[test]
fn bare_line_feeds() {
    let text = "OPTIONS sip:s SIP/2.0\nVia: SIP/2.0/UDP h;rport;branch=z \nVia: SIP/2.0/UDP b\nTo: <sip:c@d>\nFrom: x\n\n";
    let request =
        Message::parse(Bytes::from_static(text.as_bytes()), &Tolerance::KAMAILIO).unwrap();
    let parts = ReplyParts {
        to_tag: Some(b"T"),
        received: Some(b"1.1.1.1"),
        rport: Some(5979),
        ..Default::default()
    };
    assert_eq!(
        String::from_utf8(build(&request, 200, b"OK", &parts)).unwrap(),
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;rport=5979;branch=z ;received=1.1.1.1\r\nVia: SIP/2.0/UDP b\r\nTo: <sip:c@d>;tag=T\nFrom: x\nContent-Length: 0\r\n\r\n"
    );
}
