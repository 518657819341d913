//! The rows of the core's run-time values, in the order in which Kamailio lists them.

use crate::settings::Settings;

/// A value of the core.
pub(super) struct Row {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) start: Start,
    pub(super) range: Option<(i64, i64)>,
    pub(super) view: View,
}

/// What a value is at first.
pub(super) enum Start {
    /// What a parameter with an effect was given.
    From(fn(&Settings) -> i64),
    /// This, unless a parameter of the name was given.
    At(i64),
}

/// What operators may do with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum View {
    /// Read and change it.
    Open,
    /// Change it; Kamailio cannot show it.
    Hidden,
    /// Read it.
    Fixed,
}

const fn row(
    group: &'static str,
    name: &'static str,
    start: Start,
    range: Option<(i64, i64)>,
    help: &'static str,
) -> Row {
    Row {
        group,
        name,
        help,
        start,
        range,
        view: View::Open,
    }
}

impl Row {
    const fn view(mut self, view: View) -> Self {
        self.view = view;
        self
    }
}

fn count<N: TryInto<i64>>(number: N) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

pub(super) const ROWS: &[Row] = &[
    row(
        "core",
        "debug",
        Start::From(|s| i64::from(s.debug)),
        None,
        "log level",
    ),
    row(
        "core",
        "memdbg",
        Start::At(4),
        None,
        "not used: memory has no log",
    ),
    row(
        "core",
        "use_dst_blocklist",
        Start::At(0),
        Some((0, 1)),
        "not used yet: remember destinations that failed",
    )
    .view(View::Hidden),
    row(
        "core",
        "dst_blocklist_expire",
        Start::At(60),
        None,
        "not used yet: seconds that a failed destination is remembered",
    ),
    row(
        "core",
        "dst_blocklist_mem",
        Start::At(250),
        None,
        "not used yet: memory for failed destinations, KB",
    )
    .view(View::Hidden),
    row(
        "core",
        "dst_blocklist_udp_imask",
        Start::At(0),
        None,
        "not used yet: failures over UDP that do not count",
    ),
    row(
        "core",
        "dst_blocklist_tcp_imask",
        Start::At(0),
        None,
        "not used yet: failures over TCP that do not count",
    ),
    row(
        "core",
        "dst_blocklist_tls_imask",
        Start::At(0),
        None,
        "not used yet: failures over TLS that do not count",
    ),
    row(
        "core",
        "dst_blocklist_sctp_imask",
        Start::At(0),
        None,
        "not used yet: failures over SCTP that do not count",
    ),
    row(
        "core",
        "dns_try_ipv6",
        Start::At(0),
        Some((0, 1)),
        "not used yet: ask for IPv6 addresses",
    )
    .view(View::Hidden),
    row(
        "core",
        "dns_try_naptr",
        Start::At(0),
        Some((0, 1)),
        "not used yet: ask for NAPTR records",
    ),
    row(
        "core",
        "dns_udp_pref",
        Start::At(30),
        None,
        "not used yet: preference of UDP among NAPTR records",
    ),
    row(
        "core",
        "dns_tcp_pref",
        Start::At(20),
        None,
        "not used yet: preference of TCP among NAPTR records",
    ),
    row(
        "core",
        "dns_tls_pref",
        Start::At(10),
        None,
        "not used yet: preference of TLS among NAPTR records",
    ),
    row(
        "core",
        "dns_sctp_pref",
        Start::At(20),
        None,
        "not used yet: preference of SCTP among NAPTR records",
    ),
    row(
        "core",
        "dns_retr_time",
        Start::At(-1),
        None,
        "not used: seconds before a question is repeated; -1: as the system does",
    ),
    row(
        "core",
        "dns_slow_query_ms",
        Start::At(0),
        None,
        "not used: milliseconds after which an answer is called slow",
    ),
    row(
        "core",
        "dns_retr_no",
        Start::At(-1),
        None,
        "not used: times that a question is repeated; -1: as the system does",
    ),
    row(
        "core",
        "dns_servers_no",
        Start::At(-1),
        None,
        "not used: how many of the servers are asked; -1: as the system does",
    ),
    row(
        "core",
        "dns_use_search_list",
        Start::At(1),
        Some((0, 1)),
        "not used: try the domains of the search list",
    ),
    row(
        "core",
        "dns_search_full_match",
        Start::At(1),
        Some((0, 1)),
        "not used: answers must fit the search list",
    ),
    row(
        "core",
        "dns_reinit",
        Start::At(0),
        Some((1, 1)),
        "not used: 1 has the resolver read its settings again",
    )
    .view(View::Hidden),
    row(
        "core",
        "dns_naptr_ignore_rfc",
        Start::At(1),
        None,
        "not used yet: ignore the order of NAPTR records",
    ),
    row(
        "core",
        "use_dns_cache",
        Start::At(1),
        Some((0, 1)),
        "not used: answers are always kept",
    )
    .view(View::Hidden),
    row(
        "core",
        "dns_cache_flags",
        Start::At(0),
        Some((0, 4)),
        "not used yet: address families that are asked for",
    ),
    row(
        "core",
        "use_dns_failover",
        Start::At(0),
        Some((0, 1)),
        "try the next address of a name when one fails",
    )
    .view(View::Hidden),
    row(
        "core",
        "dns_srv_lb",
        Start::At(0),
        Some((0, 1)),
        "not used yet: spread requests by the weights of SRV records",
    ),
    row(
        "core",
        "dns_cache_negative_ttl",
        Start::At(60),
        None,
        "not used: seconds that a missing name is remembered",
    ),
    row(
        "core",
        "dns_cache_min_ttl",
        Start::At(0),
        None,
        "not used: seconds that an answer is kept at least",
    ),
    row(
        "core",
        "dns_cache_max_ttl",
        Start::At(-1),
        None,
        "not used: seconds that an answer is kept at most; -1: no limit",
    ),
    row(
        "core",
        "dns_cache_mem",
        Start::At(500),
        None,
        "not used: memory for answers, KB",
    )
    .view(View::Hidden),
    row(
        "core",
        "dns_cache_del_nonexp",
        Start::At(0),
        Some((0, 1)),
        "not used: a full cache may drop answers that still hold",
    ),
    row(
        "core",
        "dns_cache_rec_pref",
        Start::At(0),
        Some((0, 3)),
        "not used: which of two equal records is kept",
    ),
    row(
        "core",
        "mem_dump_pkg",
        Start::At(0),
        None,
        "not used: there are no memory pools",
    ),
    row(
        "core",
        "mem_dump_shm",
        Start::At(0),
        None,
        "not used: there are no memory pools",
    )
    .view(View::Hidden),
    row(
        "core",
        "max_while_loops",
        Start::From(|s| i64::from(s.max_while_loops)),
        Some((0, u32::MAX as i64)),
        "most turns of a while loop",
    ),
    row(
        "core",
        "udp_mtu",
        Start::From(|s| s.udp_mtu),
        Some((0, 65_535)),
        "bytes above which a request leaves by another transport; 0: never",
    ),
    row(
        "core",
        "udp_mtu_try_proto",
        Start::From(|s| s.udp_mtu_try_proto),
        Some((1, 4)),
        "that transport: 1 UDP, 2 TCP, 3 TLS, 4 SCTP",
    ),
    row(
        "core",
        "udp4_raw",
        Start::From(|s| s.udp4_raw),
        Some((-1, 1)),
        "whether udp4_raw_mtu and udp4_raw_ttl count; -1: if the system lets them",
    )
    .view(View::Hidden),
    row(
        "core",
        "udp4_raw_mtu",
        Start::From(|s| s.udp4_raw_mtu),
        Some((28, 65_535)),
        "bytes of a packet above which a datagram is cut; 28: never",
    ),
    row(
        "core",
        "udp4_raw_ttl",
        Start::From(|s| s.udp4_raw_ttl),
        Some((-1, 255)),
        "hops of datagrams over IPv4; -1: as many as the system lets them have",
    )
    .view(View::Hidden),
    row(
        "core",
        "force_rport",
        Start::From(|s| i64::from(s.force_rport)),
        Some((0, 1)),
        "replies go to the port that a request came from",
    ),
    row(
        "core",
        "memlog",
        Start::At(4),
        None,
        "not used: memory has no log",
    ),
    row(
        "core",
        "mem_summary",
        Start::At(12),
        Some((0, 31)),
        "not used: there are no memory pools",
    ),
    row(
        "core",
        "mem_safety",
        Start::At(1),
        None,
        "not used: there are no memory pools",
    ),
    row(
        "core",
        "mem_join",
        Start::At(1),
        None,
        "not used: there are no memory pools",
    ),
    row(
        "core",
        "mem_status_mode",
        Start::At(0),
        None,
        "not used: there are no memory pools",
    ),
    row(
        "core",
        "sip_parser_log_oneline",
        Start::At(0),
        None,
        "not used: the parser writes no lines",
    ),
    row(
        "core",
        "sip_parser_log",
        Start::At(-1),
        None,
        "not used: the parser writes no lines",
    ),
    row(
        "core",
        "corelog",
        Start::From(|s| i64::from(s.corelog)),
        None,
        "level of lines about what is no SIP message",
    ),
    row(
        "core",
        "latency_cfg_log",
        Start::From(|s| i64::from(s.latency_cfg_log)),
        None,
        "level of lines about the time of request_route and reply_route",
    ),
    row(
        "core",
        "latency_log",
        Start::From(|s| i64::from(s.latency_log)),
        None,
        "level of lines about what took too long",
    ),
    row(
        "core",
        "latency_limit_db",
        Start::At(0),
        None,
        "not used: there are no databases yet",
    ),
    row(
        "core",
        "latency_limit_action",
        Start::From(|s| s.latency_limit_action),
        None,
        "microseconds that a function may take; 0: any time",
    ),
    row(
        "core",
        "latency_limit_cfg",
        Start::At(0),
        None,
        "not used: microseconds that a route may take",
    ),
    row(
        "core",
        "pv_cache_limit",
        Start::At(2048),
        None,
        "not used: variables have no cache",
    ),
    row(
        "core",
        "pv_cache_action",
        Start::At(0),
        None,
        "not used: variables have no cache",
    ),
    row(
        "tcp",
        "connect_timeout",
        Start::From(|s| count(s.tcp_connect_timeout)),
        Some((-1, 1 << 27)),
        "seconds that connecting may take",
    )
    .view(View::Hidden),
    row(
        "tcp",
        "send_timeout",
        Start::From(|s| count(s.tcp_send_timeout)),
        Some((-1, 1 << 27)),
        "seconds that a peer may leave bytes unread",
    )
    .view(View::Hidden),
    row(
        "tcp",
        "connection_lifetime",
        Start::From(|s| count(s.tcp_connection_lifetime)),
        Some((-1, 1 << 27)),
        "seconds after which an idle connection is closed",
    )
    .view(View::Hidden),
    row(
        "tcp",
        "max_connections",
        Start::From(|s| count(s.tcp_max_connections)),
        Some((0, i32::MAX as i64)),
        "open connections at most",
    )
    .view(View::Hidden),
    row(
        "tcp",
        "max_tls_connections",
        Start::At(2048),
        Some((0, i32::MAX as i64)),
        "not used: all connections count together",
    )
    .view(View::Hidden),
    row(
        "tcp",
        "no_connect",
        Start::From(|s| i64::from(s.tcp_no_connect)),
        Some((0, 1)),
        "connections are never opened",
    ),
    row(
        "tcp",
        "fd_cache",
        Start::At(1),
        Some((0, 1)),
        "not used: there is one process",
    )
    .view(View::Fixed),
    row(
        "tcp",
        "async",
        Start::At(1),
        Some((0, 1)),
        "writing and connecting never wait (read at the start)",
    )
    .view(View::Fixed),
    row(
        "tcp",
        "connect_wait",
        Start::At(1),
        Some((0, 1)),
        "one connection at a time is opened to a peer (read at the start)",
    )
    .view(View::Fixed),
    row(
        "tcp",
        "conn_wq_max",
        Start::From(|s| count(s.tcp_conn_wq_max)),
        Some((0, 1 << 20)),
        "bytes that may wait for the peer of one connection",
    ),
    row(
        "tcp",
        "wq_max",
        Start::From(|s| count(s.tcp_wq_max)),
        Some((0, 1 << 30)),
        "bytes that may wait for all peers",
    ),
    row(
        "tcp",
        "defer_accept",
        Start::At(0),
        Some((0, 3600)),
        "connections are accepted when something was sent (read at the start)",
    )
    .view(View::Fixed),
    row(
        "tcp",
        "delayed_ack",
        Start::At(1),
        Some((0, 1)),
        "the system may acknowledge a new connection with its first data",
    ),
    row(
        "tcp",
        "syncnt",
        Start::At(0),
        Some((0, 1024)),
        "times that the opening of a connection is repeated; 0: as the system does",
    ),
    row(
        "tcp",
        "linger2",
        Start::At(0),
        Some((0, 3600)),
        "seconds that the system keeps a connection that ends; 0: as it likes",
    ),
    row(
        "tcp",
        "keepalive",
        Start::From(|s| i64::from(s.tcp_keepalive.enabled)),
        Some((0, 1)),
        "the system probes idle connections",
    ),
    row(
        "tcp",
        "keepidle",
        Start::From(|s| i64::from(s.tcp_keepalive.idle.unwrap_or(0))),
        Some((0, 86_400)),
        "seconds of silence before the first probe; 0: as the system does",
    ),
    row(
        "tcp",
        "keepintvl",
        Start::From(|s| i64::from(s.tcp_keepalive.interval.unwrap_or(0))),
        Some((0, 86_400)),
        "seconds between probes; 0: as the system does",
    ),
    row(
        "tcp",
        "keepcnt",
        Start::From(|s| i64::from(s.tcp_keepalive.count.unwrap_or(0))),
        Some((0, 1 << 10)),
        "lost probes after which a connection ends; 0: as the system does",
    ),
    row(
        "tcp",
        "crlf_ping",
        Start::At(1),
        Some((0, 1)),
        "an empty line is answered by one",
    ),
    row(
        "tcp",
        "accept_aliases",
        Start::From(|s| i64::from(s.tcp_accept_aliases)),
        Some((0, 1)),
        "a Via with alias leads to its connection",
    ),
    row(
        "tcp",
        "alias_flags",
        Start::At(1),
        Some((0, 2)),
        "an alias that another connection has: 0 stays its own, 1 is shared, the newer goes first, 2 moves",
    ),
    row(
        "tcp",
        "new_conn_alias_flags",
        Start::At(2),
        Some((0, 2)),
        "an alias that a new connection comes from: 0 stays, 1 is shared, the newer goes first, 2 moves",
    ),
    row(
        "tcp",
        "accept_no_cl",
        Start::From(|s| i64::from(s.tcp_accept_no_cl)),
        Some((0, 1)),
        "messages need no Content-Length",
    ),
    row(
        "tcp",
        "reuse_port",
        Start::At(0),
        Some((0, 1)),
        "connections are opened from the port of the socket",
    ),
    row(
        "tcp",
        "wait_data_ms",
        Start::At(5000),
        Some((0, 7_200_000)),
        "milliseconds that a new connection may stay silent",
    ),
    row(
        "tcp",
        "rd_buf_size",
        Start::From(|s| count(s.tcp_rd_buf_size)),
        Some((512, 16 << 20)),
        "bytes that no message may reach",
    ),
    row(
        "tcp",
        "wq_blk_size",
        Start::At(2100),
        Some((1, 65_535)),
        "not used: queues have no blocks",
    ),
];
