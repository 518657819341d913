//! Looking up records: the hosts file, the cache, then the servers, with one
//! question on its way per name and type however many ask.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use ahash::RandomState;
use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::{sync::OnceCell, time::Instant};

use super::{
    CacheEntry, CacheStats, Naptr, RecordKind, Records, ResolverConfig, Srv,
    cache::{Answer, Cache, Question},
    hosts::Hosts,
    query::Client,
};

/// The longest name that DNS knows, as text.
const MAX_NAME: usize = 253;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LookupError {
    /// The name has no such records.
    #[error("no such records")]
    NotFound,
    /// The servers did not answer in time.
    #[error("the name servers did not answer")]
    Timeout,
    /// The servers answered with an error, or could not be reached.
    #[error("the name servers failed")]
    ServerFailure,
    /// The text cannot be a name.
    #[error("not a domain name")]
    InvalidName,
    /// Too many questions are on their way.
    #[error("too many lookups at once")]
    Busy,
    /// The answer is not in the cache, and asking was not allowed.
    #[error("not in the cache")]
    NotCached,
}

/// Where an answer may come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    /// The hosts file and the cache: never waits.
    Cache,
    /// The servers too.
    Servers,
}

type InFlight = Mutex<HashMap<Question, Arc<OnceCell<Answer>>, RandomState>>;

/// Looks up names. Lookups must run on a tokio runtime.
pub struct Resolver {
    config: ResolverConfig,
    client: Client,
    hosts: Hosts,
    cache: Cache,
    in_flight: InFlight,
}

impl Resolver {
    /// A resolver; reads the hosts file.
    pub fn new(config: ResolverConfig) -> io::Result<Self> {
        let hosts = match &config.hosts_file {
            Some(path) => Hosts::read(path)?,
            None => Hosts::default(),
        };
        Ok(Self {
            client: Client::new(&config),
            hosts,
            cache: Cache::new(config.cache_entries),
            in_flight: Mutex::default(),
            config,
        })
    }

    /// The IPv4 addresses of a host.
    pub async fn lookup_a(&self, host: &str) -> Result<Arc<[Ipv4Addr]>, LookupError> {
        self.a(host, Source::Servers).await
    }

    /// The IPv6 addresses of a host.
    pub async fn lookup_aaaa(&self, host: &str) -> Result<Arc<[Ipv6Addr]>, LookupError> {
        self.aaaa(host, Source::Servers).await
    }

    /// The servers of a service, such as `_sip._udp.example.org`, in no order.
    pub async fn lookup_srv(&self, name: &str) -> Result<Arc<[Srv]>, LookupError> {
        self.srv(name, Source::Servers).await
    }

    /// The services of a domain, in no order.
    pub async fn lookup_naptr(&self, name: &str) -> Result<Arc<[Naptr]>, LookupError> {
        self.naptr(name, Source::Servers).await
    }

    /// The names of an address: what the first line of the hosts file about it says, else the
    /// first that DNS knows, which is not asked about the local host. Written as they stand there.
    pub async fn names_of(&self, addr: IpAddr) -> Result<Arc<[Box<str>]>, LookupError> {
        self.names(addr, Source::Servers).await
    }

    /// Forgets all answers.
    pub fn clear_cache(&self) {
        self.cache.clear();
    }

