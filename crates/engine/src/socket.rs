//! Listening sockets, destinations and "myself".

use std::net::{IpAddr, SocketAddr};

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
            text: text.into(),
        }
    }
}

/// The server's listening sockets and the names it answers to.
#[derive(Default)]
pub struct SocketTable {
    sockets: Vec<ListenSocket>,
    aliases: Vec<Alias>,
    checks: Vec<NameCheck>,
}

/// Says whether a host, port and transport name this server, for reasons of a module's own.
pub type NameCheck = Box<dyn Fn(&[u8], Option<u16>, Option<Proto>) -> bool + Send + Sync>;

/// A name the server answers to, from `alias` lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alias {
    /// Host name in lower case.
    pub host: Bytes,
    /// Port; none matches every port.
    pub port: Option<u16>,
    /// Transport; none matches every transport.
    pub proto: Option<Proto>,
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

    /// All aliases.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
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
            proto.is_none_or(|p| p == s.proto)
                && ((is_host_of(s, host) && port.is_none_or(|p| p == s.address.port()))
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
    /// address, an alias or what a module says. A missing port stands for any.
    #[must_use]
    pub fn is_myself(&self, host: &[u8], port: Option<u16>, proto: Option<Proto>) -> bool {
        self.find(host, port, proto).is_some()
            || self.aliases.iter().any(|a| {
                a.host.eq_ignore_ascii_case(host)
                    && (a.port.is_none() || port.is_none() || a.port == port)
                    && (a.proto.is_none() || proto.is_none() || a.proto == proto)
            })
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

fn same_host(ours: &[u8], theirs: &[u8]) -> bool {
    fn bare(text: &[u8]) -> &[u8] {
        text.strip_prefix(b"[")
            .and_then(|t| t.strip_suffix(b"]"))
            .unwrap_or(text)
    }
    bare(ours).eq_ignore_ascii_case(bare(theirs))
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
