//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::check_cases;

/// A request with three streams.
const OFFER: &str = "INVITE sip:bob@127.0.43.9:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx
From: <sip:alice@a.example>;tag=aaa
To: <sip:bob@b.example>
Call-ID: cid
CSeq: 1 INVITE
Max-Forwards: 70
Content-Type: application/sdp

v=0
o=- 11 22 IN IP4 1.1.1.1
s=x
c=IN IP4 1.1.1.1
t=0 0
m=audio 1000 RTP/AVP 0 8 18 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
m=video 2000/2 RTP/SAVPF 31 96
a=rtpmap:96 VP8/90000
a=inactive
m=audio 0 RTP/SAVP 8 96
a=rtpmap:96 opus/48000/2
";

#[test]
fn codecs_lines_and_streams() {
    check_cases("", OFFER, include_str!("cases/offer.txt"));
}
