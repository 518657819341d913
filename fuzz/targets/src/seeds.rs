//! Real inputs that mutations start from.

pub(crate) const MESSAGES: &[&[u8]] = &[
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\nVia: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\nMax-Forwards: 70\r\nRoute: <sip:ss1.atlanta.example.com;lr>\r\nFrom: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\nTo: Bob <sip:bob@biloxi.example.com>\r\nCall-ID: 3848276298220188511@atlanta.example.com\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\nContent-Type: application/sdp\r\nContent-Length: 88\r\n\r\nv=0\r\no=a 1 1 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
    b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.1;rport=5, SIP/2.0/UDP [::1]:9\r\nRecord-Route: <sip:a;lr>, <sip:b;lr>\r\nf: <sip:a@b>;tag=1\r\nt: \"x \\\" y\" <sip:c@d>;tag=2\r\ni: 1\r\nCSeq: 2 INVITE\r\nm: <sip:x@y>;q=0.5;expires=60, sip:z@y\r\nl: 0\r\n\r\n",
    b"REGISTER sip:registrar SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a@b;tag=1\r\nTo: sip:a@b\r\nCall-ID: x\r\nCSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\nAuthorization: Digest username=\"bob\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", response=\"0\", qop=auth, nc=00000001, cnonce=\"c\"\r\n\r\n",
    b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nSubject: folded\r\n  line\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n",
    b"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;rport;branch=z9hG4bK7\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=9f\r\nTo: <sip:bob@example.com>\r\nCall-ID: a@b\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@10.0.0.2:5060>\r\nP-Asserted-Identity: \"A\" <sip:alice@example.com>\r\nPrivacy: id;critical\r\nUser-Agent: x/1\r\nContent-Type: application/sdp\r\nContent-Length: 88\r\n\r\nv=0\r\no=a 1 1 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
    b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK8\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: r\r\nCSeq: 7 REGISTER\r\nContact: <sip:bob@10.0.0.2:5060>;expires=600;q=0.5;+sip.instance=\"<urn:uuid:1>\";reg-id=1, <sip:bob@10.0.0.9;transport=tcp>\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n",
    b"BYE sip:alice@10.0.0.2:5060;alias=10.0.0.2~5060~1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK9\r\nMax-Forwards: 70\r\nRoute: <sip:10.0.0.1;lr;ftag=9f;x=y>,<sip:10.0.0.2;r2=on>\r\nFrom: <sip:bob@example.com>;tag=2\r\nTo: <sip:alice@example.com>;tag=9f\r\nCall-ID: a@b\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n",
    b"SIP/2.0 183 Progress\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1.1.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK7\r\nFrom: <sip:alice@example.com>;tag=9f\r\nTo: <sip:bob@example.com>;tag=3\r\nCall-ID: a@b\r\nCSeq: 1 INVITE\r\nRequire: 100rel\r\nRSeq: 1\r\nContact: <sip:bob@10.0.0.2>\r\nContent-Length: 0\r\n\r\n",
    b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKa\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: q\r\nCSeq: 1 REGISTER\r\nContact: <sip:alice@10.0.0.2:5060>\r\nAuthorization: Basic QQ==\r\nAuthorization: Digest username=\"alice\", realm=\"r.x\", nonce=\"/////wAAAAAgdaFY+63QY1xnNntizPxm\", uri=\"sip:example.com\", response=\"dbf8e213408513b65fbb44a5ea7e62d8\", algorithm=MD5, cnonce=\"c\", qop=auth-int, nc=00000001\r\nProxy-Authorization: Digest username=\"alice\", realm=\"r.x\", nonce=\"/////wAAAAAgdaFY+63QY1xnNntizPxm\", uri=\"sip:example.com\", response=\"ff2cd768d2b354df21ef9e508a315981\"\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
];

pub(crate) const URIS: &[&[u8]] = &[
    b"sip:alice:secret@[2001:db8::1]:5070;transport=tcp;lr?Subject=x&y=z",
    b"tel:+1-201-555-0123;phone-context=example.com",
    b"urn:service:sos",
    b"sips:a%20b@h",
];

pub(crate) const CONFIGS: &[&[u8]] = &[
    b"#!KAMAILIO\n#!define A 1\n#!ifdef A\ndebug=A\n#!else\n#!endif\nlisten=udp:127.0.0.1:5060 advertise a:1\nloadmodule \"tm.so\"\nmodparam(\"tm\", \"fr_timer\", 3)\ng.n = \"v\" desc \"d\"\nrequest_route {\n if (!t_relay() && uri == myself || $rU =~ \"^[0-9]+$\") { route(X); } else exit;\n switch ($var(x)) { case 1: break; case \"a\": default: return -1; }\n while ($var(i) < 3) { $var(i) = $var(i) + 1; }\n $ru = \"sip:\" + $(rU{s.substr,0,2}) + \"@x\";\n}\nroute[X] { drop; }\n",
    b"failure_route[1] { append_branch(); }\nonreply_route[A] { xlog(\"$T_reply_code\\n\"); }\nevent_route[tm:local-request] { return; }\n#!subst \"/a/b/g\"\n",
    b"#!substdef \"!NAME!text!g\"\n#!trydefenvs A=HOME\nimport_file \"x\"\nflags FLT_A:3, FLT_B\nalias=a.example.org\na[1].b = 2\nloadmodule \"pv.so\"\nloadmodule \"textops.so\"\nrequest_route {\n setflag(FLT_B); $avp(x) = (int)$(ru{uri.port}) + -1; %y = \"a\\x41\\n\"; $t.z = %y[1];\n if (src_ip == 10.0.0.0/8 or dst_ip == [::1] && msg:len > 0x10) $(avp(x)[*]) = $null;\n if (($var(a) = selval(defined $ru, strlen($rU), 101b))) route(\"a b\");\n switch ($rU) { case /\"^a.*\": exit; case \"b\": return $rc; }\n replace(\"a\", \"$var(a)\"); subst('/x/y/g'); forward(\"10.0.0.9\", 5060);\n}\n#!SER\nroute[a b] { $x = \"1\"; if ($x == \"1\") drop(); }\nonsend_route { if (to_ip == 1.2.3.4) drop; }\n",
];

