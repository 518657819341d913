//! Asking the servers: one question, one answer and the time it is good for.

use std::{sync::Arc, time::Duration};

use hickory_resolver::{
    Name, TokioResolver,
    config::{
        LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig as ClientConfig,
        ResolverOpts,
    },
    lookup::Lookup,
    name_server::TokioConnectionProvider,
    proto::{
        ProtoErrorKind,
        op::ResponseCode,
        rr::{RData, RecordType},
        xfer::Protocol,
    },
};

use super::{LookupError, Naptr, RecordKind, Records, ResolverConfig, Srv, cache::Answer};

/// The client that speaks DNS.
pub(super) struct Client {
    resolver: TokioResolver,
    use_search_list: bool,
    negative_ttl: Duration,
    failure_ttl: Duration,
}

impl Client {
    /// A client of the configured servers, or of the system's. A system
    /// without `resolv.conf` asks the local host, as resolv.conf(5) says.
    pub(super) fn new(config: &ResolverConfig) -> Self {
        let (mut client, mut options) = hickory_resolver::system_conf::read_system_conf()
            .unwrap_or_else(|_| (ClientConfig::new(), ResolverOpts::default()));
        if !config.servers.is_empty() || client.name_servers().is_empty() {
            client = with_servers(&client, config);
        }
        options.timeout = config.timeout;
        options.attempts = config.retries;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.preserve_intermediates = true;
        let provider = TokioConnectionProvider::default();
        Self {
            resolver: TokioResolver::builder_with_config(client, provider)
                .with_options(options)
                .build(),
            use_search_list: config.use_search_list,
            negative_ttl: config.negative_ttl,
            failure_ttl: config.failure_ttl,
        }
    }

    /// Asks the servers.
    pub(super) async fn ask(&self, kind: RecordKind, name: &str) -> (Answer, Duration) {
        let Ok(mut name) = Name::from_utf8(name) else {
            return (Err(LookupError::InvalidName), Duration::ZERO);
        };
        // A name with a final dot is never completed from the search list.
        name.set_fqdn(!self.use_search_list || kind == RecordKind::Ptr);
        let record_type = match kind {
            RecordKind::A => RecordType::A,
            RecordKind::Aaaa => RecordType::AAAA,
            RecordKind::Srv => RecordType::SRV,
            RecordKind::Naptr => RecordType::NAPTR,
            RecordKind::Ptr => RecordType::PTR,
        };
        match self.resolver.lookup(name, record_type).await {
            Ok(found) => match records(kind, &found) {
                Some(records) => (Ok(records), ttl(&found)),
                None => (Err(LookupError::NotFound), self.negative_ttl),
            },
            Err(error) => self.failure(error.proto().map(|error| error.kind())),
        }
    }

    fn failure(&self, kind: Option<&ProtoErrorKind>) -> (Answer, Duration) {
        match kind {
            Some(ProtoErrorKind::NoRecordsFound {
                negative_ttl,
                response_code: ResponseCode::NXDomain | ResponseCode::NoError,
                ..
            }) => {
                let ttl = negative_ttl.map(|seconds| Duration::from_secs(seconds.into()));
                (Err(LookupError::NotFound), ttl.unwrap_or(self.negative_ttl))
            }
            Some(ProtoErrorKind::Timeout) => (Err(LookupError::Timeout), self.failure_ttl),
            _ => (Err(LookupError::ServerFailure), self.failure_ttl),
        }
    }
}

fn with_servers(system: &ClientConfig, config: &ResolverConfig) -> ClientConfig {
    const LOCAL: [std::net::SocketAddr; 1] = [std::net::SocketAddr::new(
        std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        53,
    )];
    let servers = if config.servers.is_empty() {
        &LOCAL[..]
    } else {
        &config.servers
    };
    let mut client =
        ClientConfig::from_parts(system.domain().cloned(), system.search().to_vec(), vec![]);
    for &server in servers {
        // TCP is for answers that do not fit into a datagram.
        client.add_name_server(NameServerConfig::new(server, Protocol::Udp));
        client.add_name_server(NameServerConfig::new(server, Protocol::Tcp));
    }
    client
}

/// The records of the wanted type; nothing when there are none.
fn records(kind: RecordKind, found: &Lookup) -> Option<Records> {
    match kind {
        RecordKind::A => collect(found, |data| match data {
            RData::A(addr) => Some(addr.0),
            _ => None,
        })
        .map(Records::A),
        RecordKind::Aaaa => collect(found, |data| match data {
            RData::AAAA(addr) => Some(addr.0),
            _ => None,
        })
        .map(Records::Aaaa),
        RecordKind::Srv => collect(found, |data| match data {
            RData::SRV(srv) => Some(Srv {
                priority: srv.priority(),
                weight: srv.weight(),
                port: srv.port(),
                target: text(srv.target()),
            }),
            _ => None,
        })
        .map(Records::Srv),
        RecordKind::Naptr => collect(found, |data| match data {
            RData::NAPTR(naptr) => Some(Naptr {
                order: naptr.order(),
                preference: naptr.preference(),
                flags: naptr.flags().into(),
                service: naptr.services().into(),
                regexp: naptr.regexp().into(),
                replacement: text(naptr.replacement()),
            }),
            _ => None,
        })
        .map(Records::Naptr),
        RecordKind::Ptr => collect(found, |data| match data {
            RData::PTR(ptr) => Some(ptr.0.to_ascii().trim_end_matches('.').into()),
            _ => None,
        })
        .map(Records::Ptr),
    }
}

fn collect<T>(found: &Lookup, wanted: impl Fn(&RData) -> Option<T>) -> Option<Arc<[T]>> {
    let records: Arc<[T]> = found.iter().filter_map(wanted).collect();
    (!records.is_empty()).then_some(records)
}

/// A name in lower case without the final dot; the root is empty.
fn text(name: &Name) -> Box<str> {
    let text = name.to_utf8().to_ascii_lowercase();
    text.trim_end_matches('.').into()
}

/// The shortest time to live in the answer, aliases on the way included.
fn ttl(found: &Lookup) -> Duration {
    let shortest = found.record_iter().map(|record| record.ttl()).min();
    Duration::from_secs(shortest.unwrap_or(0).into())
}
