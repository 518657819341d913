//! What other modules may use: the location tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use engine::core::Core;
use engine::statistics::Statistics;

use super::domain::Domain;
use super::matching::MatchingMode;
use super::order::Order;
use super::spelling::reversed_hex;

pub use super::contact::{Contact, ContactInfo, GRACE, UnixTime};
pub use super::domain::{AorGuard, Domain as Table};
pub use super::events::{Callback, Event, EventKind, Listeners};
pub use super::matching::{Found, Wanted, find, find_flow};
pub use super::reach::{first_hop, reach};
pub(crate) use super::socket_text;
pub use super::spelling::{from_reversed_hex, reversed_hex as hash_in_gruu};

/// Settings that other modules follow too.
#[derive(Clone, Debug)]
pub struct Options {
    /// `use_domain`: an AoR is `user@domain`.
    pub use_domain: bool,
    /// `nat_bflag`: the branch flags of contacts behind a NAT, 0 when not set.
    pub nat_flag: u32,
    /// `matching_mode`.
    pub matching_mode: MatchingMode,
    /// `cseq_delay` in seconds.
    pub cseq_delay: u32,
    /// `desc_time_order`.
    pub order: Order,
    /// `hash_size`: tables have 2^n slots.
    pub hash_size: u32,
    /// `timer_interval` in seconds.
    pub timer_interval: u32,
    /// `handle_lost_tcp`: contacts end with the connection that they came by.
    pub handle_lost_tcp: bool,
    /// `close_expired_tcp`: connections end with the contacts that came by them.
    pub close_expired_tcp: bool,
    /// `xavp_contact`: name of the attributes kept with a contact.
    pub xavp_contact: Option<Bytes>,
}

/// The location tables, by name.
pub struct Usrloc {
    /// Settings.
    pub options: Options,
    /// Who is told what happens to contacts.
    pub listeners: Arc<Listeners>,
    domains: ArcSwap<Vec<Arc<Domain>>>,
    hasher: ahash::RandomState,
    ids: UniqueIds,
    /// Keep-alives of our own, if asked for.
    pub(super) keepalive: Option<super::keepalive::Keepalive>,
}

impl Usrloc {
    /// No tables yet. `seeds` are random: they key the hash tables.
    #[must_use]
    pub fn new(options: Options, seeds: [u64; 4], ids: UniqueIds) -> Self {
        let [a, b, c, d] = seeds;
        Self {
            options,
            listeners: Arc::default(),
            domains: ArcSwap::default(),
            hasher: ahash::RandomState::with_seeds(a, b, c, d),
            ids,
            keepalive: None,
        }
    }

    /// A table; `None` when nobody ever used it.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<Arc<Domain>> {
        let domains = self.domains.load();
        domains.iter().find(|d| d.name() == name).cloned()
    }

    /// A table, made if there is none of this name. The names come from the configuration.
    pub fn domain(&self, name: &[u8], statistics: &Statistics) -> Arc<Domain> {
        if let Some(domain) = self.find(name) {
            return domain;
        }
        let made = Arc::new(Domain::new(
            Bytes::copy_from_slice(name),
            self.options.hash_size,
            self.hasher.clone(),
            Arc::clone(&self.listeners),
            self.options.order,
        ));
        self.domains.rcu(|old| {
            let mut all = Vec::clone(old);
            if !all.iter().any(|d| d.name() == name) {
                all.push(Arc::clone(&made));
            }
            all
        });
        // Another thread may have been first.
        let domain = self.find(name).unwrap_or(made.clone());
        if Arc::ptr_eq(&domain, &made) {
            count(&domain, statistics);
        }
        domain
    }

    /// All tables.
    #[must_use]
    pub fn domains(&self) -> Arc<Vec<Arc<Domain>>> {
        self.domains.load_full()
    }

    /// A unique id for a new contact.
    #[must_use]
    pub fn new_ruid(&self) -> String {
        self.ids.next("uloc")
    }

    /// A unique id with another prefix.
    #[must_use]
    pub fn new_ruid_with(&self, prefix: &str) -> String {
        self.ids.next(prefix)
    }
}

/// Registers a table's statistics.
fn count(domain: &Arc<Domain>, statistics: &Statistics) {
    let name = String::from_utf8_lossy(domain.name()).into_owned();
    let register = |what: &str, read: fn(&Domain) -> i64| {
        let domain = Arc::clone(domain);
        let name = statistics.name_of(&name, what);
        statistics.function("usrloc", &name, move || read(&domain));
    };
    register("contacts", Domain::contacts);
    register("expires", Domain::expired);
    register("users", Domain::users);
}

/// Makes unique ids of contacts: `uloc-<start>-<process>-<count>`.
#[derive(Debug)]
pub struct UniqueIds {
    start: u64,
    process: u32,
    count: AtomicU64,
}

impl UniqueIds {
    /// Ids of a process that started at this time. `process` tells servers apart that start in
    /// the same second.
    #[must_use]
    pub fn new(start: u64, process: u32) -> Self {
        Self {
            start,
            process,
            count: AtomicU64::new(0),
        }
    }

    /// The next id, with a word in front.
    #[must_use]
    pub fn next(&self, prefix: &str) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let (start, process) = (self.start, self.process);
        format!("{prefix}-{start:x}-{process:x}-{}", reversed_hex(count))
    }
}

/// Notes that the contact with this unique id, of an AoR with this hash, answered a keep-alive
/// after so many microseconds.
pub fn heard(core: &Core, hash: u32, ruid: &[u8], roundtrip: u32) {
    let Some(usrloc) = core.modules.get::<Usrloc>() else {
        return;
    };
    let now = unix_now(core);
    let tables = usrloc.domains();
    let _found = tables.iter().any(|d| d.heard(hash, ruid, now, roundtrip));
}

/// Whether the connection that a contact was registered by is gone.
#[must_use]
pub fn has_lost_connection(core: &Core, contact: &Contact) -> bool {
    contact
        .connection
        .is_some_and(|connection| !core.services.network.is_open(connection))
}

/// The time as contacts hold it.
#[must_use]
pub fn unix_now(core: &Core) -> UnixTime {
    UnixTime::try_from(core.services.clock.unix().as_secs()).unwrap_or(UnixTime::MAX)
}
