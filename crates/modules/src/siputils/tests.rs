//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::{check_cases, run};

const REQUEST: &str = r#"INVITE sip:bob@127.0.43.9:5060;x=1;lr;y=A SIP/2.0
Via: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx
From: <sip:alice@a.example>;tag=aaa
To: <sip:bob@b.example>
Call-ID: cid
CSeq: 1 INVITE
Max-Forwards: 70
X-T: 0
Supported: path, timer
Contact: "c" <sip:c@127.0.43.8:5066;a=b>;q=1
Authorization: Digest username="u",realm="r",nonce="n",uri="sip:x",response="0123456789abcdef0123456789abcdef"
Content-Length: 0

"#;

#[test]
fn uris_and_numbers() {
    check_cases("", REQUEST, include_str!("cases/uris.txt"));
}

#[test]
fn replies_to_options() {
    let request = REQUEST.replace("INVITE", "OPTIONS").replacen(
        "sip:bob@127.0.43.9:5060;x=1;lr;y=A",
        "sip:127.0.43.1",
        1,
    );
    let ran = run("", "options_reply(); exit", &request);
    let reply = ran.replies.first().cloned().unwrap_or_default();
    assert!(reply.starts_with("SIP/2.0 200 OK\r\n"));
    assert!(reply.contains(
        "\r\nAccept: */*\r\nAccept-Encoding: \r\nAccept-Language: en\r\nSupported: \r\nContent-Length: 0\r\n"
    ));
    let with_user = request.replacen("sip:127.0.43.1", "sip:bob@127.0.43.1", 1);
    assert!(
        run("", "options_reply(); exit", &with_user)
            .replies
            .is_empty()
    );
}

#[test]
fn first_hop_and_kinds_of_messages() {
    let said = |request: &str| {
        let statements = r#"if (is_first_hop()) xlog("L_ERR","@@first\n"); if (is_request() && !is_reply() && !has_totag()) xlog("L_ERR","@@initial\n"); exit"#;
        run("", statements, request).log.len()
    };
    assert_eq!(said(REQUEST), 2);
    let second = REQUEST.replace("branch=z9hG4bKx", "branch=z9hG4bKx, SIP/2.0/UDP 1.1.1.1");
    assert_eq!(said(&second), 1);
    assert_eq!(said(&REQUEST.replace("b.example>", "b.example>;tag=1")), 1);
}
