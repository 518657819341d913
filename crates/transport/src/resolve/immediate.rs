//! Locating without waiting: what an address, the hosts file or the cache
//! answer at once.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::{Candidate, Destination, LocateOptions, LookupError, Resolver, lookup::Source};

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
        // The same search as with servers, polled once: from the cache alone
        // no lookup ever waits.
        let search = pin!(self.locate_from(Source::Cache, destination, options, random));
        match search.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(LookupError::NotCached)) | Poll::Pending => None,
            Poll::Ready(located) => Some(located),
        }
    }
}
