//! Locating the servers of a SIP destination (RFC 3263 §4).
//!
//! | the destination has | protocol | addresses |
//! |---|---|---|
//! | an IP address | as given, else UDP | the address |
//! | a port | as given, else UDP | A, else AAAA |
//! | neither, `naptr` on | NAPTR, else SRV in order of preference | SRV, then A, else AAAA |
//! | neither, `naptr` off | as given, else UDP | SRV, then A, else AAAA |
//!
//! A `sips` destination has TLS in place of UDP throughout.

use std::net::{IpAddr, SocketAddr};

use super::{
    LocateOptions, LookupError, Resolver, Srv,
    lookup::{Source, ip_literal},
    naptr,
    srv::{by_priority, order_by_weight},
};
use crate::Proto;

/// Servers of one SRV set that are looked up at most.
const MAX_SERVERS: usize = 16;

/// What a URI says about where to send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Destination<'u> {
    /// The host: a name, or an address with or without brackets.
    pub host: &'u str,
    /// The port, if there is one.
    pub port: Option<u16>,
    /// The protocol, if there is one.
    pub proto: Option<Proto>,
    /// Whether the scheme is `sips`.
    pub secure: bool,
}

/// A server to try.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Candidate {
    /// The protocol.
    pub proto: Proto,
    /// The address.
    pub addr: SocketAddr,
}

impl Destination<'_> {
    fn default_proto(&self) -> Proto {
        match (self.proto, self.secure) {
            (None | Some(Proto::Udp | Proto::Tcp), true) => Proto::Tls,
            (None, false) => Proto::Udp,
            (Some(proto), _) => proto,
        }
    }

    /// The only candidate, when the host is an address.
    #[must_use]
    pub fn literal(&self) -> Option<Candidate> {
        let proto = self.default_proto();
        let port = self.port.unwrap_or_else(|| proto.default_port());
        Some(Candidate {
            proto,
            addr: SocketAddr::new(ip_literal(self.host)?, port),
        })
    }
}

impl Resolver {
    /// The servers of a destination in the order in which to try them, at
    /// least one. `random(n)` returns a number from 0 to `n` inclusive; it
    /// draws among SRV records.
    pub async fn locate(
        &self,
        destination: &Destination<'_>,
        options: &LocateOptions,
        random: &mut (dyn FnMut(u32) -> u32 + Send),
    ) -> Result<Vec<Candidate>, LookupError> {
        self.locate_from(Source::Servers, destination, options, random)
            .await
    }

    pub(super) async fn locate_from(
        &self,
        source: Source,
        destination: &Destination<'_>,
        options: &LocateOptions,
        random: &mut (dyn FnMut(u32) -> u32 + Send),
    ) -> Result<Vec<Candidate>, LookupError> {
        if let Some(candidate) = destination.literal() {
            return Ok(vec![candidate]);
        }
        let mut search = Search {
            resolver: self,
            source,
            options,
            random,
            found: Vec::new(),
            last: LookupError::NotFound,
        };
        search.run(destination).await?;
        if !search.found.is_empty() {
            return Ok(search.found);
        }
        Err(search.last)
    }
}

/// A location under way.
struct Search<'r> {
    resolver: &'r Resolver,
    source: Source,
    options: &'r LocateOptions,
    random: &'r mut (dyn FnMut(u32) -> u32 + Send),
    found: Vec<Candidate>,
    last: LookupError,
}

