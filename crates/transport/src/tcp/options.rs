//! The limits and times of connections.

use std::time::Duration;

/// TCP keepalive probes of the kernel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keepalive {
    /// Idle time before the first probe (`tcp_keepidle`).
    pub idle: Option<Duration>,
    /// Time between probes (`tcp_keepintvl`).
    pub interval: Option<Duration>,
    /// Lost probes before the connection is given up (`tcp_keepcnt`).
    pub count: Option<u32>,
}

/// What becomes of an address that leads to a connection already when another one comes to be
/// found by it, too.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Taken {
    /// It goes on leading where it led.
    Kept,
    /// It leads to the newer one, and back when that ends.
    #[default]
    Shared,
    /// It leads to the newer one only.
    Replaced,
}

/// The limits and times of connections; the defaults are Kamailio's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TcpOptions {
    /// Connections at most (`tcp_max_connections`).
    pub max_connections: usize,
    /// Connections from or to one address at most; 0 sets no limit.
    pub max_per_ip: usize,
    /// Idle time after which a connection is closed (`tcp_connection_lifetime`).
    pub lifetime: Duration,
    /// Time for connecting (`tcp_connect_timeout`).
    pub connect_timeout: Duration,
    /// Time that a peer may let the queue wait (`tcp_send_timeout`).
    pub send_timeout: Duration,
    /// Bytes queued for one connection at most (`tcp_conn_wq_max`).
    pub queue_per_connection: usize,
    /// Bytes queued for all connections at most (`tcp_wq_max`).
    pub queue_total: usize,
    /// The longest message accepted (below `tcp_rd_buf_size`).
    pub max_message: usize,
    /// Addresses that lead to one connection at most.
    pub max_aliases: usize,
    /// Probes of idle connections (`tcp_keepalive`); off when absent.
    pub keepalive: Option<Keepalive>,
    /// Connections waiting to be accepted.
    pub backlog: u32,
    /// Whether connections are opened at all (`tcp_no_connect`).
    pub connects: bool,
    /// Addresses of both families that connections are opened from (`tcp_source_ipv4`).
    pub source: [Option<std::net::IpAddr>; 2],
    /// Type of service byte of outgoing connections (`tos`).
    pub tos: Option<u8>,
    /// Connections are opened from the port of the socket that they belong to, if the system lets
    /// that be (`tcp_reuse_port`); listeners share their ports for that.
    pub reuse_port: bool,
    /// Of several connections with a peer, one of the socket that is asked for goes first
    /// (`tcp_connection_match`); else the newest with the socket's address.
    pub match_socket: bool,
    /// Seconds that the system keeps a connection back that brings no data
    /// (`tcp_defer_accept`).
    pub defer_accept: Option<u32>,
    /// Seconds that the system keeps a connection whose peer does not end it (`tcp_linger2`).
    pub linger2: Option<u32>,
    /// Times that the opening of a connection is repeated (`tcp_syncnt`).
    pub syn_count: Option<u32>,
    /// The system may acknowledge an opened connection with its first data (`tcp_delayed_ack`).
    pub delayed_ack: bool,
    /// Accepted connections may begin with a header of the PROXY protocol
    /// (`tcp_accept_haproxy`), which everybody can write: only for ports that balancers reach.
    pub proxy_protocol: bool,
    /// Time for that header (`tcp_wait_data`).
    pub wait_data: Duration,
    /// What becomes of an alias that another connection has (`tcp.alias_flags`).
    pub alias_taken: Taken,
    /// What becomes of aliases that are a new connection's address (`tcp.new_conn_alias_flags`).
    pub peer_taken: Taken,
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self {
            max_connections: 2048,
            max_per_ip: 0,
            lifetime: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(10),
            queue_per_connection: 32 * 1024,
            queue_total: 10 * 1024 * 1024,
            max_message: 16 * 1024 - 1,
            max_aliases: 12,
            keepalive: Some(Keepalive {
                idle: None,
                interval: None,
                count: None,
            }),
            backlog: 1024,
            connects: true,
            source: [None; 2],
            tos: None,
            reuse_port: false,
            match_socket: false,
            defer_accept: None,
            linger2: None,
            syn_count: None,
            delayed_ack: true,
            proxy_protocol: false,
            wait_data: Duration::from_secs(5),
            alias_taken: Taken::Shared,
            peer_taken: Taken::Replaced,
        }
    }
}
