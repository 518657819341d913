//! Addresses and networks in scripts.

use std::fmt;
use std::net::IpAddr;

/// A network: an address and how many of its bits count. A single address has all bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Parses `1.2.3.4`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `::1`, `[::1]`, `fe80::/10`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, mask) = match text.split_once('/') {
            Some((a, m)) => (a, Some(m)),
            None => (text, None),
        };
        let address: IpAddr = parse_address(address)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match mask {
            None => width,
            Some(m) => match m.parse::<u8>() {
                Ok(n) => n,
                Err(_) => mask_bits(parse_address(m)?, address.is_ipv4())?,
            },
        };
        (bits <= width).then_some(Self { address, bits })
    }

    /// Whether an address lies in the network. IPv4-mapped IPv6 addresses count as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(n), IpAddr::V4(a)) => {
                let shift = 32 - u32::from(self.bits);
                u64::from(n.to_bits()) >> shift == u64::from(a.to_bits()) >> shift
            }
            (IpAddr::V6(n), IpAddr::V6(a)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.bits))
                    .unwrap_or(0);
                n.to_bits() & mask == a.to_bits() & mask
            }
            _ => false,
        }
    }

    /// The address part.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.address.is_ipv4() { 32 } else { 128 };
        if self.bits == width {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.bits)
        }
    }
}

/// An address literal, IPv6 with or without brackets.
#[must_use]
pub fn parse_address(text: &str) -> Option<IpAddr> {
    text.strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text)
        .parse()
        .ok()
}

fn mask_bits(mask: IpAddr, v4: bool) -> Option<u8> {
    let (ones, leading) = match mask {
        IpAddr::V4(m) if v4 => (m.to_bits().count_ones(), m.to_bits().leading_ones()),
        IpAddr::V6(m) if !v4 => (m.to_bits().count_ones(), m.to_bits().leading_ones()),
        _ => return None,
    };
    (ones == leading).then(|| u8::try_from(ones).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses() {
        let net = Network::parse("10.0.0.0/8").unwrap();
        assert!(net.contains("10.255.1.2".parse().unwrap()));
        assert!(!net.contains("11.0.0.1".parse().unwrap()));
        assert_eq!(Network::parse("10.0.0.0/255.0.0.0"), Some(net));
        assert!(
            Network::parse("0.0.0.0/0")
                .unwrap()
                .contains("1.2.3.4".parse().unwrap())
        );
        assert!(
            Network::parse("[fe80::]/10")
                .unwrap()
                .contains("fe80::1".parse().unwrap())
        );
        assert!(
            Network::parse("::/0")
                .unwrap()
                .contains("::1".parse().unwrap())
        );
        assert!(
            Network::parse("::1")
                .unwrap()
                .contains("::1".parse().unwrap())
        );
        assert_eq!(Network::parse("10.0.0.0/255.0.255.0"), None);
        assert_eq!(Network::parse("10.0.0.0/33"), None);
    }
}
