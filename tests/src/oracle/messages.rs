//! The messages on which expressions are evaluated.

use std::net::SocketAddr;

/// How a message is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Over UDP.
    Udp,
    /// Over a TCP connection of its own.
    Tcp,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name in reports.
    pub name: &'static str,
    /// How it is sent.
    pub way: Way,
    /// Its text; lines end with LF, `{server}`, `{agent}` and their `.ip` are filled in.
    text: &'static str,
    /// Its body, whose length replaces `{length}`.
    body: &'static str,
}

impl Message {
    /// The bytes on the wire.
    #[must_use]
    pub fn bytes(&self, server: SocketAddr, agent: SocketAddr) -> Vec<u8> {
        let body = self.body.replace('\n', "\r\n");
        let head = self
            .text
            .replace('\n', "\r\n")
            .replace("{server}", &server.to_string())
            .replace("{server.ip}", &server.ip().to_string())
            .replace("{agent}", &agent.to_string())
            .replace("{agent.ip}", &agent.ip().to_string())
            .replace("{length}", &body.len().to_string());
        format!("{head}\r\n{body}").into_bytes()
    }

    /// The bytes with one more header, the first.
    #[must_use]
    pub fn with_header(&self, header: &str, server: SocketAddr, agent: SocketAddr) -> Vec<u8> {
        let mut bytes = self.bytes(server, agent);
        let end = bytes.windows(2).position(|pair| pair == b"\r\n");
        let end = end.unwrap_or(bytes.len());
        bytes.splice(end..end, format!("\r\n{header}").into_bytes());
        bytes
    }
}

const fn udp(name: &'static str, text: &'static str, body: &'static str) -> Message {
    Message {
        name,
        way: Way::Udp,
        text,
        body,
    }
}

/// All messages; the first two are for what does not depend on the message.
pub static MESSAGES: &[Message] = &[
    udp("plain", PLAIN, ""),
    udp("invite", INVITE, SDP),
    udp("compact", COMPACT, "hello\nworld\n"),
    udp("multipart", MULTIPART, PARTS),
    udp("streams", STREAMS, SESSION),
    udp("ipv6", IPV6, ""),
    udp("folded", FOLDED, "x"),
    udp("tel", TEL, ""),
    udp("escapes", ESCAPES, ""),
    udp("broken", BROKEN, "not a body\0x"),
    udp("bare", BARE, ""),
    udp("routed", ROUTED, ""),
    udp("register", REGISTER, ""),
    udp("vias", VIAS, ""),
    udp("digest", DIGEST, ""),
    udp("proxy_digest", PROXY_DIGEST, ""),
    udp("identities", IDENTITIES, ""),
    udp("ack", ACK, ""),
    udp("cancel", CANCEL, ""),
    udp("refer", REFER, ""),
    udp("ringing", RINGING, ""),
    udp("ok", OK, SDP),
    udp("refusal", REFUSAL, ""),
    Message {
        name: "tcp",
        way: Way::Tcp,
        text: TCP,
        body: "over tcp",
    },
];

/// Messages for assignments; they go where they came from when they are forwarded.
pub static CHANGED: &[Message] = &[udp("whole", WHOLE, SDP), udp("sparse", SPARSE, "")];

const WHOLE: &str = "\
INVITE sip:bob:pw@{agent};transport=udp;x=y SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKwhole
Max-Forwards: 70
From: \"Alice A\" <sip:alice@example.org;p=1>;tag=w1
To: Bob <sip:bob@example.com:5070>
Call-ID: whole
CSeq: 1 INVITE
Contact: <sip:alice@{agent}>
Content-Type: application/sdp
Content-Length: {length}
";

const SPARSE: &str = "\
OPTIONS sip:{agent} SIP/2.0
v: SIP/2.0/UDP {agent};branch=z9hG4bKsparse
f: sip:example.org;tag=s1
t:  <sip:example.com> ; x=y
i: sparse
CSeq: 2 OPTIONS
l: {length}
";

const PLAIN: &str = "\
OPTIONS sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKplain;rport
Max-Forwards: 70
From: \"Alice\" <sip:alice@example.org>;tag=from1
To: <sip:bob@example.com>
Call-ID: plain@example.org
CSeq: 1 OPTIONS
Contact: <sip:alice@{agent};transport=udp>
User-Agent: phone/1.0
X-List: one, two
X-List: three
X-Params: a=1;b=\"two\";c
X-Empty:
Content-Length: {length}
";

