//! DNS records for the engine.

use std::sync::Arc;

use bytes::Bytes;
use engine::services::{NaptrRecord, Record, RecordKind, SrvRecord};
use transport::resolve::{LookupError, Naptr, Resolver, Srv};

type Found<T> = Result<Arc<[T]>, LookupError>;

/// What an address, the hosts file or the cache answer at once.
pub(crate) fn known(resolver: &Resolver, name: &str, kind: RecordKind) -> Option<Vec<Record>> {
    match kind {
        RecordKind::A => resolver.try_a(name).map(addresses),
        RecordKind::Aaaa => resolver.try_aaaa(name).map(addresses),
        RecordKind::Srv => resolver.try_srv(name).map(servers),
        RecordKind::Naptr => resolver.try_naptr(name).map(services),
    }
}

/// What the name servers answer.
pub(crate) async fn ask(resolver: &Resolver, name: &str, kind: RecordKind) -> Vec<Record> {
    match kind {
        RecordKind::A => addresses(resolver.lookup_a(name).await),
        RecordKind::Aaaa => addresses(resolver.lookup_aaaa(name).await),
        RecordKind::Srv => servers(resolver.lookup_srv(name).await),
        RecordKind::Naptr => services(resolver.lookup_naptr(name).await),
    }
}

/// The names of an address.
pub(crate) fn names(found: Found<Box<str>>) -> Vec<Bytes> {
    let mut names = Vec::new();
    for name in found.iter().flat_map(|all| all.iter()) {
        names.push(Bytes::copy_from_slice(name.as_bytes()));
    }
    names
}

fn each<T>(found: Found<T>, make: impl Fn(&T) -> Record) -> Vec<Record> {
    found.map_or_else(|_| Vec::new(), |all| all.iter().map(make).collect())
}

fn addresses<T: Copy + Into<std::net::IpAddr>>(found: Found<T>) -> Vec<Record> {
    each(found, |address| Record::Address((*address).into()))
}

fn servers(found: Found<Srv>) -> Vec<Record> {
    each(found, |srv| {
        Record::Srv(SrvRecord {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: Bytes::copy_from_slice(srv.target.as_bytes()),
        })
    })
}

fn services(found: Found<Naptr>) -> Vec<Record> {
    each(found, |naptr| {
        Record::Naptr(NaptrRecord {
            order: naptr.order,
            preference: naptr.preference,
            flags: Bytes::copy_from_slice(&naptr.flags),
            services: Bytes::copy_from_slice(&naptr.service),
            regexp: Bytes::copy_from_slice(&naptr.regexp),
            replacement: Bytes::copy_from_slice(naptr.replacement.as_bytes()),
        })
    })
}
