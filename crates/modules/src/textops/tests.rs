//! Every expected value is what Kamailio 5.6.3 was seen to do, but that a body which becomes
//! multipart ends with its closing delimiter.

use crate::testing::{REQUEST, check_cases, run};

#[test]
fn headers() {
    check_cases("", REQUEST, include_str!("cases/headers.txt"));
}

#[test]
fn strings() {
    check_cases("", REQUEST, include_str!("cases/strings.txt"));
}

#[test]
fn search_and_replace() {
    check_cases("", REQUEST, include_str!("cases/search.txt"));
}

#[test]
fn substitution() {
    check_cases("", REQUEST, include_str!("cases/subst.txt"));
}

#[test]
fn dates_in_requests() {
    let ran = run("", "append_time_to_request()", REQUEST);
    let sent = ran.sent.unwrap();
    let lines: Vec<&str> = sent.split("\r\n").collect();
    assert!(lines[2].starts_with("Date: ") && lines[2].ends_with(" GMT"));
}

#[test]
fn bodies() {
    check_cases("", REQUEST, include_str!("cases/body.txt"));
}

/// A request with three parts.
const PARTS: &str = r#"INVITE sip:bob@127.0.43.9:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx
From: <sip:alice@a.example>;tag=aaa
To: <sip:bob@b.example>
Call-ID: cid
CSeq: 1 INVITE
Max-Forwards: 70
X-T: 0
Content-Type: multipart/mixed;boundary=bb
Content-Length: 199

--bb
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 1.1.1.1
s=x

--bb
Content-Type: text/plain
Content-Disposition: render

hello
--bb
Content-Type: application/isup

ISUP
--bb--
"#;

#[test]
fn parts() {
    check_cases("", PARTS, include_str!("cases/multipart.txt"));
    check_cases("", REQUEST, include_str!("cases/to_multipart.txt"));
}
