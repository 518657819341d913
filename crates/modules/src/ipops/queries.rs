//! What a message asked DNS for, under names that the script chose.

use std::cmp::Reverse;
use std::net::IpAddr;

use bytes::Bytes;
use engine::context::Context;
use engine::module::Outcome;
use engine::services::{Lookup, NaptrRecord, Record, RecordKind, SrvRecord};
use script::host::Continuation;

use super::address::{self, Form};

/// Names that a message may use for queries of a kind.
const MAX_NAMES: usize = 32;

/// Records kept of an answer.
const MAX_RECORDS: usize = 32;

/// The answers that a message has.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) addresses: Named<IpAddr>,
    pub(super) servers: Named<SrvRecord>,
    pub(super) services: Named<NaptrRecord>,
}

/// Answers of a kind by name.
pub(super) struct Named<T>(Vec<(Bytes, Vec<T>)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// Keeps an answer in place of the one of the same name.
    pub(super) fn keep(&mut self, name: &Bytes, mut records: Vec<T>) {
        self.forget(name);
        if self.0.len() >= MAX_NAMES {
            self.0.remove(0);
        }
        records.truncate(MAX_RECORDS);
        self.0.push((name.clone(), records));
    }

    /// Forgets an answer.
    pub(super) fn forget(&mut self, name: &Bytes) {
        self.0.retain(|(n, _)| n != name);
    }

    /// An answer.
    pub(super) fn find(&self, name: &[u8]) -> Option<&[T]> {
        let (_, records) = self.0.iter().find(|(n, _)| n == name)?;
        Some(records)
    }
}

/// What follows on the records of a query.
type Finish = Box<dyn FnOnce(&mut Context, Vec<Record>) -> Outcome + Send>;

/// Looks up records, parking the route when somebody has to be asked.
pub(super) fn ask(cx: &mut Context, name: Bytes, kind: RecordKind, finish: Finish) -> Outcome {
    match cx.core.services.resolver.lookup(name, kind) {
        Lookup::Ready(records) => finish(cx, records),
        Lookup::Later(asked) => Outcome::Wait(Box::pin(async move {
            let records = asked.await;
            Box::new(move |cx: &mut Context| finish(cx, records)) as Continuation<Context>
        })),
    }
}

/// Looks up the addresses of a host.
pub(super) fn ask_addresses(
    cx: &mut Context,
    name: Bytes,
    finish: impl FnOnce(&mut Context, Vec<IpAddr>) -> Outcome + Send + 'static,
) -> Outcome {
    match address::read(&name) {
        // The system's resolver knows no brackets.
        Some((_, Form::V6Reference)) => return finish(cx, Vec::new()),
        Some((address, _)) => return finish(cx, vec![address]),
        None => {}
    }
    // IPv6 first, as the system's resolver does where both can be reached.
    let again = name.clone();
    let then = move |cx: &mut Context, six: Vec<Record>| {
        let last = move |cx: &mut Context, four: Vec<Record>| {
            let addresses = six
                .into_iter()
                .chain(four)
                .filter_map(|record| match record {
                    Record::Address(address) => Some(address),
                    _ => None,
                });
            let all = addresses.collect();
            finish(cx, all)
        };
        ask(cx, again, RecordKind::A, Box::new(last))
    };
    ask(cx, name, RecordKind::Aaaa, Box::new(then))
}

/// Servers in the order of priority, the heavier first.
pub(super) fn servers(records: Vec<Record>) -> Vec<SrvRecord> {
    let mut servers: Vec<SrvRecord> = records
        .into_iter()
        .filter_map(|record| match record {
            Record::Srv(srv) => Some(srv),
            _ => None,
        })
        .collect();
    servers.sort_by_key(|srv| (srv.priority, Reverse(srv.weight)));
    servers
}

/// Services in their order and preference.
pub(super) fn services(records: Vec<Record>) -> Vec<NaptrRecord> {
    let mut services: Vec<NaptrRecord> = records
        .into_iter()
        .filter_map(|record| match record {
            Record::Naptr(naptr) => Some(naptr),
            _ => None,
        })
        .collect();
    services.sort_by_key(|naptr| (naptr.order, naptr.preference));
    services
}