const INVITE: &str = "\
INVITE sip:Bob:pw@{server};transport=udp;lr;x=y?Subject=hi SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKinvite
Max-Forwards: 69
From: <sip:alice:secret@example.org:5070;user=phone>;tag=f2;x=y
To: \"Bob \\\"B\\\" Builder\" <sip:bob@example.com;p=1>;tag=t2
Call-ID: invite
CSeq: 4294967 INVITE
Contact: \"A\" <sip:alice@{agent}>;q=0.7;expires=60;+sip.instance=\"<urn:uuid:1>\"
Allow: INVITE, ACK,BYE
Supported: timer,100rel
Session-Expires: 1800;refresher=uac
Min-SE: 90
Expires: 120
Subject: a subject
Priority: urgent
Organization: org
Content-Type: application/sdp
Content-Length: {length}
";

const SDP: &str = "\
v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 40000 RTP/AVP 0 8
a=rtpmap:0 PCMU/8000
";

const COMPACT: &str = "\
MESSAGE sip:bob@{server} SIP/2.0
v: SIP/2.0/UDP {agent};branch=z9hG4bKcompact
f: Alice <sip:alice@example.org>;tag=f3
t: sip:bob@example.com
i: compact
CSeq: 3 MESSAGE
m: sip:alice@{agent};ob
k: timer
s: compact subject
c: text/plain;charset=utf-8
e: gzip
u: presence
o: dialog
r: <sip:carol@example.net>
l: {length}
";

const MULTIPART: &str = "\
INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKmulti
Max-Forwards: 70
From: <sip:alice@example.org>;tag=f4
To: <sip:bob@example.com>
Call-ID: multi
CSeq: 1 INVITE
Contact: <sip:alice@{agent}>
MIME-Version: 1.0
Content-Type: multipart/mixed;boundary=\"frontier\"
Content-Length: {length}
";

const PARTS: &str = "\
--frontier
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 40000 RTP/AVP 0

--frontier
Content-Type: application/x-other
Content-ID: <two>

second part
--frontier--
";

const STREAMS: &str = "\
INVITE sip:+49123;cpc=1@example.com:5099;user=phone;maddr=192.0.2.9;ttl=5 SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKstreams;received=192.0.2.3;rport=1
Max-Forwards: 0
From: \"a;b,c\" <sips:al%69ce@example.org:5071;transport=tls>;tag=f5
To: <sip:+49123@example.com;user=phone>
Call-ID: streams-1@[2001:db8::1]
CSeq: 0 INVITE
Contact: <sip:alice@{agent};transport=tcp>, \"two\" <sip:two@192.0.2.8>;expires=5;q=1
Contact: sip:three@192.0.2.7;q=0.1
Content-Type: Application/SDP
Content-Disposition: session
Content-Length: {length}
";

const SESSION: &str = "\
v=0
o=user 123 456 IN IP4 192.0.2.1
s=two streams
i=info
c=IN IP4 192.0.2.1
b=AS:128
t=0 0
a=sendrecv
m=audio 40000 RTP/AVP 0 8 101
c=IN IP4 192.0.2.2
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
m=video 40002/2 RTP/SAVP 96
c=IN IP6 2001:db8::2
a=rtpmap:96 H264/90000
a=inactive
m=image 0 udptl t38
";

const IPV6: &str = "\
OPTIONS sip:bob@[2001:db8::9]:5080;transport=tcp SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKsix
Via: SIP/2.0/TCP [2001:db8::10]:5062;branch=z9hG4bKsix2;received=2001:db8::11
Max-Forwards: 70
From: <sip:alice@[2001:DB8::1]>;tag=f6
To: <sip:[2001:db8::9]>
Call-ID: six@[2001:db8::1]
CSeq: 6 OPTIONS
Contact: <sip:alice@[2001:db8::1]:5070>
Record-Route: <sip:[2001:db8::3];lr>
Content-Length: {length}
";

const FOLDED: &str = "\
MESSAGE sip:bob@{server} SIP/2.0
Via: SIP/2.0/UDP
 {agent}
 ;branch=z9hG4bKfolded
Max-Forwards:  70
From: \"Alice Liddell\"
\t<sip:alice@example.org>
 ;tag=f7
To:
 <sip:bob@example.com>
Call-ID: folded
CSeq: 7 MESSAGE
Subject: first
 second
\tthird
Diversion: \"folded
 name\" <sip:d@example.org>;reason=unknown
X-Fold:
 value
X-List : one ,
 two
Contact:
 <sip:alice@{agent}>
 , <sip:other@{agent}>
Content-Type: text/plain
Content-Length: {length}
";

