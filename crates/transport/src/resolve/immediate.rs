//! Locating without waiting: what an address, the hosts file or the cache
//! answer at once.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::{
    Candidate, Destination, LocateOptions, LookupError, Naptr, Resolver, Srv, lookup::Source,
};

impl Resolver {
    /// As [`Resolver::locate`], if nobody has to be asked; `None` means that
    /// `locate` must be awaited.
    pub fn try_immediate(
        &self,
        destination: &Destination<'_>,
        options: &LocateOptions,
        random: &mut (dyn FnMut(u32) -> u32 + Send),
    ) -> Option<Result<Vec<Candidate>, LookupError>> {
        if let Some(candidate) = destination.literal() {
            return Some(Ok(vec![candidate]));
        }
        known(self.locate_from(Source::Cache, destination, options, random))
    }

    /// As [`Resolver::lookup_a`], if nobody has to be asked.
    pub fn try_a(&self, host: &str) -> Option<Result<Arc<[Ipv4Addr]>, LookupError>> {
        known(self.a(host, Source::Cache))
    }

    /// As [`Resolver::lookup_aaaa`], if nobody has to be asked.
    pub fn try_aaaa(&self, host: &str) -> Option<Result<Arc<[Ipv6Addr]>, LookupError>> {
        known(self.aaaa(host, Source::Cache))
    }

    /// As [`Resolver::lookup_srv`], if nobody has to be asked.
    pub fn try_srv(&self, name: &str) -> Option<Result<Arc<[Srv]>, LookupError>> {
        known(self.srv(name, Source::Cache))
    }

    /// As [`Resolver::lookup_naptr`], if nobody has to be asked.
    pub fn try_naptr(&self, name: &str) -> Option<Result<Arc<[Naptr]>, LookupError>> {
        known(self.naptr(name, Source::Cache))
    }

    /// As [`Resolver::names_of`], if nobody has to be asked.
    pub fn try_names_of(&self, addr: IpAddr) -> Option<Result<Arc<[Box<str>]>, LookupError>> {
        known(self.names(addr, Source::Cache))
    }
}

/// The outcome of a search of the cache: the same search as with servers, polled once, because
/// from the cache alone no lookup ever waits.
fn known<T>(
    search: impl Future<Output = Result<T, LookupError>>,
) -> Option<Result<T, LookupError>> {
    match pin!(search).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(LookupError::NotCached)) | Poll::Pending => None,
        Poll::Ready(found) => Some(found),
    }
}
