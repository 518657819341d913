//! The file of fixed names (`/etc/hosts`), read once.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

use ahash::RandomState;
use hashbrown::HashMap;

/// The fixed names.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// By name in lower case.
    names: HashMap<Box<str>, Vec<IpAddr>, RandomState>,
    /// The names that the first line about an address has, as written.
    addresses: HashMap<IpAddr, Vec<Box<str>>, RandomState>,
}

impl Hosts {
    /// Reads a file; a missing one has no names.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(text) => Ok(Self::parse(&String::from_utf8_lossy(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Lines of an address and its names; `#` begins a comment. What cannot be
    /// read is passed over, as the system's resolver does.
    fn parse(text: &str) -> Self {
        let mut hosts = Self::default();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            let Some(Ok(addr)) = words.next().map(str::parse) else {
                continue;
            };
            let mut as_written = Vec::new();
            for name in words {
                as_written.push(name.into());
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                let addrs = hosts.names.entry(name.into()).or_default();
                if !addrs.contains(&addr) {
                    addrs.push(addr);
                }
            }
            hosts.addresses.entry(addr).or_insert(as_written);
        }
        hosts
    }

    /// Whether the name is in the file at all.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The names of an address; none when the file does not have it.
    pub(super) fn names_of(&self, addr: IpAddr) -> &[Box<str>] {
        self.addresses.get(&addr).map_or(&[], Vec::as_slice)
    }

    pub(super) fn v4(&self, name: &str) -> Vec<Ipv4Addr> {
        let addrs = self.names.get(name).map_or(&[][..], Vec::as_slice);
        let v4 = |addr: &IpAddr| match addr {
            IpAddr::V4(addr) => Some(*addr),
            IpAddr::V6(_) => None,
        };
        addrs.iter().filter_map(v4).collect()
    }

    pub(super) fn v6(&self, name: &str) -> Vec<Ipv6Addr> {
        let addrs = self.names.get(name).map_or(&[][..], Vec::as_slice);
        let v6 = |addr: &IpAddr| match addr {
            IpAddr::V4(_) => None,
            IpAddr::V6(addr) => Some(*addr),
        };
        addrs.iter().filter_map(v6).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_passes_over_the_rest() {
        let hosts = Hosts::parse(
            "127.0.0.1 localhost loop # here\n::1 LocalHost\n\nnonsense x\n# 1.2.3.4 no\n10.0.0.1",
        );
        assert_eq!(hosts.v4("localhost"), [Ipv4Addr::LOCALHOST]);
        assert_eq!(hosts.v6("localhost"), [Ipv6Addr::LOCALHOST]);
        assert_eq!(hosts.v4("loop"), [Ipv4Addr::LOCALHOST]);
        assert!(!hosts.contains("x") && !hosts.contains("no"));
        let names = |addr: &str| hosts.names_of(addr.parse().expect("an address"));
        assert_eq!(names("127.0.0.1"), ["localhost".into(), "loop".into()]);
        assert_eq!(names("::1"), ["LocalHost".into()]);
        assert!(names("10.0.0.1").is_empty() && names("1.2.3.4").is_empty());
    }
}
