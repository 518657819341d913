//! Messages after RFC 4475 ("SIP Torture Test Messages"): what must be understood, what must
//! be refused, and what is refused only by who needs the broken part. What the server makes of
//! them is compared with Kamailio in `tests/scenarios/torture`.

use bytes::Bytes;
use sip::uri::UriRef;
use sip::{HeaderKind, Message, Method, ParseError, Tolerance};

fn try_parse(text: &str) -> Result<Message, ParseError> {
    let text = text.replace('\n', "\r\n");
    Message::parse(Bytes::from(text), &Tolerance::KAMAILIO)
}

fn parse(text: &str) -> Message {
    try_parse(text).unwrap()
}

/// §3.1.1.1: folding, odd white space, compact and unknown headers, empty values.
#[test]
fn a_short_tortuous_invite() {
    let m = parse(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 150
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
",
    );
    assert_eq!(m.to_tag(), Some(&b"1918181833n"[..]));
    assert_eq!(m.from_tag(), Some(&b"98asjd8"[..]));
    assert_eq!(m.max_forwards(), Some(Ok(68)));
    assert_eq!(m.content_length(), Some(Ok(150)));
    let cseq = m.cseq().unwrap().unwrap();
    assert_eq!((cseq.number, cseq.method), (9, Method::Invite));
    let branches: Vec<_> = m
        .vias()
        .map(|v| m.text(v.unwrap().branch.unwrap()).to_vec())
        .collect();
    assert_eq!(
        branches,
        [&b"390skdjuw"[..], b"z9hG4bK9ikj8", b"z9hG4bK30239"]
    );
    assert_eq!(m.value(HeaderKind::Subject), Some(&b""[..]));
    assert_eq!(m.routes().unwrap().unwrap().len(), 1);
    let contacts = m.contacts().unwrap().unwrap();
    assert_eq!(contacts.list()[0].q, Some(330));
    assert!(m.suspect_header().is_none());
}

