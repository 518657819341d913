//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::check_cases;

const REQUEST: &str = r#"INVITE sip:bob@127.0.43.9:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx
From: <sip:alice@a.example>;tag=aaa
To: <sip:bob@b.example>
Call-ID: cid
CSeq: 1 INVITE
Max-Forwards: 70
X-T: 0
Subject: hello world
X-A: one
X-A: two, three
X-P: a;p=1;q="x", b;q=2 ; p=3
X-D: Digest r="v",t=w
Contact: <sip:c@127.0.43.8>
Content-Length: 0

"#;

#[test]
fn values_of_headers() {
    check_cases("", REQUEST, include_str!("cases/values.txt"));
}