const TEL: &str = "\
OPTIONS tel:+1-201-555-0123;phone-context=example.com;isub=9 SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKtel
Max-Forwards: 70
From: <tel:+49301234;phone-context=+49>;tag=f8
To: <tel:7042;phone-context=example.com>
Call-ID: tel
CSeq: 8 OPTIONS
Contact: <tel:+12>
P-Asserted-Identity: <tel:+14085264000>
Content-Length: {length}
";

const ESCAPES: &str = "\
OPTIONS sip:%62ob%40home;a%3Db=1:p%20w@ex%61mple.com;par%61m=%31;q=%22 SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bK%65sc
Max-Forwards: 70
From: \"\\\"q\\\" \\\\ ,;<>\" <sip:a%zz%4@example.org>;tag=f%39
To: \"\" <sip:%00@example.com>
Call-ID: esc%20@x!y~z*w'
CSeq: 9 OPTIONS
Contact: <sip:a%2Fb@{agent};x=\"q;q\">;y=\"a,b\"
X-List: \"a,b\", c
X-Params: a=\"1;2\";b=%31; c ;d=
Content-Length: {length}
";

const BROKEN: &str = "\
INVITE sip:bob@ SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKbroken
Max-Forwards: many
From: \"unclosed <sip:alice@example.org>;tag=f10
To: bob
Call-ID: broken
CSeq: 10 INVITE
Contact: <sip:alice@, ;;;
Expires: soon
Content-Type: /
Route: <sip:
Record-Route: sip:x
P-Asserted-Identity: <<>>
Diversion:
Date: yesterday
Content-Length: 4
";

const BARE: &str = "\
OPTIONS sip:example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKbare
From: sip:example.org
To: sip:example.com
Call-ID: bare
CSeq: 11 OPTIONS
";

const ROUTED: &str = "\
INVITE sip:bob@192.0.2.20:5090 SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKrouted
Max-Forwards: 68
Route: <sip:{server};lr;ftag=f12;x=1>, \"next\" <sip:192.0.2.21;lr;transport=tcp>
Route: <sip:user@192.0.2.22:5066>
Record-Route: <sip:192.0.2.30;lr;ftag=a>
Record-Route: <sip:192.0.2.31;r2=on;lr>,<sip:192.0.2.32:5063;transport=tcp;r2=on;lr>
From: <sip:alice@example.org>;tag=f12
To: <sip:bob@example.com>;tag=t12
Call-ID: routed
CSeq: 12 INVITE
Contact: <sip:alice@{agent}>
Content-Length: {length}
";

const REGISTER: &str = "\
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKreg
Max-Forwards: 70
From: <sip:alice@example.com>;tag=f13
To: <sip:alice@example.com>
Call-ID: reg
CSeq: 13 REGISTER
Contact: <sip:alice@{agent}>;expires=300;q=0.5;methods=\"INVITE, BYE\";+sip.instance=\"<urn:uuid:0000>\";reg-id=1
Contact: \"b\" <sip:b@192.0.2.5;line=x>;expires=60
Expires: 200
Path: <sip:192.0.2.40;lr>
Require: path
Content-Length: {length}
";

const VIAS: &str = "\
BYE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKv1;rport;alias, SIP/2.0/TLS proxy.example.net:5061;branch=z9hG4bKv2;i=7
Via: SIP/2.0/TCP 192.0.2.50;branch=z9hG4bKv3;received=192.0.2.51;rport=4000
Via: SIP / 2.0 / UDP last.example.org:5099 ;branch=z9hG4bKv4;ttl=3;maddr=224.0.1.75
Max-Forwards: 10
From: <sip:alice@example.org>;tag=f14
To: <sip:bob@example.com>;tag=t14
Call-ID: vias
CSeq: 14 BYE
Reason: Q.850;cause=16;text=\"Terminated\"
Content-Length: {length}
";

const DIGEST: &str = "\
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKdig
Max-Forwards: 70
From: <sip:alice@example.com>;tag=f15
To: <sip:alice@example.com>
Call-ID: digest
CSeq: 15 REGISTER
Authorization: Digest username=\"alice@home.net\", realm=\"example.com\", nonce=\"abc123\", uri=\"sip:alice@example.com;x=1\", response=\"0123456789abcdef0123456789abcdef\", algorithm=MD5, cnonce=\"c\", opaque=\"o\", qop=auth, nc=00000001
Contact: *
Expires: 0
Content-Length: {length}
";

