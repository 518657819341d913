//! Private and shared addresses.

use std::net::Ipv4Addr;

/// Which networks count as private (`nat_addr_mode`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Networks {
    /// RFC 1918, RFC 6598 (carrier NAT) and 192.0.0.0/29 of RFC 7335.
    Private,
    /// Also the rest of 192.0.0.0/24.
    PrivateAndReserved,
}

impl Networks {
    /// Whether a host, as text, is an IPv4 address of these networks.
    pub(super) fn contain(self, host: &[u8]) -> bool {
        std::str::from_utf8(host)
            .ok()
            .and_then(|text| text.parse().ok())
            .is_some_and(|ip| self.contain_address(ip))
    }

    /// Whether an address is of these networks.
    pub(super) fn contain_address(self, ip: Ipv4Addr) -> bool {
        let is_in = |network: [u8; 4], bits: u32| {
            let mask = u32::MAX << (32 - bits);
            ip.to_bits() & mask == u32::from_be_bytes(network)
        };
        let reserved_bits = match self {
            Self::Private => 29,
            Self::PrivateAndReserved => 24,
        };
        is_in([10, 0, 0, 0], 8)
            || is_in([172, 16, 0, 0], 12)
            || is_in([192, 168, 0, 0], 16)
            || is_in([100, 64, 0, 0], 10)
            || is_in([192, 0, 0, 0], reserved_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the installed Kamailio's `is_rfc1918` says.
    #[test]
    fn networks() {
        for (host, private) in [
            ("10.1.1.1", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("100.64.1.1", true),
            ("192.0.0.1", true),
            ("192.0.0.100", true),
            ("example.com", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("169.254.1.1", false),
            ("100.128.0.1", false),
            ("192.168.300.1", false),
        ] {
            let found = Networks::PrivateAndReserved.contain(host.as_bytes());
            assert_eq!(found, private, "{host}");
        }
        assert!(Networks::Private.contain(b"192.0.0.7"));
        assert!(!Networks::Private.contain(b"192.0.0.100"));
    }
}
