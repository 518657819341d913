//! Addresses and networks in scripts.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, Ordering};

/// An address as text, without an allocation.
#[derive(Clone, Copy, Debug)]
pub struct AddressText {
    text: [u8; 45],
    len: u8,
}

impl AddressText {
    /// The text of an address, IPv6 without brackets.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        let mut out = Self {
            text: [0; 45],
            len: 0,
        };
        match address {
            IpAddr::V4(address) => {
                for (place, byte) in address.octets().into_iter().enumerate() {
                    if place > 0 {
                        out.push(b'.');
                    }
                    for unit in [100, 10, 1] {
                        if byte >= unit || unit == 1 {
                            out.push(b'0' + byte / unit % 10);
                        }
                    }
                }
            }
            IpAddr::V6(address) => {
                let _ = match Ipv6Style::now() {
                    Ipv6Style::Short => write!(out, "{address}"),
                    Ipv6Style::Long => out.write_groups(address, false),
                    Ipv6Style::LongUpper => out.write_groups(address, true),
                };
            }
        }
        out
    }

    fn write_groups(&mut self, address: Ipv6Addr, upper: bool) -> fmt::Result {
        for (place, group) in address.segments().into_iter().enumerate() {
            let colon = if place > 0 { ":" } else { "" };
            match upper {
                true => write!(self, "{colon}{group:X}")?,
                false => write!(self, "{colon}{group:x}")?,
            }
        }
        Ok(())
    }

    fn push(&mut self, byte: u8) {
        // 45 characters are the longest that there is: an IPv6 address that ends as an IPv4 one.
        if let Some(slot) = self.text.get_mut(usize::from(self.len)) {
            *slot = byte;
            self.len += 1;
        }
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Digits, letters, dots and colons only.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Write for AddressText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

impl fmt::Display for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How addresses of IPv6 are written (`ipv6_hex_style`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ipv6Style {
    /// `fd00::1`.
    Short,
    /// `fd00:0:0:0:0:0:0:1`.
    Long,
    /// `FD00:0:0:0:0:0:0:1`.
    LongUpper,
}

/// The style of the process, as a number.
static STYLE: AtomicU8 = AtomicU8::new(0);

impl Ipv6Style {
    /// The style that a letter stands for.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        match letter {
            "c" => Some(Self::Short),
            "a" => Some(Self::Long),
            "A" => Some(Self::LongUpper),
            _ => None,
        }
    }

    /// Has all addresses written so, in the whole process: many places write some. Before the
    /// first one is written.
    pub fn set(self) {
        STYLE.store(self as u8, Ordering::Relaxed);
    }

    fn now() -> Self {
        match STYLE.load(Ordering::Relaxed) {
            1 => Self::Long,
            2 => Self::LongUpper,
            _ => Self::Short,
        }
    }
}

/// An address as a host: IPv6 in brackets.
#[must_use]
pub fn host_text(address: IpAddr) -> String {
    let text = AddressText::new(address);
    match address {
        IpAddr::V4(_) => text.to_string(),
        IpAddr::V6(_) => format!("[{text}]"),
    }
}

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
    fn addresses_as_text() {
        for text in [
            "0.0.0.0",
            "10.2.30.104",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "2001:db8::ff",
            "1111:2222:3333:4444:5555:6666:7777:8888",
            "::ffff:255.255.255.255",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(AddressText::new(address).as_str(), text);
        }
    }

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

    #[test]
    fn long_forms_fit() {
        let address: Ipv6Addr = "fd00:1111:2222:3333:4444:5555:6666:ab1c".parse().unwrap();
        for (upper, wanted) in [
            (false, "fd00:1111:2222:3333:4444:5555:6666:ab1c"),
            (true, "FD00:1111:2222:3333:4444:5555:6666:AB1C"),
        ] {
            let mut text = AddressText::new(std::net::Ipv4Addr::LOCALHOST.into());
            text.len = 0;
            text.write_groups(address, upper).unwrap();
            assert_eq!(text.as_str(), wanted);
        }
    }
}