    /// Counts of the cache.
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }

    /// The answers in the cache, in no order.
    pub fn cache_entries(&self) -> Vec<CacheEntry> {
        self.cache.list(Instant::now())
    }

    pub(super) async fn a(
        &self,
        host: &str,
        source: Source,
    ) -> Result<Arc<[Ipv4Addr]>, LookupError> {
        match ip_literal(host) {
            Some(IpAddr::V4(addr)) => return Ok([addr].into()),
            Some(IpAddr::V6(_)) => return Err(LookupError::NotFound),
            None => {}
        }
        let name = normalize(host)?;
        if self.hosts.contains(&name) {
            let fixed = self.hosts.v4(&name);
            return non_empty(fixed);
        }
        match self.answer((RecordKind::A, name), source).await? {
            Records::A(addrs) => Ok(addrs),
            _ => Err(LookupError::NotFound),
        }
    }

    pub(super) async fn aaaa(
        &self,
        host: &str,
        source: Source,
    ) -> Result<Arc<[Ipv6Addr]>, LookupError> {
        match ip_literal(host) {
            Some(IpAddr::V6(addr)) => return Ok([addr].into()),
            Some(IpAddr::V4(_)) => return Err(LookupError::NotFound),
            None => {}
        }
        let name = normalize(host)?;
        if self.hosts.contains(&name) {
            let fixed = self.hosts.v6(&name);
            return non_empty(fixed);
        }
        match self.answer((RecordKind::Aaaa, name), source).await? {
            Records::Aaaa(addrs) => Ok(addrs),
            _ => Err(LookupError::NotFound),
        }
    }

    pub(super) async fn srv(&self, name: &str, source: Source) -> Result<Arc<[Srv]>, LookupError> {
        let question = (RecordKind::Srv, normalize(name)?);
        match self.answer(question, source).await? {
            Records::Srv(records) => Ok(records),
            _ => Err(LookupError::NotFound),
        }
    }

    pub(super) async fn naptr(
        &self,
        name: &str,
        source: Source,
    ) -> Result<Arc<[Naptr]>, LookupError> {
        let question = (RecordKind::Naptr, normalize(name)?);
        match self.answer(question, source).await? {
            Records::Naptr(records) => Ok(records),
            _ => Err(LookupError::NotFound),
        }
    }

    pub(super) async fn names(
        &self,
        addr: IpAddr,
        source: Source,
    ) -> Result<Arc<[Box<str>]>, LookupError> {
        let fixed = self.hosts.names_of(addr);
        if !fixed.is_empty() {
            return Ok(fixed.into());
        }
        if addr.is_loopback() {
            return Err(LookupError::NotFound);
        }
        let question = (RecordKind::Ptr, reverse_name(addr));
        match self.answer(question, source).await? {
            // The system's resolver passes over further ones, too.
            Records::Ptr(names) => non_empty(names.iter().take(1).cloned().collect()),
            _ => Err(LookupError::NotFound),
        }
    }

    /// Whether the hosts file fixes the addresses of a name.
    pub(super) fn is_fixed(&self, host: &str) -> bool {
        normalize(host).is_ok_and(|name| self.hosts.contains(&name))
    }

    async fn answer(&self, question: Question, source: Source) -> Answer {
        if let Some(answer) = self.cache.find(&question, Instant::now()) {
            return answer;
        }
        if source == Source::Cache {
            return Err(LookupError::NotCached);
        }
        let flight = self.join(question)?;
        flight
            .cell
            .get_or_init(|| self.ask(&flight.question))
            .await
            .clone()
    }

    /// Joins the question on its way, or begins it.
    fn join(&self, question: Question) -> Result<Flight<'_>, LookupError> {
        let mut in_flight = self.in_flight.lock();
        let full = in_flight.len() >= self.config.max_in_flight;
        let cell = match in_flight.get(&question) {
            Some(cell) => Arc::clone(cell),
            None if full => return Err(LookupError::Busy),
            None => {
                let cell = Arc::default();
                in_flight.insert(question.clone(), Arc::clone(&cell));
                cell
            }
        };
        Ok(Flight {
            in_flight: &self.in_flight,
            question,
            cell,
        })
    }

    /// Asks the servers and keeps the answer.
    async fn ask(&self, question: &Question) -> Answer {
        let (answer, ttl) = self.client.ask(question.0, &question.1).await;
        let ttl = if answer.is_ok() {
            ttl.max(self.config.min_ttl).min(self.config.max_ttl)
        } else {
            ttl.min(self.config.max_ttl)
        };
        let now = Instant::now();
        self.cache
            .insert(question.clone(), answer.clone(), ttl, now);
        answer
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// One of those who wait for a question. If the one who asks goes away, the
/// next takes over; the last takes the question out, whatever happened.
struct Flight<'r> {
    in_flight: &'r InFlight,
    question: Question,
    cell: Arc<OnceCell<Answer>>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.in_flight.lock();
        let ours = in_flight
            .get(&self.question)
            .is_some_and(|cell| Arc::ptr_eq(cell, &self.cell));
        // Two holders are left: the map and this one. New ones come only
        // through the map, whose lock is held.
        if ours && (self.cell.initialized() || Arc::strong_count(&self.cell) <= 2) {
            in_flight.remove(&self.question);
        }
    }
}

/// The address that a host part spells out, brackets or not.
pub(super) fn ip_literal(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(bare) => bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// The key of a name: lower case, no final dot.
fn normalize(name: &str) -> Result<Box<str>, LookupError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(LookupError::InvalidName);
    }
    Ok(name.to_ascii_lowercase().into())
}

/// Where DNS keeps the names of an address (RFC 1035 section 3.5, RFC 3596 section 2.5).
fn reverse_name(addr: IpAddr) -> Box<str> {
    let mut name = String::new();
    match addr {
        IpAddr::V4(addr) => {
            for octet in addr.octets().iter().rev() {
                name.push_str(&octet.to_string());
                name.push('.');
            }
            name.push_str("in-addr.arpa");
        }
        IpAddr::V6(addr) => {
            for octet in addr.octets().iter().rev() {
                for nibble in [octet & 15, octet >> 4] {
                    name.extend(char::from_digit(nibble.into(), 16));
                    name.push('.');
                }
            }
            name.push_str("ip6.arpa");
        }
    }
    name.into()
}

fn non_empty<T>(found: Vec<T>) -> Result<Arc<[T]>, LookupError> {
    if found.is_empty() {
        return Err(LookupError::NotFound);
    }
    Ok(found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_names_backwards() {
        let name = |addr: &str| reverse_name(addr.parse().expect("an address"));
        assert_eq!(&*name("192.0.2.10"), "10.2.0.192.in-addr.arpa");
        let six = name("2001:db8::a");
        assert!(six.starts_with("a.0.0.0.0.") && six.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"));
        assert_eq!(six.len(), "ip6.arpa".len() + 64);
    }
}
