//! How names are resolved; the defaults are Kamailio's.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crate::Proto;

/// How records are looked up and kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResolverConfig {
    /// The servers to ask; those of `/etc/resolv.conf` when empty.
    pub servers: Vec<SocketAddr>,
    /// The file of fixed names; none when absent.
    pub hosts_file: Option<PathBuf>,
    /// Time for one attempt (`dns_retr_time`).
    pub timeout: Duration,
    /// Attempts after the first (`dns_retr_no`).
    pub retries: usize,
    /// Complete short names with the search list (`dns_use_search_list`).
    pub use_search_list: bool,
    /// Names and types kept at most.
    pub cache_entries: usize,
    /// Records are kept at least so long (`dns_cache_min_ttl`).
    pub min_ttl: Duration,
    /// Records are kept at most so long (`dns_cache_max_ttl`).
    pub max_ttl: Duration,
    /// "No such name" is kept so long when the answer does not say
    /// (`dns_cache_negative_ttl`).
    pub negative_ttl: Duration,
    /// A failure of the servers is kept so long.
    pub failure_ttl: Duration,
    /// Different questions on their way at most.
    pub max_in_flight: usize,
}

impl Default for ResolverConfig {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            hosts_file: Some(PathBuf::from("/etc/hosts")),
            timeout: Duration::from_secs(5),
            retries: 2,
            use_search_list: true,
            cache_entries: 4096,
            min_ttl: Duration::ZERO,
            max_ttl: Duration::from_secs(u32::MAX as u64),
            negative_ttl: Duration::from_secs(60),
            failure_ttl: Duration::from_secs(1),
            max_in_flight: 1024,
        }
    }
}

/// Which protocol to prefer when a domain offers several. Higher is better; a
/// negative value forbids the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProtoPreference {
    /// `dns_udp_pref`.
    pub udp: i32,
    /// `dns_tcp_pref`.
    pub tcp: i32,
    /// `dns_tls_pref`.
    pub tls: i32,
    /// `dns_sctp_pref`.
    pub sctp: i32,
}

impl ProtoPreference {
    /// The preference of a protocol; what has none is never looked up.
    pub fn of(&self, proto: Proto) -> i32 {
        match proto {
            Proto::Udp => self.udp,
            Proto::Tcp => self.tcp,
            Proto::Tls => self.tls,
            Proto::Sctp => self.sctp,
            Proto::Ws | Proto::Wss => -1,
        }
    }
}

/// How a server is located.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocateOptions {
    /// Ask for NAPTR records first (`dns_try_naptr`).
    pub naptr: bool,
    /// Ask for SRV records.
    pub srv: bool,
    /// Share load by SRV weight (`dns_srv_lb`); heavier first otherwise.
    pub weigh: bool,
    /// Use IPv4 addresses.
    pub ipv4: bool,
    /// Use IPv6 addresses of hosts without IPv4 ones (`dns_try_ipv6`).
    pub ipv6: bool,
    /// The other way round: IPv4 only for hosts without IPv6.
    pub prefer_ipv6: bool,
    /// Follow our preference before the domain's order (`dns_naptr_ignore_rfc`).
    pub ignore_naptr_order: bool,
    /// The protocols that the server can send with.
    pub protos: Vec<Proto>,
    /// Which of them are liked best.
    pub preference: ProtoPreference,
    /// Addresses returned at most. With 1 (no `use_dns_failover`), the first
    /// one found ends the search.
    pub max_candidates: usize,
}

impl LocateOptions {
    /// Whether a protocol may be chosen for a destination that names none.
    pub(super) fn can_use(&self, proto: Proto) -> bool {
        self.protos.contains(&proto) && self.preference.of(proto) >= 0
    }

    /// The usable protocols, the best liked first.
    pub(super) fn by_preference(&self) -> Vec<Proto> {
        let mut protos = self.protos.clone();
        protos.retain(|proto| self.can_use(*proto));
        protos.sort_by_key(|proto| -i64::from(self.preference.of(*proto)));
        protos
    }
}

impl Default for LocateOptions {
    fn default() -> Self {
        Self {
            naptr: false,
            srv: true,
            weigh: false,
            ipv4: true,
            ipv6: true,
            prefer_ipv6: false,
            ignore_naptr_order: true,
            protos: vec![Proto::Udp, Proto::Tcp],
            preference: ProtoPreference {
                udp: 30,
                tcp: 20,
                tls: 10,
                sctp: 20,
            },
            max_candidates: 32,
        }
    }
}
