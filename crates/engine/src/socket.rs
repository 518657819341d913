//! Listening sockets, destinations and "myself".

use std::net::{IpAddr, SocketAddr};

use arc_swap::ArcSwap;
use bytes::Bytes;

/// A SIP transport.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Proto {
    /// Datagrams.
    #[default]
    Udp,
    /// Streams.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// SCTP.
    Sctp,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Proto {
    /// All of them, in Kamailio's numbering order (UDP is 1).
    pub const ALL: [Self; 6] = [
        Self::Udp,
        Self::Tcp,
        Self::Tls,
        Self::Sctp,
        Self::Ws,
        Self::Wss,
    ];

    /// The name as it stands in a Via (`UDP`).
    #[must_use]
    pub fn via_name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Sctp => "SCTP",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// The name as it stands in a URI parameter and in `listen` (`udp`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Sctp => "sctp",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The transport of this name, in any case.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|p| p.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// Kamailio's number for it (`PROTO_UDP` is 1), which scripts and databases see.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Udp => 1,
            Self::Tcp => 2,
            Self::Tls => 3,
            Self::Sctp => 4,
            Self::Ws => 5,
            Self::Wss => 6,
        }
    }

    /// Whether retransmissions are the transport's business (RFC 3261 section 17).
    #[must_use]
    pub fn is_reliable(self) -> bool {
        self != Self::Udp
    }

    /// The port meant when none is written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Tls | Self::Wss => 5061,
            _ => 5060,
        }
    }
}

/// Index of a listening socket; stable for the life of the process.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SocketId(pub u16);

/// Identifies a stream connection for as long as it is open.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(pub u64);

/// A socket that the server listens on, with the texts that go into messages made ready.
#[derive(Clone, Debug)]
pub struct ListenSocket {
    /// Its index in the table.
    pub id: SocketId,
    /// Transport.
    pub proto: Proto,
    /// Bound address and port.
    pub address: SocketAddr,
    /// The address as text, IPv6 in brackets.
    pub host: Bytes,
    /// The port as text.
    pub port: Bytes,
    /// Host to advertise in Via and Record-Route, if not the address.
    pub advertised_host: Option<Bytes>,
    /// Port to advertise.
    pub advertised_port: Option<u16>,
    /// `name` of the listen line.
    pub name: Option<Bytes>,
    /// The host that the listen line names, if that is no address: it means this socket, too.
    pub host_name: Option<Bytes>,
    /// `udp:127.0.0.1:5060`.
    pub text: Bytes,
}

impl ListenSocket {
    /// A socket without advertised address.
    #[must_use]
    pub fn new(id: SocketId, proto: Proto, address: SocketAddr) -> Self {
        let host = crate::net::host_text(address.ip());
        let port = address.port().to_string();
        let text = format!("{}:{host}:{port}", proto.name());
        Self {
            id,
            proto,
            address,
            host: host.into(),
            port: port.into(),
            advertised_host: None,
            advertised_port: None,
            name: None,
            host_name: None,
            text: text.into(),
        }
    }

    /// The host as the listen line has it, without brackets.
    #[must_use]
    pub fn own_name(&self) -> Bytes {
        self.host_name.clone().unwrap_or_else(|| self.bare_host())
    }

    /// The address as text, without brackets.
    #[must_use]
    pub fn bare_host(&self) -> Bytes {
        self.host.slice_ref(bare(&self.host))
    }
}

/// The server's listening sockets and the names it answers to.
#[derive(Default)]
pub struct SocketTable {
    sockets: Vec<ListenSocket>,
    aliases: Vec<Alias>,
    /// Names of the sockets' addresses, in the order of [`Self::by_transport`].
    learned: ArcSwap<Vec<(Rank, Alias)>>,
    checks: Vec<NameCheck>,
}

/// Where a socket stands in lists.
type Rank = (i64, SocketId);

/// Says whether a host, port and transport name this server, for reasons of a module's own.
pub type NameCheck = Box<dyn Fn(&[u8], Option<u16>, Option<Proto>) -> bool + Send + Sync>;

/// A name the server answers to, from `alias` lines or as the name of an address of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alias {
    /// Host name.
    pub host: Bytes,
    /// Port; none matches every port.
    pub port: Option<u16>,
    /// Transport; none matches every transport.
    pub proto: Option<Proto>,
}

