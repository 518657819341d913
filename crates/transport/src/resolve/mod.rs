//! Finding the addresses behind a name: records with a cache that honours
//! their times to live, and the location of SIP servers (RFC 3263).

mod cache;
mod config;
mod hosts;
mod immediate;
mod locate;
mod lookup;
mod naptr;
mod query;
mod srv;
#[cfg(test)]
mod tests;

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

pub use cache::{CacheEntry, CacheStats};
pub use config::{LocateOptions, ProtoPreference, ResolverConfig};
pub use locate::{Candidate, Destination};
pub use lookup::{LookupError, Resolver};
pub use srv::order_by_weight;

/// A record that says where a service is (RFC 2782).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Srv {
    /// Lower is tried first.
    pub priority: u16,
    /// The share of the load among equal priorities.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The name of the server; empty for "no such service here".
    pub target: Box<str>,
}

/// A record that says which services a domain has (RFC 3403).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Naptr {
    /// Lower must be used first.
    pub order: u16,
    /// Lower is preferred among equal orders.
    pub preference: u16,
    /// What the result is: `s` for an SRV name, `a` for a host, `u` for a URI.
    pub flags: Box<[u8]>,
    /// The service, such as `SIP+D2U`.
    pub service: Box<[u8]>,
    /// The substitution expression (ENUM).
    pub regexp: Box<[u8]>,
    /// The next name to look up; empty when there is none.
    pub replacement: Box<str>,
}

/// The records of one type that a name has; never empty.
#[derive(Clone, Debug)]
pub(crate) enum Records {
    A(Arc<[Ipv4Addr]>),
    Aaaa(Arc<[Ipv6Addr]>),
    Srv(Arc<[Srv]>),
    Naptr(Arc<[Naptr]>),
    Ptr(Arc<[Box<str>]>),
}

/// A type of record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RecordKind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// A service location.
    Srv,
    /// A naming authority pointer.
    Naptr,
    /// The name of an address.
    Ptr,
}
