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

/// Each of these was shown to Kamailio 5.6.3 as a request URI.
#[test]
fn refused_as_kamailio_does() {
    for text in [
        "",
        "sip",
        "sip:",
        "sips:",
        "tel:",
        "tels:+1",
        "http://x",
        "mailto:a@b",
        "sip:@h",
        "sip:u@",
        "sip::p@h",
        "sip:u@[::1",
        "sip:u@[::1]x",
        "sip:u@h:99999",
        "sip:u@h:65536",
        "sip:u@h:5a",
        "sip:u@h:00005060",
        "sip:u@h;a=@x",
        "sip:u@x@h",
        "sip:u@h?a=b@c",
        "sip:u:p:q@h",
        "sip:u@h,x",
        "sip:u@h_x",
        "sip:u@h/x",
        "sip:u@h%41",
        "sip:h:5060:1",
        "sip:u@h:1?z;a",
        "sip:u@h;a?b;c",
        "sip:u@-",
        "sip:u@.",
        "sip:u@-a",
        "sip:1:2;a@b",
        "sip:a:b;c=d@e",
        "sip:a:b?c@e",
        "sip:[::1]@h",
        "sip:u:p",
        "sip:u@*",
        "sip:u@;a",
        "sip:u@:5",
        "sip:u@?a",
        "sip::5",
        "sip:u[1]@h",
        "sip:u@h#",
        "urn:nena:x:y",
        "sip:u@\u{e4}",
    ] {
        assert!(Uri::parse(text.as_bytes()).is_err(), "{text}");
    }
}

/// As above: URI, user, host, port as Kamailio splits them.
#[test]
fn split_as_kamailio_does() {
    for (text, user, host, port) in [
        ("sip:h", "", "h", ""),
        ("sip:;x=y@host", ";x=y", "host", ""),
        ("sip:u?x@h", "u?x", "h", ""),
        ("sip:u@h:", "u", "h", ""),
        ("sip:u@h:0", "u", "h", "0"),
        ("sip:u@h;;a=b", "u", "h", ""),
        ("sip:u@h?", "u", "h", ""),
        ("sip:u:@h", "u", "h", ""),
        ("SIP:U@H", "U", "H", ""),
        ("sip:u@[zz]", "u", "[zz]", ""),
        ("sip:u<v@h", "u<v", "h", ""),
        ("sip:u:5060@h:1;x=y?z", "u", "h", "1"),
        ("sip:h:1@x", "h", "x", ""),
        ("sip:a;b:c@d", "a;b", "d", ""),
        ("sip:a?b:c@d", "a?b", "d", ""),
        ("sip:h_x:5", "", "h_x", "5"),
        ("sip:-", "", "-", ""),
        ("sip:u@a..b", "u", "a..b", ""),
        ("sip:h?a=b@c", "h?a=b", "c", ""),
        ("sip:u;a:b", "", "u", ""),
        ("sip:;a", "", ";a", ""),
        ("sip:u@h;a=[b]", "u", "h", ""),
        ("tel:+1@h", "h", "", ""),
        ("tel:+1:5", "+1", "", "5"),
        ("urn:x", "", "x", ""),
        ("urn:uuid:123", "", "uuid", "123"),
        ("urn:service:", "", "service", ""),
        ("urn:nena:x", "nena", "x", ""),
    ] {
        let uri = parse(text);
        let parts = [uri.user(), uri.host(), uri.uri.port_span.get(uri.text)];
        assert_eq!(
            parts,
            [user.as_bytes(), host.as_bytes(), port.as_bytes()],
            "{text}"
        );
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

#[test]
fn a_password_never_becomes_the_port_of_a_number() {
    let printed = UriBuilder::from_uri(&parse("tel:1:2@h?")).to_vec();
    assert_eq!(printed, b"tel:h");
}
