//! What addresses are for, by the registries of special addresses (RFC 5735, RFC 6598 and IANA's
//! for IPv6), in the words and with the state of Kamailio 5.6.3.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 with a purpose, the narrow ones before those around them.
const V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(255, 255, 255, 255), 32, "BROADCAST"),
    (Ipv4Addr::new(0, 0, 0, 0), 8, "PRIVATE"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "PRIVATE"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "SHARED"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "LOOPBACK"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "LINK-LOCAL"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "PRIVATE"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "RESERVED"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "TEST-NET"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6TO4-RELAY"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "PRIVATE"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "RESERVED"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "TEST-NET"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "TEST-NET"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "MULTICAST"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "RESERVED"),
];

/// Networks of IPv6 with a purpose, the narrow ones before those around them.
const V6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "UNSPECIFIED"),
    (Ipv6Addr::LOCALHOST, 128, "LOOPBACK"),
    (v6(0, 0, 0, 0, 0, 0xffff), 96, "IPV4MAP"),
    (v6(0x0100, 0, 0, 0, 0, 0), 64, "DISCARD"),
    (v6(0x2001, 0, 0, 0, 0, 0), 32, "TEREDO"),
    (v6(0x2001, 2, 0, 0, 0, 0), 48, "BMWG"),
    (v6(0x2001, 0x10, 0, 0, 0, 0), 28, "ORCHID"),
    (v6(0x2001, 0xdb8, 0, 0, 0, 0), 32, "DOCUMENTATION"),
    (v6(0x2002, 0, 0, 0, 0, 0), 16, "6TO4"),
    (v6(0x2000, 0, 0, 0, 0, 0), 3, "GLOBAL-UNICAST"),
    (v6(0xfc00, 0, 0, 0, 0, 0), 7, "UNIQUE-LOCAL-UNICAST"),
    (v6(0xfe80, 0, 0, 0, 0, 0), 10, "LINK-LOCAL-UNICAST"),
    (v6(0xff00, 0, 0, 0, 0, 0), 8, "MULTICAST"),
];

const fn v6(a: u16, b: u16, c: u16, d: u16, e: u16, f: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, d, e, f, 0, 0)
}

/// What an address is for.
pub(super) fn of(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(address) => V4
            .iter()
            .find(|(base, bits, _)| (address.to_bits() ^ base.to_bits()) >> (32 - bits) == 0)
            .map_or("PUBLIC", |(_, _, kind)| kind),
        IpAddr::V6(address) => V6
            .iter()
            .find(|(base, bits, _)| (address.to_bits() ^ base.to_bits()) >> (128 - bits) == 0)
            .map_or("RESERVED", |(_, _, kind)| kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first, the last and the next address of each network, as Kamailio 5.6.3 sees them.
    #[test]
    fn kinds() {
        for (text, kind) in [
            ("0.255.255.255", "PRIVATE"),
            ("1.0.0.0", "PUBLIC"),
            ("10.255.255.255", "PRIVATE"),
            ("11.0.0.0", "PUBLIC"),
            ("100.63.255.255", "PUBLIC"),
            ("100.64.0.0", "SHARED"),
            ("100.127.255.255", "SHARED"),
            ("100.128.0.0", "PUBLIC"),
            ("127.0.0.0", "LOOPBACK"),
            ("128.0.0.0", "PUBLIC"),
            ("169.254.255.255", "LINK-LOCAL"),
            ("169.255.0.0", "PUBLIC"),
            ("172.15.255.255", "PUBLIC"),
            ("172.31.255.255", "PRIVATE"),
            ("172.32.0.0", "PUBLIC"),
            ("192.0.0.255", "RESERVED"),
            ("192.0.1.0", "PUBLIC"),
            ("192.0.2.255", "TEST-NET"),
            ("192.88.99.0", "6TO4-RELAY"),
            ("192.88.100.0", "PUBLIC"),
            ("192.168.255.255", "PRIVATE"),
            ("192.169.0.0", "PUBLIC"),
            ("198.17.255.255", "PUBLIC"),
            ("198.19.255.255", "RESERVED"),
            ("198.51.100.255", "TEST-NET"),
            ("203.0.113.0", "TEST-NET"),
            ("223.255.255.255", "PUBLIC"),
            ("239.255.255.255", "MULTICAST"),
            ("255.255.255.254", "RESERVED"),
            ("255.255.255.255", "BROADCAST"),
            ("::", "UNSPECIFIED"),
            ("::1", "LOOPBACK"),
            ("::2", "RESERVED"),
            ("::ffff:1.2.3.4", "IPV4MAP"),
            ("64:ff9b::1.2.3.4", "RESERVED"),
            ("100::ffff:1", "DISCARD"),
            ("100:0:0:1::1", "RESERVED"),
            ("1fff::1", "RESERVED"),
            ("2000::1", "GLOBAL-UNICAST"),
            ("2001:0:1::1", "TEREDO"),
            ("2001:1::1", "GLOBAL-UNICAST"),
            ("2001:2::1", "BMWG"),
            ("2001:2:1::1", "GLOBAL-UNICAST"),
            ("2001:1f::1", "ORCHID"),
            ("2001:20::1", "GLOBAL-UNICAST"),
            ("2001:db8:ffff::1", "DOCUMENTATION"),
            ("2002:a00:1::1", "6TO4"),
            ("3fff:1000::1", "GLOBAL-UNICAST"),
            ("4000::1", "RESERVED"),
            ("fbff::1", "RESERVED"),
            ("fdff::1", "UNIQUE-LOCAL-UNICAST"),
            ("fe7f::1", "RESERVED"),
            ("febf::1", "LINK-LOCAL-UNICAST"),
            ("fec0::1", "RESERVED"),
            ("ffff::1", "MULTICAST"),
        ] {
            assert_eq!(of(text.parse().unwrap()), kind, "{text}");
        }
    }
}
