//! The source of a message as URIs and aliases spell it.

use std::net::{IpAddr, SocketAddr};

use engine::socket::{Proto, Received};

/// `host:port`, IPv6 in brackets.
pub(super) fn host_port(address: SocketAddr) -> String {
    format!("{}:{}", host(address.ip()), address.port())
}

/// The address, IPv6 in brackets.
pub(super) fn host(ip: IpAddr) -> String {
    engine::net::host_text(ip)
}

/// `sip:host:port`, with the transport unless it is UDP: what registrars keep.
pub(super) fn uri(received: &Received) -> String {
    let address = host_port(received.source);
    match received.proto {
        Proto::Udp => format!("sip:{address}"),
        other => format!("sip:{address};transport={}", other.name()),
    }
}

/// `host~port~transport`, the value of an alias parameter.
pub(super) fn alias(received: &Received) -> String {
    format!(
        "{}~{}~{}",
        host(received.source.ip()),
        received.source.port(),
        received.proto.number()
    )
}

/// The URI that an alias value stands for.
pub(super) fn uri_of_alias(value: &[u8]) -> Option<Alias<'_>> {
    let mut parts = value.split(|b| *b == b'~');
    let (host, port, proto) = (parts.next()?, parts.next()?, parts.next()?);
    let transport = match proto {
        b"1" => None,
        b"2" => Some("tcp"),
        b"3" => Some("tls"),
        b"4" => Some("sctp"),
        // Secure WebSocket too: the connection that is there decides.
        b"5" | b"6" => Some("ws"),
        _ => return None,
    };
    Some(Alias {
        host,
        port,
        transport,
    })
}

/// A parsed alias value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Alias<'a> {
    host: &'a [u8],
    port: &'a [u8],
    transport: Option<&'static str>,
}

impl Alias<'_> {
    /// The URI; UDP is named only if asked.
    pub(super) fn uri(&self, names_udp: bool) -> Vec<u8> {
        let mut uri = [b"sip:", self.host, b":", self.port].concat();
        let transport = self.transport.or(names_udp.then_some("udp"));
        if let Some(transport) = transport {
            uri.extend_from_slice(b";transport=");
            uri.extend_from_slice(transport.as_bytes());
        }
        uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases() {
        let uri = |value: &str| {
            uri_of_alias(value.as_bytes())
                .map(|a| String::from_utf8_lossy(&a.uri(false)).into_owned())
        };
        assert_eq!(uri("9.8.7.6~5070~1").as_deref(), Some("sip:9.8.7.6:5070"));
        assert_eq!(
            uri("9.8.7.6~5070~2").as_deref(),
            Some("sip:9.8.7.6:5070;transport=tcp")
        );
        assert_eq!(
            uri("9.8.7.6~5070~6").as_deref(),
            Some("sip:9.8.7.6:5070;transport=ws")
        );
        assert_eq!(uri("[::1]~5070~1").as_deref(), Some("sip:[::1]:5070"));
        assert_eq!(uri("9.8.7.6~5070~9"), None);
        assert_eq!(uri("9.8.7.6~5070"), None);
        assert_eq!(
            uri_of_alias(b"9.9.9.9~1~1").unwrap().uri(true),
            b"sip:9.9.9.9:1;transport=udp"
        );
    }
}
