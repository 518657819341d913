//! The messages that operations work on: as softphones send them.

/// An INVITE with a session description.
pub const INVITE: &[u8] = b"INVITE sip:bob@biloxi.example.com;transport=udp SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bKnashds8;rport\r\n\
Max-Forwards: 70\r\n\
Route: <sip:192.0.2.1;lr>\r\n\
To: \"Bob\" <sip:bob@biloxi.example.com>\r\n\
From: \"Alice\" <sip:alice@atlanta.example.com>;tag=1928301774\r\n\
Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n\
CSeq: 314159 INVITE\r\n\
Contact: <sip:alice@192.0.2.101:5060;transport=udp>\r\n\
User-Agent: Softphone 2.1.4\r\n\
Content-Type: application/sdp\r\n\
Content-Length: 191\r\n\
\r\n\
v=0\r\n\
o=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\n\
s=Session SDP\r\n\
c=IN IP4 192.0.2.101\r\n\
t=0 0\r\n\
m=audio 49172 RTP/AVP 0 8\r\n\
a=rtpmap:0 PCMU/8000\r\n\
a=rtpmap:8 PCMA/8000\r\n\
a=sendrecv\r\n";

/// A REGISTER.
pub const REGISTER: &[u8] = b"REGISTER sip:atlanta.example.com SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bKnashds7;rport\r\n\
Max-Forwards: 70\r\n\
To: <sip:alice@atlanta.example.com>\r\n\
From: <sip:alice@atlanta.example.com>;tag=456248\r\n\
Call-ID: 843817637684230@998sdasdh09\r\n\
CSeq: 1826 REGISTER\r\n\
Contact: <sip:alice@192.0.2.101:5060>\r\n\
Expires: 7200\r\n\
User-Agent: Softphone 2.1.4\r\n\
Content-Length: 0\r\n\
\r\n";

/// The 200 to the INVITE, as a proxy receives it.
pub const OK: &[u8] = b"SIP/2.0 200 OK\r\n\
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK4d1.9a1c0.0\r\n\
Via: SIP/2.0/UDP 192.0.2.101:5060;received=192.0.2.101;branch=z9hG4bKnashds8;rport=5060\r\n\
Record-Route: <sip:192.0.2.1;lr>\r\n\
To: \"Bob\" <sip:bob@biloxi.example.com>;tag=314159\r\n\
From: \"Alice\" <sip:alice@atlanta.example.com>;tag=1928301774\r\n\
Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n\
CSeq: 314159 INVITE\r\n\
Contact: <sip:bob@192.0.2.4>\r\n\
Content-Length: 0\r\n\
\r\n";
