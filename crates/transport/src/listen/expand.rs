//! From what a `listen` line says to the sockets it means.
//!
//! A line may name an address, an interface or a host, and may leave out the
//! protocol (all enabled ones are meant) and the port.

use std::{
    io,
    net::{IpAddr, SocketAddr, SocketAddrV6, ToSocketAddrs},
};

use crate::{
    Proto,
    listen::{Advertise, Interface, ListenAddress, interfaces},
};

/// The host part of a `listen` line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListenHost {
    /// An address.
    Ip(IpAddr),
    /// An interface or host name: interfaces are tried first.
    Name(String),
}

/// One `listen` line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListenSpec {
    /// The protocol; all enabled ones when absent.
    pub proto: Option<Proto>,
    /// Where.
    pub host: ListenHost,
    /// The port; the default port of the protocol when absent.
    pub port: Option<u16>,
    /// What others are told instead.
    pub advertise: Option<Advertise>,
    /// The name by which scripts refer to the socket.
    pub name: Option<String>,
    /// The interface that joins the group, if the host is one of multicast.
    pub multicast_interface: Option<String>,
}

/// Which addresses of IPv6 are meant without being named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ipv6 {
    /// Those of interfaces, and of all of them without any line (`auto_bind_ipv6`).
    pub of_interfaces: bool,
    /// Link-local ones, too, with the scope of their interface (`bind_ipv6_link_local`).
    pub link_local: bool,
}

