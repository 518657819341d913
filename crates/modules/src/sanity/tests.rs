//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::{REQUEST, run};

/// Start line of the reply, return code (empty when the script ended), and the further headers.
fn checked(checks: &str, request: &str) -> (String, String, String) {
    let params = "modparam(\"sanity\", \"autodrop\", 0)\nmodparam(\"sanity\", \"proxy_require\", \"sip1, sip2\")";
    let statements = format!(r#"sanity_check("{checks}","15"); xlog("L_ERR","@@$rc\n"); exit"#);
    let ran = run(params, &statements, request);
    let reply = ran.replies.first().cloned().unwrap_or_default();
    let first = reply.lines().next().unwrap_or_default().to_owned();
    let unsupported = reply
        .lines()
        .find(|l| l.starts_with("Unsupported"))
        .unwrap_or_default()
        .to_owned();
    let code = ran
        .log
        .iter()
        .find_map(|l| l.split_once("@@"))
        .map_or(String::new(), |(_, c)| c.trim().to_owned());
    (first, code, unsupported)
}

fn with(header: &str) -> String {
    REQUEST.replace("X-T: 0\n", &format!("{header}\n"))
}

fn digest(fields: &str) -> String {
    with(&format!("Authorization: Digest {fields}"))
}

/// Credentials with a field replaced.
fn full(from: &str, to: &str) -> String {
    let fields = r#"username="u",realm="r",nonce="n",uri="sip:x",response="0123456789abcdef0123456789abcdef""#;
    digest(&fields.replace(from, to))
}

#[test]
fn replies() {
    let cases: &[(&str, String, &str)] = &[
        ("32767", REQUEST.to_owned(), ""),
        (
            "2",
            REQUEST.replacen("sip:bob@127.0.43.9:5060", "foo:bob", 1),
            "400 Bad Request URI",
        ),
        (
            "2",
            REQUEST.replacen("sip:bob@127.0.43.9:5060", "tel:+123", 1),
            "",
        ),
        (
            "1024",
            REQUEST.replacen("9:5060 SIP", "9:abc SIP", 1),
            "400 Bad Request URI",
        ),
        (
            "32",
            REQUEST.replace("1 INVITE", "1 OPTIONS"),
            "400 CSeq method does not match request method",
        ),
        (
            "64",
            REQUEST.replace("CSeq: 1", "CSeq: x"),
            "400 CSeq number is illegal",
        ),
        ("64", REQUEST.replace("CSeq: 1", "CSeq: 4294967295"), ""),
        (
            "64",
            REQUEST.replace("CSeq: 1", "CSeq: 9999999999"),
            "400 CSeq number is illegal",
        ),
        (
            "128",
            REQUEST.replace("Length: 83", "Length: 88"),
            "400 Content-Length mis-match",
        ),
        ("256", with("Expires: abc"), "400 Expires value is illegal"),
        ("256", with("Expires: -1"), "400 Expires value is illegal"),
        ("256", with("Expires: "), "400 Bad Expires Header"),
        ("256", with("Expires: 5\nExpires: x"), ""),
        (
            "512",
            with("Proxy-Require: foo"),
            "420 Bad Proxy Require Extension",
        ),
        ("512", with("Proxy-Require: sip1, sip2"), ""),
        (
            "1024",
            REQUEST.replace("<sip:alice@a.example>", "<foo:alice>"),
            "400 Invalid From Header",
        ),
        (
            "1024",
            REQUEST.replace("<sip:bob@b.example>", "<foo:bob>"),
            "400 Ivalid To Header",
        ),
        (
            "1024",
            REQUEST.replace("<sip:c@127.0.43.8>", "<sip:a@b>, <foo:x>"),
            "400 Bad Contact URI",
        ),
        (
            "1024",
            REQUEST.replace("<sip:c@127.0.43.8>", "<sip:x"),
            "400 Bad Contact Header",
        ),
        (
            "1024",
            REQUEST.replace("<sip:c@127.0.43.8>", ""),
            "400 Bad Contact Header",
        ),
        ("1024", REQUEST.replace("<sip:c@127.0.43.8>", "*"), ""),
        ("2048", full("x", "x"), ""),
        (
            "2048",
            full("username=\"u\",", ""),
            "400 Bad Auth Credentials",
        ),
        ("2048", full("realm=\"r\",", ""), "400 Bad Auth Credentials"),
        ("2048", full("\"u\"", "\"\""), "400 Auth Empty User"),
        ("2048", full("\"r\"", "\"\""), ""),
        ("2048", full("\"n\"", "\"\""), "400 Auth Empty Nonce"),
        (
            "2048",
            full("\"0123456789abcdef0123456789abcdef\"", "\"\""),
            "400 Auth Empty Response",
        ),
        (
            "2048",
            full("\"sip:x\"", "\"sip:x\",qop=auth"),
            "400 Bad Auth Credentials",
        ),
        ("2048", digest("username="), "400 Bad Auth Header"),
        ("8192", with("Authorization: Basic abc"), ""),
        (
            "4096",
            REQUEST.replace("tag=aaa", "tag=aaa;tag=bbb"),
            "400 Many From Tag Params",
        ),
        (
            "4096",
            REQUEST.replace("b.example>", "b.example>;tag=1;tag=2"),
            "400 Many To Tag Params",
        ),
    ];
    let mut wrong = Vec::new();
    for (checks, request, reply) in cases {
        let (first, code, _) = checked(checks, request);
        let expected = if reply.is_empty() {
            (String::new(), "1")
        } else {
            (format!("SIP/2.0 {reply}"), "-1")
        };
        if (first.as_str(), code.as_str()) != (expected.0.as_str(), expected.1) {
            wrong.push(format!(
                "{checks}: {first:?} {code:?} not {expected:?}\n{request}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_extension_is_named() {
    let (_, _, unsupported) = checked("512", &with("Proxy-Require: foo, bar"));
    assert_eq!(unsupported, "Unsupported: foo");
}

#[test]
fn other_schemes_fail_without_a_reply() {
    let (first, code, _) = checked("2048", &with("Authorization: Basic abc"));
    assert_eq!((first.as_str(), code.as_str()), ("", "-1"));
}

#[test]
fn a_failed_check_ends_the_script() {
    let request = REQUEST.replace("1 INVITE", "1 OPTIONS");
    let ran = run("", r#"sanity_check(); xlog("L_ERR","@@after\n")"#, &request);
    assert_eq!(ran.replies.len(), 1);
    assert!(ran.sent.is_none() && !ran.log.iter().any(|l| l.contains("@@after")));
}
