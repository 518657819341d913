//! Tests of URI parsing, comparison and printing.

use super::*;

fn parse(text: &str) -> UriRef<'_> {
    UriRef::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn all_parts() {
    let uri = parse("sip:alice;day=tue:secret@[2001:db8::1]:5070;transport=tcp;lr?subject=x&y=z");
    assert_eq!(uri.user(), b"alice;day=tue");
    assert_eq!(uri.password(), b"secret");
    assert_eq!(uri.host(), b"[2001:db8::1]");
    assert_eq!(uri.port(), Some(5070));
    assert_eq!(uri.transport(), Some(&b"tcp"[..]));
    assert!(uri.is_loose_router());
    assert_eq!(uri.headers_text(), b"subject=x&y=z");
    let tel = parse("tel:+1-201-555-0123;phone-context=example.com");
    assert_eq!(tel.user(), b"+1-201-555-0123");
    assert_eq!(tel.param(b"Phone-Context"), Some(&b"example.com"[..]));
    let urn = parse("urn:service:sos.fire");
    assert_eq!(
        (urn.user(), urn.host()),
        (&b"service"[..], &b"sos.fire"[..])
    );
    assert_eq!(parse("sips:h").port_or_default(), 5061);
}

#[test]
fn refused() {
    for text in [
        "",
        "sip",
        "sip:",
        "http://x",
        "mailto:a@b",
        "sip:a@",
        "sip:a@[::1",
        "sip:a@[x]",
        "sip:h:99999",
        "sip:h:x",
    ] {
        assert!(Uri::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn printed_as_parsed() {
    for text in [
        "sip:h",
        "sip:u@h:1",
        "sips:u:p@h;x=y?a=b",
        "tel:+1;x=y",
        "urn:service:sos",
        "sip:u@[::1]:5060;transport=tcp",
    ] {
        assert_eq!(UriBuilder::from_uri(&parse(text)).to_vec(), text.as_bytes());
    }
}

/// The examples of RFC 3261 §19.1.4.
#[test]
fn rfc3261_comparison() {
    for (a, b) in [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ] {
        assert!(same_rfc3261(&parse(a), &parse(b)), "{a} {b}");
    }
    for (a, b) in [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        (
            "sip:bob@biloxi.com",
            "sip:bob@biloxi.com:6000;transport=tcp",
        ),
        (
            "sip:carol@chicago.com",
            "sip:carol@chicago.com?Subject=next%20meeting",
        ),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
    ] {
        assert!(!same_rfc3261(&parse(a), &parse(b)), "{a} {b}");
    }
    assert!(same_lax(
        &parse("sip:bob@biloxi.com"),
        &parse("sip:bob@BILOXI.com:5060;x=y")
    ));
    assert!(!same_lax(
        &parse("sip:bob@biloxi.com"),
        &parse("sip:bob@biloxi.com;transport=tls")
    ));
}
