//! The addresses of the machine.

use std::{io, net::IpAddr};

use nix::{ifaddrs::getifaddrs, net::if_::InterfaceFlags};

/// One address of one interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interface {
    /// The name, such as `eth0`.
    pub name: String,
    /// The address.
    pub addr: IpAddr,
    /// The scope that a link-local IPv6 address needs; 0 otherwise.
    pub scope: u32,
    /// Whether the interface is up.
    pub up: bool,
    /// Whether it is the loopback interface.
    pub loopback: bool,
}

impl Interface {
    /// Whether the address is only good on its own link (`fe80::/10`).
    pub fn is_link_local_v6(&self) -> bool {
        matches!(self.addr, IpAddr::V6(addr) if addr.is_unicast_link_local())
    }
}

/// All addresses of all interfaces, in the system's order.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut found = Vec::new();
    for entry in getifaddrs()? {
        let Some(address) = entry.address else {
            continue;
        };
        let (addr, scope) = if let Some(v4) = address.as_sockaddr_in() {
            (IpAddr::V4(v4.ip()), 0)
        } else if let Some(v6) = address.as_sockaddr_in6() {
            (IpAddr::V6(v6.ip()), v6.scope_id())
        } else {
            continue;
        };
        found.push(Interface {
            name: entry.interface_name,
            addr,
            scope,
            up: entry.flags.contains(InterfaceFlags::IFF_UP),
            loopback: entry.flags.contains(InterfaceFlags::IFF_LOOPBACK),
        });
    }
    Ok(found)
}

/// Whether the machine has this address. Costs system calls: for start-up and
/// reload, not for each message.
pub fn is_local(addr: IpAddr) -> io::Result<bool> {
    Ok(interfaces()?.iter().any(|interface| interface.addr == addr))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn loopback_is_found() {
        let all = interfaces().unwrap();
        assert!(
            all.iter()
                .any(|i| i.loopback && i.up && i.addr == Ipv4Addr::LOCALHOST)
        );
        assert!(is_local(Ipv4Addr::LOCALHOST.into()).unwrap());
        assert!(!is_local("203.0.113.77".parse().unwrap()).unwrap());
    }
}
