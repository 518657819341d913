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
        }
    }
}