impl Alias {
    fn is(&self, host: &[u8], port: Option<u16>, proto: Option<Proto>) -> bool {
        self.host.eq_ignore_ascii_case(host)
            && (self.port.is_none() || port.is_none() || self.port == port)
            && (self.proto.is_none() || proto.is_none() || self.proto == proto)
    }
}

impl SocketTable {
    /// A table of these sockets, whose ids must be their positions.
    #[must_use]
    pub fn new(sockets: Vec<ListenSocket>, aliases: Vec<Alias>) -> Self {
        debug_assert!(
            sockets
                .iter()
                .enumerate()
                .all(|(i, s)| usize::from(s.id.0) == i)
        );
        Self {
            sockets,
            aliases,
            learned: ArcSwap::default(),
            checks: Vec::new(),
        }
    }

    /// Asks this too whether a name is ours.
    pub fn add_check(&mut self, check: NameCheck) {
        self.checks.push(check);
    }

    /// All sockets in the order they were configured.
    #[must_use]
    pub fn all(&self) -> &[ListenSocket] {
        &self.sockets
    }

    /// As [`Self::all`], those of one transport behind those of another: for lists.
    #[must_use]
    pub fn by_transport(&self) -> Vec<&ListenSocket> {
        let mut sockets: Vec<&ListenSocket> = self.sockets.iter().collect();
        sockets.sort_by_key(|socket| socket.proto.number());
        sockets
    }

    /// All aliases, the latest first.
    #[must_use]
    pub fn aliases(&self) -> Vec<Alias> {
        let learned = self.learned.load();
        let learned = learned.iter().map(|(_, alias)| alias);
        self.aliases.iter().chain(learned).rev().cloned().collect()
    }

    /// The names of a socket's address are this server's, too, on the socket's port and transport.
    /// Can be called while messages are in work.
    pub fn learn(&self, id: SocketId, names: &[Bytes]) {
        let Some(socket) = self.by_id(id) else {
            return;
        };
        let is_new = |name: &&Bytes| !socket.own_name().eq_ignore_ascii_case(name);
        let alias = |name: &Bytes| Alias {
            host: name.clone(),
            port: Some(socket.address.port()),
            proto: Some(socket.proto),
        };
        let names: Vec<Alias> = names.iter().filter(is_new).map(alias).collect();
        self.learned.rcu(|known| {
            let mut all = known.to_vec();
            let mut added = names.clone();
            added.retain(|alias| self.aliases.iter().all(|given| given != alias));
            let rank = (socket.proto.number(), id);
            all.extend(added.into_iter().map(|alias| (rank, alias)));
            // Answers come in any order.
            all.sort_by_key(|(rank, _)| *rank);
            all
        });
    }

    /// One socket.
    #[must_use]
    pub fn by_id(&self, id: SocketId) -> Option<&ListenSocket> {
        self.sockets.get(usize::from(id.0))
    }

    /// The first socket of a transport in the address family of `peer`: what a message is sent
    /// from when nothing else decides.
    #[must_use]
    pub fn first_for(&self, proto: Proto, peer: IpAddr) -> Option<&ListenSocket> {
        self.sockets
            .iter()
            .find(|s| s.proto == proto && s.address.is_ipv4() == peer.is_ipv4())
    }

    /// The socket bound to this address (`host` may be text of an address), port and transport;
    /// `None` for port or transport matches any.
    #[must_use]
    pub fn find(
        &self,
        host: &[u8],
        port: Option<u16>,
        proto: Option<Proto>,
    ) -> Option<&ListenSocket> {
        self.sockets.iter().find(|s| {
            let is_named = |h: &Bytes| h.eq_ignore_ascii_case(host);
            proto.is_none_or(|p| p == s.proto)
                && ((port.is_none_or(|p| p == s.address.port())
                    && (is_host_of(s, host) || s.host_name.as_ref().is_some_and(is_named)))
                    || s.advertised_host.as_ref().is_some_and(|h| {
                        // As in Kamailio, the port it is bound to goes with either host.
                        same_host(h, host)
                            && port.is_none_or(|p| {
                                p == s.address.port() || s.advertised_port == Some(p)
                            })
                    }))
        })
    }