/// A `listen` line that means no socket.
#[derive(Debug, thiserror::Error)]
pub enum ExpandError {
    /// The name is neither an interface with addresses nor a known host.
    #[error("listen: `{name}` is neither an interface nor a host that resolves: {source}")]
    UnknownHost {
        /// The name.
        name: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The interfaces could not be listed.
    #[error("listen: cannot list the network interfaces: {0}")]
    Interfaces(#[from] io::Error),
    /// No interface has an address.
    #[error("listen: no network interface is up")]
    NoInterface,
}

/// Expands `listen` lines in their order; a socket named twice is kept once.
/// `enabled` are the protocols meant by a line without one, and `port` gives
/// the port of a protocol when the line has none.
///
/// Names are resolved by the system's resolver, which blocks: this runs once,
/// before the server starts.
pub fn expand(
    specs: &[ListenSpec],
    enabled: &[Proto],
    ipv6: Ipv6,
    port: impl Fn(Proto) -> u16,
) -> Result<Vec<ListenAddress>, ExpandError> {
    let local = interfaces()?;
    let mut sockets: Vec<ListenAddress> = Vec::new();
    for spec in specs {
        let (hosts, host_name) = addresses(&spec.host, &local, ipv6)?;
        let one;
        let protos: &[Proto] = match spec.proto {
            Some(proto) => {
                one = [proto];
                &one
            }
            None => enabled,
        };
        for &proto in protos {
            for &host in &hosts {
                let socket = ListenAddress {
                    proto,
                    addr: with_port(host, spec.port.unwrap_or_else(|| port(proto))),
                    advertise: spec.advertise.clone(),
                    name: spec.name.clone(),
                    host_name: host_name.map(str::to_owned),
                    multicast_interface: spec.multicast_interface.clone(),
                    workers: None,
                };
                push_once(&mut sockets, socket);
            }
        }
    }
    Ok(sockets)
}

/// The sockets of a config without any `listen` line: each enabled protocol
/// on every IPv4 address of the interfaces that are up, loopback included;
/// IPv6 addresses only when asked for.
pub fn expand_default(
    enabled: &[Proto],
    ipv6: Ipv6,
    port: impl Fn(Proto) -> u16,
) -> Result<Vec<ListenAddress>, ExpandError> {
    let local = interfaces()?;
    let mut sockets = Vec::new();
    for &proto in enabled {
        for interface in local.iter().filter(|interface| interface.up) {
            if interface.addr.is_ipv6() && !ipv6.means(interface) {
                continue;
            }
            let addr = with_port(socket_addr(interface), port(proto));
            push_once(&mut sockets, ListenAddress::new(proto, addr));
        }
    }
    if sockets.is_empty() {
        return Err(ExpandError::NoInterface);
    }
    Ok(sockets)
}

impl Ipv6 {
    fn means(self, interface: &Interface) -> bool {
        self.of_interfaces && (self.link_local || !interface.is_link_local_v6())
    }
}

/// The addresses behind a host part, each with port 0. An interface stands
/// for its IPv4 addresses, and for IPv6 ones when that is asked for or it has
/// no other; a host name, which is told, for the first address that it resolves to, IPv4 before
/// IPv6.
fn addresses<'h>(
    host: &'h ListenHost,
    local: &[Interface],
    ipv6: Ipv6,
) -> Result<(Vec<SocketAddr>, Option<&'h str>), ExpandError> {
    let name = match host {
        ListenHost::Ip(addr) => {
            let own = |interface: &&Interface| {
                ipv6.link_local && interface.is_link_local_v6() && interface.addr == *addr
            };
            let scoped = local.iter().find(own).map(socket_addr);
            let addr = scoped.unwrap_or(SocketAddr::new(*addr, 0));
            return Ok((vec![addr], None));
        }
        ListenHost::Name(name) => name,
    };
    let of_interface = |v4: bool| -> Vec<SocketAddr> {
        local
            .iter()
            .filter(|interface| interface.name == *name && interface.addr.is_ipv4() == v4)
            .map(socket_addr)
            .collect()
    };
    let mut found = of_interface(true);
    if found.is_empty() {
        found = of_interface(false);
    } else {
        let more = local
            .iter()
            .filter(|interface| interface.name == *name && interface.addr.is_ipv6())
            .filter(|interface| ipv6.means(interface));
        found.extend(more.map(socket_addr));
    }
    if !found.is_empty() {
        return Ok((found, None));
    }
    let unknown = |source| ExpandError::UnknownHost {
        name: name.clone(),
        source,
    };
    let mut resolved: Vec<_> = (name.as_str(), 0)
        .to_socket_addrs()
        .map_err(unknown)?
        .collect();
    resolved.sort_by_key(SocketAddr::is_ipv6);
    resolved.truncate(1);
    if resolved.is_empty() {
        return Err(unknown(io::ErrorKind::NotFound.into()));
    }
    Ok((resolved, Some(name)))
}

fn socket_addr(interface: &Interface) -> SocketAddr {
    match interface.addr {
        IpAddr::V4(addr) => SocketAddr::new(addr.into(), 0),
        IpAddr::V6(addr) => SocketAddrV6::new(addr, 0, 0, interface.scope).into(),
    }
}

fn with_port(mut addr: SocketAddr, port: u16) -> SocketAddr {
    addr.set_port(port);
    addr
}

fn push_once(sockets: &mut Vec<ListenAddress>, socket: ListenAddress) {
    let same = |known: &ListenAddress| {
        known.proto == socket.proto && known.addr == socket.addr && socket.addr.port() != 0
    };
    if !sockets.iter().any(same) {
        sockets.push(socket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(proto: Option<Proto>, host: ListenHost, port: Option<u16>) -> ListenSpec {
        ListenSpec {
            proto,
            host,
            port,
            advertise: None,
            name: None,
            multicast_interface: None,
        }
    }

    fn texts(sockets: &[ListenAddress]) -> Vec<String> {
        sockets
            .iter()
            .map(|s| format!("{}:{}", s.proto, s.addr))
            .collect()
    }

    #[test]
    fn an_interface_stands_for_its_addresses() {
        let lo = spec(
            Some(Proto::Udp),
            ListenHost::Name("lo".into()),
            Some(17_961),
        );
        let sockets = expand(
            std::slice::from_ref(&lo),
            &[Proto::Udp, Proto::Tcp],
            Ipv6::default(),
            Proto::default_port,
        )
        .unwrap();
        assert!(texts(&sockets).contains(&"udp:127.0.0.1:17961".into()));
        assert!(sockets.iter().all(|s| s.addr.is_ipv4()));
        let all = Ipv6 {
            of_interfaces: true,
            link_local: false,
        };
        let sockets = expand(&[lo], &[], all, Proto::default_port).unwrap();
        let v6 = interfaces().unwrap();
        let v6 = v6.iter().filter(|i| i.name == "lo" && i.addr.is_ipv6());
        assert_eq!(
            sockets.iter().filter(|s| s.addr.is_ipv6()).count(),
            v6.count()
        );
    }

    #[test]
    fn without_protocol_all_enabled_ones_are_meant() {
        let line = spec(None, ListenHost::Ip("127.0.0.9".parse().unwrap()), None);
        let twice = [line.clone(), line];
        let sockets = expand(
            &twice,
            &[Proto::Udp, Proto::Tls],
            Ipv6::default(),
            Proto::default_port,
        )
        .unwrap();
        assert_eq!(
            texts(&sockets),
            ["udp:127.0.0.9:5060", "tls:127.0.0.9:5061"]
        );
    }

    #[test]
    fn a_host_name_means_its_first_address() {
        let line = spec(
            Some(Proto::Tcp),
            ListenHost::Name("localhost".into()),
            Some(5070),
        );
        let sockets = expand(&[line], &[], Ipv6::default(), Proto::default_port).unwrap();
        assert_eq!(sockets.len(), 1);
        assert!(sockets[0].addr.ip().is_loopback());
    }

    #[test]
    fn the_default_is_every_local_ipv4_address() {
        let sockets = expand_default(&[Proto::Udp, Proto::Tcp], Ipv6::default(), |_| 5090).unwrap();
        let texts = texts(&sockets);
        assert!(texts.contains(&"udp:127.0.0.1:5090".into()));
        assert!(texts.contains(&"tcp:127.0.0.1:5090".into()));
        assert!(sockets.iter().all(|s| s.addr.is_ipv4()));
    }
}