const PROXY_DIGEST: &str = "\
INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKpdig
Max-Forwards: 70
From: <sip:alice@example.com>;tag=f16
To: <sip:bob@example.com>
Call-ID: pdigest
CSeq: 16 INVITE
Proxy-Authorization: Digest username=\"alice\",realm=\"other.net\",nonce=\"n1\",uri=\"sip:other.net\",response=\"r1\"
Proxy-Authorization: Digest username=\"bob\",realm=\"example.com\",nonce=\"n2\",uri=\"sip:bob@example.com:5066\",response=\"00000000000000000000000000000000\",algorithm=\"SHA-256\"
Contact: <sip:alice@{agent}>
Content-Length: {length}
";

const IDENTITIES: &str = "\
INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKids
Max-Forwards: 70
From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f17
To: <sip:bob@example.com>
Call-ID: ids
CSeq: 17 INVITE
P-Asserted-Identity: \"A\" <sip:a@example.org>, <tel:+123>
P-Preferred-Identity: \"P P\" <sip:p:w@example.org:5066>, <sip:q@example.net>
Remote-Party-ID: \"R\" <sip:r@example.org;x=1>;party=calling;screen=yes;privacy=off
Diversion: <sip:d1@example.org>;reason=user-busy;privacy=full;counter=1
Diversion: \"D\" <sip:d2@example.org>;reason=\"no answer\"
Privacy: id
User-Agent: 
Contact: <sip:alice@{agent}>
Content-Length: {length}
";

const ACK: &str = "\
ACK sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKack
From: <sip:alice@example.org>;tag=f18
To: <sip:bob@example.com>;tag=t18
Call-ID: ack
CSeq: 18 ACK
Content-Length: {length}
";

const CANCEL: &str = "\
CANCEL sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKcancel
From: <sip:alice@example.org>;tag=f19
To: <sip:bob@example.com>
Call-ID: cancel
CSeq: 19 CANCEL
Reason: SIP;cause=200;text=\"Call completed elsewhere\"
Content-Length: {length}
";

const REFER: &str = "\
REFER sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKrefer
Max-Forwards: 70
From: <sip:alice@example.org>;tag=f20
To: <sip:bob@example.com>;tag=t20
Call-ID: refer
CSeq: 20 REFER
Contact: <sip:alice@{agent}>
Refer-To: \"C\" <sip:carol@example.net?Replaces=12%40x%3Bto-tag%3D1>;method=INVITE
Referred-By: <sip:alice@example.org>
Event: refer;id=2
SIP-If-Match: etag1
Date: Sat, 13 Nov 2010 23:29:00 GMT
Accept: application/sdp, text/*
Accept-Language: de;q=0.5, en
Content-Length: {length}
";

const RINGING: &str = "\
SIP/2.0 180 Ringing
Via: SIP/2.0/UDP {server};branch=z9hG4bKsrv1.0
Via: SIP/2.0/UDP {agent};branch=z9hG4bKring;rport=5070;received={agent.ip}
From: <sip:alice@example.org>;tag=f21
To: <sip:bob@example.com>;tag=t21
Call-ID: ringing
CSeq: 21 INVITE
Contact: <sip:bob@192.0.2.60>
RSeq: 1
Content-Length: {length}
";

const OK: &str = "\
SIP/2.0 200 All is well, 100%
Via: SIP/2.0/UDP {server};branch=z9hG4bKsrv2.0
Via: SIP/2.0/TCP 192.0.2.61:5061;branch=z9hG4bKok
Record-Route: <sip:192.0.2.30;lr>,<sip:192.0.2.31;lr>
From: <sip:alice@example.org>;tag=f22
To: \"Bob\" <sip:bob@example.com>;tag=t22
Call-ID: ok
CSeq: 22 INVITE
Contact: <sip:bob@192.0.2.60>;expires=3600
Server: other/2.0
Content-Type: application/sdp
Content-Length: {length}
";

const REFUSAL: &str = "\
SIP/2.0 407 
Via: SIP/2.0/UDP {server};branch=z9hG4bKsrv3.0
From: <sip:alice@example.org>;tag=f23
To: <sip:bob@example.com>;tag=t23
Call-ID: refusal
CSeq: 23 REGISTER
Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"
WWW-Authenticate: Digest realm=\"w\", nonce=\"m\"
Retry-After: 30
Warning: 399 x \"y\"
Content-Length: {length}
";

const TCP: &str = "\
MESSAGE sip:bob@{server};transport=tcp SIP/2.0
Via: SIP/2.0/TCP {agent};branch=z9hG4bKtcp;alias
Max-Forwards: 70
From: <sip:alice@example.org>;tag=f24
To: <sip:bob@example.com>
Call-ID: tcp
CSeq: 24 MESSAGE
Contact: <sip:alice@{agent};transport=tcp>
Content-Type: text/plain
Content-Length: {length}
";
