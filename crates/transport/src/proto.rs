//! The transport protocols of SIP.

use std::fmt;

/// A transport protocol, as written in `listen=` and in the `transport`
/// parameter of a URI.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Proto {
    /// Datagrams.
    Udp,
    /// A plain stream.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// SIP in WebSocket messages (RFC 7118).
    Ws,
    /// SIP in WebSocket messages under TLS.
    Wss,
    /// SCTP (RFC 4168).
    Sctp,
}

impl Proto {
    /// The lower-case name, as in a `transport` parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Sctp => "sctp",
        }
    }

    /// The protocol with this name; case does not matter.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        [
            Self::Udp,
            Self::Tcp,
            Self::Tls,
            Self::Ws,
            Self::Wss,
            Self::Sctp,
        ]
        .into_iter()
        .find(|proto| name.eq_ignore_ascii_case(proto.name().as_bytes()))
    }

    /// The port when none is given (RFC 3261 §19.1.2, RFC 7118 §5.3).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp | Self::Sctp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }

    /// Whether delivery is reliable, so that transactions do not retransmit.
    pub fn is_reliable(self) -> bool {
        self != Self::Udp
    }

    /// Whether bytes need framing into messages.
    pub fn is_stream(self) -> bool {
        !matches!(self, Self::Udp | Self::Sctp)
    }

    /// Whether the transport encrypts.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }
}

impl fmt::Display for Proto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Proto;

    #[test]
    fn names_round_trip() {
        for proto in [Proto::Udp, Proto::Tcp, Proto::Wss, Proto::Sctp] {
            assert_eq!(Proto::from_name(proto.name().as_bytes()), Some(proto));
        }
        assert_eq!(Proto::from_name(b"TLS"), Some(Proto::Tls));
        assert_eq!(Proto::from_name(b"smtp"), None);
    }
}