pub(crate) const REGEXES: &[&[u8]] = &[
    b"^(sip|tel):[0-9]{3,5}(;.*)?$",
    b"[[:alpha:]]+|a**",
    b"\\(x\\)\\1[]a-z]",
    b"(a|b){0,2}c?.+",
];

pub(crate) const BRANCHES: &[&[u8]] = &[
    b"z9hG4bK1a2b.0123456789abcdef0123456789abcdef.0",
    b"z9hG4bK.",
    b"z9hG4bKcydzigwkX",
];

/// Values of headers, each behind the number of its parser in `wire::header`.
pub(crate) const HEADERS: &[&[u8]] = &[
    b"0SIP/2.0/UDP [2001:db8::9:1];rport=5060;received=192.0.2.1;branch=z9hG4bK1;maddr=a;ttl=3, SIP / 2.0 / TCP h",
    b"1\"A \\\" B\" <sips:a:b@h:5061;transport=tls;lr>;tag=x;q=0.7 ;expires = 5",
    b"2<sip:a;lr;ftag=1>;x=\"y;z\", sip:b;c=d , \"q\" <sip:c>",
    b"3<sip:a;lr>, <sip:b;r2=on;lr=on>,<sip:c>",
    b"4application/sdp;charset=\"utf-8\"; boundary=--=_x",
    b"5Digest username=\"bob@x\", realm=\"r,\\\"\", nonce=\"n\", uri=\"sip:r\", response=\"0123456789abcdef\", algorithm=MD5, qop=auth-int, nc=00000001, cnonce=\"\", opaque=\"\"",
    b"64294967295 INVITE",
    b"7 70 ",
    b"8;a;b=c;d=\"e\\\"f\";;g=[::1]",
    b"9Digest algorithm=SHA-256, realm=\"r\\\"x\", qop=\"auth-int, auth\", nonce=\"n\", opaque=\"\", stale=TRUE, domain=\"sip:r\"",
    b"9Digest realm=\"r\",nonce=n,algorithm=MD5-sess,qop=auth-int",
];

pub(crate) const SESSIONS: &[&[u8]] = &[
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 host.atlanta.example.com\r\ns=-\r\nc=IN IP4 224.2.1.1/127/3\r\nb=AS:64\r\nt=0 0\r\na=sendonly\r\nm=audio 49170/2 RTP/AVP 0 8 97\r\na=rtpmap:0 PCMU/8000\r\na=fmtp:97 mode=20\r\na=rtcp:53020 IN IP4 126.16.64.4\r\nm=video 0 RTP/SAVPF 31\r\nc=IN IP6 2001:db8::1\r\na=ice-ufrag:x\r\na=candidate:1 1 UDP 1 10.0.0.1 1 typ host\r\n",
    b"v=0\no=- 1 1 IN IP6 ::1\ns= \nt=0 0\nm=message 12763 TCP/MSRP *\na=path:msrp://h:1/x;tcp\nm=audio\n",
];

/// Remote procedure calls in ctl's binary encoding.
pub(crate) const BINRPC: &[&[u8]] = &[
    b"\xa1\x03\x0c\x11\x22\x33\x44\x91\x09core.info\x00",
    b"\xa1\x0b\x10\x01\x02\x91\x04tm.x\x00\x10\x05\x51ab\x00\x23\x40\x00\x00\x04\x41\x14\x53a",
    b"\xa1\x00\x02\x00\x91\x01",
];

/// Control and web requests over TCP.
pub(crate) const HTTP: &[&[u8]] = &[
    b"POST /RPC HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 58\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"core.echo\",\"params\":[1],\"id\":1}",
    b"POST /RPC HTTP/1.1\r\nHost: h\r\nContent-Length: 84\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"htable.seti\",\"params\":{\"t\":\"a\",\"x\":-1.5e3,\"u\":\"\\u00e9\\\\\"}}",
    b"GET /RPC?x=%20 HTTP/1.0\r\n\r\n",
    b"POST /RPC HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2]\r\n0\r\n\r\n",
];

pub(crate) const PROXIES: &[&[u8]] = &[
    b"PROXY TCP4 192.0.2.7 192.0.2.8 1111 5060\r\nOPTIONS sip:a SIP/2.0\r\n",
    b"PROXY TCP6 2001:db8::7 ::8 1 65535\r\n",
    b"PROXY UNKNOWN\r\n",
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x08\x04\x57\x13\xc4OPTIONS",
    b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0",
];