/// §3.1.1.2: every token character in the method, escapes in URI and display name.
#[test]
fn wide_range_of_valid_characters() {
    let m = parse(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
To: \"BEL:\\\u{7} NUL:\\\u{0} DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u{440}\u{430}\";tag=_token~1'+`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~
Max-Forwards: 255
extensionHeader-!.%*+_`'~:\u{fffd}
Content-Length: 0

",
    );
    assert_eq!(m.method(), Method::Other);
    assert_eq!(m.from_tag(), Some(&b"_token~1'+`*%!-."[..]));
    let uri = UriRef::parse(m.request_uri()).unwrap();
    assert_eq!(uri.host(), b"example.com");
    assert!(m.to().unwrap().is_ok());
    assert_eq!(
        m.call_id(),
        Some(&b"intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"[..])
    );
    assert!(m.suspect_header().is_none());
}

/// §3.1.1.3: escapes are kept as written.
#[test]
fn percent_escapes() {
    let m = parse(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>

",
    );
    let uri = UriRef::parse(m.request_uri()).unwrap();
    assert_eq!(
        (uri.user(), uri.host()),
        (&b"sips%3Auser%40example.com"[..], &b"example.net"[..])
    );
    let contact = &m.contacts().unwrap().unwrap().list()[0];
    let uri = UriRef::parse(m.text(contact.addr.uri)).unwrap();
    assert!(!uri.is_loose_router(), "an escaped lr is another parameter");
}

/// §3.1.2.13, §3.3.12: header parameters are not URI parameters without angle brackets.
#[test]
fn contact_without_brackets() {
    let m = parse(
        "REGISTER sip:example.com SIP/2.0\nContact: sip:user@host.example.com;unknownparam=1\n\n",
    );
    let contact = &m.contacts().unwrap().unwrap().list()[0].addr;
    assert_eq!(m.text(contact.uri), b"sip:user@host.example.com");
    assert_eq!(contact.params.len(), 1);
}

/// §3.1.1.7: very long values.
#[test]
fn long_values() {
    let long = "x".repeat(3000);
    let vias: String = (0..60)
        .map(|n| format!("v: SIP/2.0/UDP host{n};branch={long}\n"))
        .collect();
    let m = parse(&format!(
        "INVITE sip:u{long}@h SIP/2.0\n{vias}F: \"{long}\" <sip:{long}@h>;tag={long}\n\n"
    ));
    assert_eq!(m.vias().flatten().count(), 60);
    assert_eq!(m.from_tag().map(<[u8]>::len), Some(3000));
}

/// §3.1.1.8: more bytes behind a message.
#[test]
fn bytes_behind_the_body() {
    let m = parse("REGISTER sip:example.com SIP/2.0\nl: 0\n\nINVITE sip:joe@example.com SIP/2.0\n");
    assert_eq!(m.content_length(), Some(Ok(0)));
    assert!(m.body().starts_with(b"INVITE"));
}

/// §3.1.1.11: multipart body with a null byte.
#[test]
fn null_bytes_in_the_body() {
    let m = parse(
        "MESSAGE sip:k@example.com SIP/2.0\nContent-Type: multipart/mixed;boundary=7a9\n\n--7a9\n\n\0\u{1}\n--7a9--",
    );
    assert!(m.body().contains(&0));
    assert_eq!(
        m.content_type()
            .unwrap()
            .unwrap()
            .params
            .value(m.raw(), b"boundary"),
        Some(&b"7a9"[..])
    );
}

/// §3.1.2.1 to §3.1.2.6: broken structure, numbers that are too large.
#[test]
fn broken_parts_are_refused_by_who_needs_them() {
    let m = parse(
        "INVITE sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
To: \"unclosed <sip:j@example.com>
From: sip:caller@example.net;;;;tag=1
Contact: \"Joe\" <sip:joe@example.org>;;;;
Content-Length: 9999999999999
CSeq: 36893488147419103232 REGISTER
Max-Forwards: 300
Route: <sip:u

",
    );
    assert!(m.via1().unwrap().is_err());
    assert!(m.to().unwrap().is_err());
    assert!(m.from().unwrap().is_err());
    assert!(m.contacts().unwrap().is_err());
    assert!(m.content_length().unwrap().is_err());
    assert_eq!(m.cseq().unwrap().unwrap().number, u32::MAX);
    assert_eq!(m.max_forwards(), Some(Ok(300)));
    assert!(m.routes().unwrap().is_err());
}

/// §3.1.2.7 to §3.1.2.10, §3.1.2.16, §3.1.2.19: the first line.
#[test]
fn broken_request_lines() {
    let bracketed = parse("INVITE <sip:user@example.com> SIP/2.0\n\n");
    assert!(UriRef::parse(bracketed.request_uri()).is_err());
    for line in [
        "INVITE sip:user@example.com; lr SIP/2.0",
        "INVITE  sip:user@example.com  SIP/2.0",
        "INVITE sip:user@example.com",
        "INVITE",
        "SIP/2.0 4294967301 better not break the receiver",
        "SIP/2.0 2 OK",
    ] {
        assert_eq!(
            try_parse(&format!("{line}\n\n")).unwrap_err(),
            ParseError::StartLine,
            "{line}"
        );
    }
    assert_eq!(
        try_parse("OPTIONS sip:t@example.com SIP/7.0\n\n").unwrap_err(),
        ParseError::Version
    );
    assert!(
        try_parse("OPTIONS sip:t@example.com  SIP/2.0  \n\n").is_ok(),
        "§3.1.2.10: as Kamailio"
    );
}

/// §3.1.2.11, §3.3.2, §3.3.3: URIs with headers, and with unknown schemes.
#[test]
fn odd_request_uris() {
    let m = parse("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\n\n");
    assert_eq!(
        UriRef::parse(m.request_uri()).unwrap().headers_text(),
        b"Route=%3Csip:example.com%3E"
    );
    for uri in [
        "nobodyKnowsThisScheme:totallyopaquecontent",
        "soap.beep://192.0.2.103:3002",
    ] {
        let m = parse(&format!("OPTIONS {uri} SIP/2.0\n\n"));
        assert!(UriRef::parse(m.request_uri()).is_err());
        assert_eq!(m.request_uri(), uri.as_bytes());
    }
}

/// §3.3.8: headers that may stand once stand twice; §3.3.9: Content-Length among them.
#[test]
fn repeated_headers() {
    let m = parse(
        "INVITE sip:u@example.com SIP/2.0\nCSeq: 5 INVITE\nCSeq: 8 BYE\nCall-ID: a\nCall-ID: b\n\n",
    );
    assert_eq!(m.text(m.suspect_header().unwrap().value), b"8 BYE");
    assert_eq!(m.cseq().unwrap().unwrap().number, 5);
    let m = parse("INVITE sip:u@example.com SIP/2.0\nl: 13\nContent-Length: 5\n\n");
    assert!(m.suspect_header().is_some());
}

/// §3.1.1.12, §3.1.1.13: replies with odd reason phrases.
#[test]
fn reason_phrases() {
    let m = parse("SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\n\n");
    assert_eq!(
        (m.status(), m.reason().starts_with(b"= 2**3")),
        (Some(200), true)
    );
    let m = parse("SIP/2.0 100 \n\n");
    assert_eq!((m.status(), m.reason()), (Some(100), &b""[..]));
    // Kamailio wants the space even without a reason.
    let short = Bytes::from_static(b"SIP/2.0 100\n\n");
    assert!(Message::parse(short, &Tolerance::KAMAILIO).is_err());
}

/// §3.1.1.4, §3.1.1.5: escaped null bytes, percent signs that escape nothing.
#[test]
fn odd_percent_signs() {
    let m = parse(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0
To: \"%Z%45\" <sip:null-%00-null@example.com>
From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23
CSeq: 29344 RE%47IST%45R
C%6Fntact: <sip:alias1@host1.example.com>
Contact: <sip:%00%00@host5.example.com>

",
    );
    assert_eq!(m.method(), Method::Other);
    assert_eq!(m.method_text(), b"RE%47IST%45R");
    let to = m.to().unwrap().unwrap();
    let uri = UriRef::parse(m.text(to.uri)).unwrap();
    assert_eq!(uri.user(), b"null-%00-null");
    assert_eq!(m.text(to.display), b"\"%Z%45\"");
    assert_eq!(
        m.contacts().unwrap().unwrap().list().len(),
        1,
        "an escaped name is another header"
    );
}

/// §3.1.1.6: no white space between display name and bracket.
#[test]
fn display_name_against_the_bracket() {
    let m = parse(
        "OPTIONS sip:user@example.com SIP/2.0\nFrom: caller<sip:caller@example.com>;tag=323\n\n",
    );
    let from = m.from().unwrap().unwrap();
    assert_eq!(m.text(from.display), b"caller");
    assert_eq!(m.text(from.uri), b"sip:caller@example.com");
}

/// §3.1.1.9: a semicolon in the user does not begin parameters.
#[test]
fn parameters_in_the_user() {
    let uri = UriRef::parse(b"sip:user;par=u%40example.net@example.com").unwrap();
    assert_eq!(uri.user(), b"user;par=u%40example.net");
    assert_eq!(uri.host(), b"example.com");
    assert_eq!(uri.params_text(), b"");
}

/// §3.1.1.10: Vias of known and unknown transports.
#[test]
fn every_transport() {
    let m = parse(
        "OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee

",
    );
    let transports: Vec<_> = m
        .vias()
        .map(|via| m.text(via.unwrap().transport).to_vec())
        .collect();
    assert_eq!(
        transports,
        [&b"UDP"[..], b"SCTP", b"TLS", b"UNKNOWN", b"TCP"]
    );
}

/// §3.1.2.3, §3.1.2.12: a negative length is refused by who needs it; a Date is only text.
#[test]
fn negative_length_and_odd_date() {
    let m = parse(
        "INVITE sip:user@example.com SIP/2.0\nContent-Length: -999\nDate: Fri, 01 Jan 2010 16:00:00 EST\n\n",
    );
    assert!(m.content_length().unwrap().is_err());
    assert_eq!(
        m.value(HeaderKind::Date),
        Some(&b"Fri, 01 Jan 2010 16:00:00 EST"[..])
    );
}

/// §3.1.2.14, §3.1.2.15: tolerated, as Kamailio does.
#[test]
fn sloppy_addresses() {
    let m = parse(
        "OPTIONS sip:user@example.org SIP/2.0
From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To: \"Watson, Thomas\" < sip:t.watson@example.org >

",
    );
    let from = m.from().unwrap().unwrap();
    assert_eq!(m.text(from.uri), b"sip:a.g.bell@example.com");
    let to = m.to().unwrap().unwrap();
    assert_eq!(m.text(to.uri).trim_ascii(), b"sip:t.watson@example.org");
}

/// §3.1.2.17, §3.1.2.18, §3.2.1: left to who relates requests to transactions.
#[test]
fn methods_and_branches_are_not_compared() {
    let m = parse(
        "NEWMETHOD sip:user@example.com SIP/2.0\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\n\n",
    );
    assert_eq!(m.method(), Method::Other);
    assert_eq!(m.cseq().unwrap().unwrap().method, Method::Invite);
    let via = m.via1().unwrap().unwrap();
    assert_eq!(m.text(via.branch.unwrap()), b"z9hG4bK");
}

/// §3.3.1, §3.4.1: headers that are missing are missed by who needs them.
#[test]
fn missing_headers() {
    let m = parse(
        "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP 192.0.2.95\nl: 0\n\n",
    );
    assert!(m.to().is_none() && m.from().is_none() && m.call_id().is_none());
    assert_eq!(m.via1().unwrap().unwrap().branch, None);
    assert_eq!(m.max_forwards(), None);
}

/// §3.1.2.5: numbers that are too large in a reply do not stop it.
#[test]
fn large_numbers_in_a_reply() {
    let m = parse(
        "SIP/2.0 503 Service Unavailable
CSeq: 9292394834772304023312 OPTIONS
Retry-After: 949302838503028349304023988
Warning: 1812 overture \"In Progress\"

",
    );
    assert_eq!(m.status(), Some(503));
    assert_eq!(m.cseq().unwrap().unwrap().method, Method::Options);
}