impl Search<'_> {
    async fn run(&mut self, to: &Destination<'_>) -> Result<(), LookupError> {
        let proto = to.default_proto();
        let port = to.port.unwrap_or_else(|| proto.default_port());
        let plain = to.port.is_some() || !self.options.srv || self.resolver.is_fixed(to.host);
        if plain {
            return self.hosts(proto, to.host, port).await;
        }
        if to.proto.is_some() || !self.options.naptr {
            self.service(proto, &srv_name(proto, to.host)).await?;
        } else {
            self.services(to).await?;
        }
        if self.found.is_empty() {
            self.hosts(proto, to.host, port).await?;
        }
        Ok(())
    }

    /// NAPTR, or without such records the SRV names in order of preference.
    async fn services(&mut self, to: &Destination<'_>) -> Result<(), LookupError> {
        let looked_up = self.resolver.naptr(to.host, self.source).await;
        if let Some(records) = self.note(looked_up)? {
            for service in naptr::services(&records, self.options, to.secure) {
                self.service(service.proto, service.srv_name).await?;
            }
        }
        for proto in self.options.by_preference() {
            if (!to.secure || proto.is_secure()) && self.found.is_empty() {
                self.service(proto, &srv_name(proto, to.host)).await?;
            }
        }
        Ok(())
    }

    /// The servers of an SRV set. A target of `.`, "not offered here", is
    /// passed over and the host itself is tried later, as Kamailio does.
    async fn service(&mut self, proto: Proto, name: &str) -> Result<(), LookupError> {
        if self.is_full() {
            return Ok(());
        }
        let looked_up = self.resolver.srv(name, self.source).await;
        let Some(records) = self.note(looked_up)? else {
            return Ok(());
        };
        let ordered: Vec<Srv> = if self.options.weigh {
            order_by_weight(&records, &mut *self.random)
        } else {
            by_priority(&records)
        };
        let named = ordered.iter().filter(|server| !server.target.is_empty());
        for server in named.take(MAX_SERVERS) {
            self.hosts(proto, &server.target, server.port).await?;
        }
        Ok(())
    }

    /// The addresses of a host: those of the preferred family, and of the
    /// other one only when it has none.
    async fn hosts(&mut self, proto: Proto, host: &str, port: u16) -> Result<(), LookupError> {
        if self.is_full() {
            return Ok(());
        }
        let ipv6_first = self.options.prefer_ipv6;
        for ipv6 in [ipv6_first, !ipv6_first] {
            let before = self.found.len();
            if ipv6 && self.options.ipv6 {
                let looked_up = self.resolver.aaaa(host, self.source).await;
                let addrs = self.note(looked_up)?;
                self.add(proto, port, addrs.iter().flat_map(|a| a.iter().copied()));
            } else if !ipv6 && self.options.ipv4 {
                let looked_up = self.resolver.a(host, self.source).await;
                let addrs = self.note(looked_up)?;
                self.add(proto, port, addrs.iter().flat_map(|a| a.iter().copied()));
            }
            if self.found.len() > before {
                break;
            }
        }
        Ok(())
    }

    fn add(&mut self, proto: Proto, port: u16, addrs: impl Iterator<Item = impl Into<IpAddr>>) {
        for addr in addrs {
            let addr = SocketAddr::new(addr.into(), port);
            let candidate = Candidate { proto, addr };
            if !self.is_full() && !self.found.contains(&candidate) {
                self.found.push(candidate);
            }
        }
    }

    /// Whether there are enough candidates, so that nobody need be asked.
    fn is_full(&self) -> bool {
        self.found.len() >= self.options.max_candidates.max(1)
    }

    /// Goes on after a lookup without answer, except when the cache alone may
    /// answer: what is not in it would change the outcome.
    fn note<T>(&mut self, looked_up: Result<T, LookupError>) -> Result<Option<T>, LookupError> {
        match looked_up {
            Ok(records) => Ok(Some(records)),
            Err(LookupError::NotCached) => Err(LookupError::NotCached),
            Err(error) => {
                // "No such records" of a later question must not hide that
                // the servers failed on an earlier one.
                if self.last == LookupError::NotFound {
                    self.last = error;
                }
                Ok(None)
            }
        }
    }
}

/// The SRV name of a protocol in a domain (RFC 3263 §4.1, RFC 4168 §5).
fn srv_name(proto: Proto, domain: &str) -> String {
    let prefix = match proto {
        Proto::Udp => "_sip._udp.",
        Proto::Tcp | Proto::Ws => "_sip._tcp.",
        Proto::Tls | Proto::Wss => "_sips._tcp.",
        Proto::Sctp => "_sip._sctp.",
    };
    format!("{prefix}{domain}")
}
