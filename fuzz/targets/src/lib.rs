//! What the fuzzers call: one function for each thing that reads the network or a file. Each takes
//! any bytes and must return; what it asserts holds for all of them.
//!
//! `fuzz/fuzz_targets` wraps these for cargo-fuzz; `tests/smoke.rs` runs each on its seeds and on
//! some thousand mutations of them, with every test run.

use std::path::Path;

use bytes::Bytes;
use script::preprocess::Options;
use script::source::MemoryLoader;
use sip::reply::ReplyParts;
use sip::uri::{Scheme, UriBuilder};
use sip::{Edits, HeaderKind, Message, Tolerance, UriRef};

/// A target with messages or files to start from.
pub struct Target {
    /// Its name, also of the cargo-fuzz binary.
    pub name: &'static str,
    /// What is fuzzed.
    pub run: fn(&[u8]),
    /// Real inputs.
    pub seeds: &'static [&'static [u8]],
}

/// All targets.
pub static TARGETS: &[Target] = &[
    Target {
        name: "message",
        run: message,
        seeds: MESSAGES,
    },
    Target {
        name: "stream",
        run: stream,
        seeds: MESSAGES,
    },
    Target {
        name: "reply",
        run: reply,
        seeds: MESSAGES,
    },
    Target {
        name: "uri",
        run: uri,
        seeds: URIS,
    },
    Target {
        name: "config",
        run: config,
        seeds: CONFIGS,
    },
    Target {
        name: "regex",
        run: regex,
        seeds: REGEXES,
    },
    Target {
        name: "branch",
        run: branch,
        seeds: BRANCHES,
    },
];

const MESSAGES: &[&[u8]] = &[
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\nVia: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\nMax-Forwards: 70\r\nRoute: <sip:ss1.atlanta.example.com;lr>\r\nFrom: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\nTo: Bob <sip:bob@biloxi.example.com>\r\nCall-ID: 3848276298220188511@atlanta.example.com\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\nContent-Type: application/sdp\r\nContent-Length: 81\r\n\r\nv=0\r\no=a 1 1 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
    b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.1;rport=5, SIP/2.0/UDP [::1]:9\r\nRecord-Route: <sip:a;lr>, <sip:b;lr>\r\nf: <sip:a@b>;tag=1\r\nt: \"x \\\" y\" <sip:c@d>;tag=2\r\ni: 1\r\nCSeq: 2 INVITE\r\nm: <sip:x@y>;q=0.5;expires=60, sip:z@y\r\nl: 0\r\n\r\n",
    b"REGISTER sip:registrar SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a@b;tag=1\r\nTo: sip:a@b\r\nCall-ID: x\r\nCSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\nAuthorization: Digest username=\"bob\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", response=\"0\", qop=auth, nc=00000001, cnonce=\"c\"\r\n\r\n",
    b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nSubject: folded\r\n  line\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n",
];

const URIS: &[&[u8]] = &[
    b"sip:alice:secret@[2001:db8::1]:5070;transport=tcp;lr?Subject=x&y=z",
    b"tel:+1-201-555-0123;phone-context=example.com",
    b"urn:service:sos",
    b"sips:a%20b@h",
];

const CONFIGS: &[&[u8]] = &[
    b"#!KAMAILIO\n#!define A 1\n#!ifdef A\ndebug=A\n#!else\n#!endif\nlisten=udp:127.0.0.1:5060 advertise a:1\nloadmodule \"tm.so\"\nmodparam(\"tm\", \"fr_timer\", 3)\ng.n = \"v\" desc \"d\"\nrequest_route {\n if (!t_relay() && uri == myself || $rU =~ \"^[0-9]+$\") { route(X); } else exit;\n switch ($var(x)) { case 1: break; case \"a\": default: return -1; }\n while ($var(i) < 3) { $var(i) = $var(i) + 1; }\n $ru = \"sip:\" + $(rU{s.substr,0,2}) + \"@x\";\n}\nroute[X] { drop; }\n",
    b"failure_route[1] { append_branch(); }\nonreply_route[A] { xlog(\"$T_reply_code\\n\"); }\nevent_route[tm:local-request] { return; }\n#!subst \"/a/b/g\"\n",
];

const REGEXES: &[&[u8]] = &[
    b"^(sip|tel):[0-9]{3,5}(;.*)?$",
    b"[[:alpha:]]+|a**",
    b"\\(x\\)\\1[]a-z]",
    b"(a|b){0,2}c?.+",
];

const BRANCHES: &[&[u8]] = &[
    b"z9hG4bK1a2b.0123456789abcdef0123456789abcdef.0",
    b"z9hG4bK.",
    b"z9hG4bKcydzigwkX",
];

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

/// A stream: cut wherever, the pieces are the same.
pub fn stream(data: &[u8]) {
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

/// A configuration: a tree and mistakes, never more.
pub fn config(data: &[u8]) {
    let parsed = script::parse::parse_text(
        Path::new("fuzz.cfg"),
        Bytes::copy_from_slice(data),
        &MemoryLoader::default(),
        &Options::default(),
    );
    let _ = script::diagnostic::render_full(&parsed.diagnostics, &parsed.source, false);
    let _ = script::diagnostic::render_json(&parsed.diagnostics, &parsed.source);
}

/// A POSIX expression: translates to something that compiles, or is refused.
pub fn regex(data: &[u8]) {
    if let Ok(pattern) = script::regex::Pattern::new(data, script::regex::Case::Insensitive) {
        let _ = pattern.is_match(b"sip:alice@example.com");
    }
}

/// A Via branch that may name a transaction of ours.
pub fn branch(data: &[u8]) {
    if let Some(id) = transaction::BranchId::parse(data) {
        let mut out = Vec::new();
        id.write(&mut out);
        assert_eq!(transaction::BranchId::parse(&out), Some(id));
    }
}
