//! Sockets as text: `udp:127.0.0.1:5060`, `[::1]:5060`, `127.0.0.1`.

use engine::socket::Proto;

/// Transport, host (IPv6 in brackets) and port; `None` if the text is no such thing.
#[must_use]
pub(crate) fn parse(text: &[u8]) -> Option<(Option<Proto>, &[u8], Option<u16>)> {
    let colon = text.iter().position(|c| *c == b':');
    let (proto, rest) = match colon {
        Some(at) => match Proto::from_name(&text[..at]) {
            Some(proto) => (Some(proto), &text[at + 1..]),
            None => (None, text),
        },
        None => (None, text),
    };
    let host_end = if rest.first() == Some(&b'[') {
        rest.iter().position(|c| *c == b']')? + 1
    } else {
        rest.iter().position(|c| *c == b':').unwrap_or(rest.len())
    };
    let (host, port) = rest.split_at(host_end);
    let port = match port {
        [] => None,
        [b':', digits @ ..] => Some(std::str::from_utf8(digits).ok()?.parse().ok()?),
        _ => return None,
    };
    (!host.is_empty()).then_some((proto, host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let udp = Some(Proto::Udp);
        assert_eq!(
            parse(b"udp:1.2.3.4:5060"),
            Some((udp, &b"1.2.3.4"[..], Some(5060)))
        );
        assert_eq!(parse(b"1.2.3.4"), Some((None, &b"1.2.3.4"[..], None)));
        assert_eq!(parse(b"udp:[::1]:7"), Some((udp, &b"[::1]"[..], Some(7))));
        for bad in [
            &b""[..],
            b"udp:",
            b"sip:1.2.3.4",
            b"udp:h:x",
            b"[::1",
            b"h:99999",
        ] {
            assert_eq!(parse(bad), None, "{}", bad.escape_ascii());
        }
    }
}