    /// Whether host, port and transport name this server: a listening socket, an advertised
    /// address, an alias, a name of an address or what a module says. A missing port stands for
    /// any.
    #[must_use]
    pub fn is_myself(&self, host: &[u8], port: Option<u16>, proto: Option<Proto>) -> bool {
        self.find(host, port, proto).is_some()
            || self.aliases.iter().any(|a| a.is(host, port, proto))
            || self
                .learned
                .load()
                .iter()
                .any(|(_, a)| a.is(host, port, proto))
            || self.checks.iter().any(|check| check(host, port, proto))
    }

    /// Whether an address is one that the server listens on, on any port.
    #[must_use]
    pub fn is_my_address(&self, address: IpAddr) -> bool {
        self.sockets.iter().any(|s| s.address.ip() == address)
    }
}

/// Whether a host is the address of a socket, however it is written.
fn is_host_of(socket: &ListenSocket, host: &[u8]) -> bool {
    same_host(&socket.host, host)
        || (socket.address.is_ipv6()
            && std::str::from_utf8(host)
                .ok()
                .and_then(crate::net::parse_address)
                .is_some_and(|address| address == socket.address.ip()))
}

fn bare(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"[")
        .and_then(|t| t.strip_suffix(b"]"))
        .unwrap_or(text)
}

fn same_host(ours: &[u8], theirs: &[u8]) -> bool {
    ours == theirs || bare(ours).eq_ignore_ascii_case(bare(theirs))
}

/// How a message came in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Received {
    /// Transport.
    pub proto: Proto,
    /// Who sent it.
    pub source: SocketAddr,
    /// The local address it was sent to.
    pub destination: SocketAddr,
    /// The socket it came in by.
    pub socket: SocketId,
    /// The stream connection it came in by.
    pub connection: Option<ConnectionId>,
}

/// Where to send a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Destination {
    /// Transport.
    pub proto: Proto,
    /// The peer.
    pub peer: SocketAddr,
    /// The socket to send from (for streams: whose address to connect from).
    pub socket: SocketId,
    /// The connection to use if it is still open.
    pub connection: Option<ConnectionId>,
    /// Only use an open connection, never make one.
    pub no_connect: bool,
    /// Close the connection when this is sent.
    pub close: bool,
}

impl Destination {
    /// The way back to the sender of a received message.
    #[must_use]
    pub fn back_to(received: &Received) -> Self {
        Self {
            proto: received.proto,
            peer: received.source,
            socket: received.socket,
            connection: received.connection,
            no_connect: false,
            close: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> SocketTable {
        let mut udp = ListenSocket::new(SocketId(1), Proto::Udp, ([192, 0, 2, 1], 5070).into());
        udp.host_name = Some(Bytes::from_static(b"Edge"));
        let tcp = ListenSocket::new(SocketId(0), Proto::Tcp, ([192, 0, 2, 1], 5060).into());
        let given = Alias {
            host: Bytes::from_static(b"given"),
            port: None,
            proto: None,
        };
        SocketTable::new(vec![tcp, udp], vec![given])
    }

    #[test]
    fn a_host_name_of_a_listen_line_is_its_socket() {
        let table = table();
        assert!(table.is_myself(b"edge", Some(5070), None));
        assert!(!table.is_myself(b"edge", Some(5060), None));
        let found = table.find(b"EDGE", None, Some(Proto::Udp));
        assert_eq!(found.map(|socket| socket.id), Some(SocketId(1)));
    }

    #[test]
    fn learned_names_stand_in_one_order() {
        let (first, second) = (table(), table());
        let names = [Bytes::from_static(b"edge"), Bytes::from_static(b"a.Test")];
        for id in [SocketId(0), SocketId(1)] {
            first.learn(id, &names);
        }
        for id in [SocketId(1), SocketId(0)] {
            second.learn(id, &names);
        }
        assert_eq!(first.aliases(), second.aliases());
        // A socket that is called so is no alias.
        let hosts: Vec<Bytes> = first
            .aliases()
            .into_iter()
            .map(|alias| alias.host)
            .collect();
        assert_eq!(hosts, ["a.Test", "edge", "a.Test", "given"]);
        assert!(first.is_myself(b"A.test", Some(5060), Some(Proto::Tcp)));
        assert!(!first.is_myself(b"A.test", Some(5060), Some(Proto::Udp)));
    }
}
