//! Other modules' eyes on transactions: accounting, dialogs, tracing.

use std::sync::Arc;

use arc_swap::ArcSwap;
use engine::Context;
use engine::core::Core;
use sip::Message;
use transaction::{BranchNo, Handle};

use crate::tm::state::Tm;
use crate::tm::stored::StoredRequest;

/// Something that happened to a transaction.
pub enum Event<'a> {
    /// The transaction was created, by the message in the context.
    RequestIn(&'a mut Context),
    /// A reply was received and has passed the reply routes.
    ReplyIn {
        /// The branch.
        branch: BranchNo,
        /// The reply, in work.
        cx: &'a mut Context,
    },
    /// A reply was sent upstream.
    ReplyOut {
        /// Its status.
        status: u16,
        /// Its reason phrase.
        reason: &'a [u8],
        /// The reply that was forwarded; `None` when it was made here.
        reply: Option<&'a Arc<Message>>,
        /// What was sent.
        bytes: &'a [u8],
    },
    /// Every branch failed; before the failure route.
    Failure {
        /// The status that would be sent.
        status: u16,
        /// The winning reply; `None` when it was made here.
        reply: Option<&'a Arc<Message>>,
        /// The branch whose destination the record of the failure names.
        branch: BranchNo,
    },
    /// The ACK of the final reply arrived: end to end for a 2xx.
    AckIn(&'a mut Context),
    /// A CANCEL arrived.
    CancelIn(&'a mut Context),
}

/// A transaction and what happened to it.
pub struct Note<'a> {
    /// The server.
    pub core: &'a Arc<Core>,
    /// The transaction's module.
    pub tm: &'a Tm,
    /// The transaction.
    pub handle: Handle,
    /// Its request.
    pub request: &'a Arc<StoredRequest>,
    /// Message flags as they stand now.
    pub flags: u32,
    /// What happened.
    pub event: Event<'a>,
}

/// An observer.
pub type Observer = Arc<dyn Fn(&mut Note<'_>) + Send + Sync>;

/// All observers in the order of registration.
#[derive(Default)]
pub(crate) struct Observers(ArcSwap<Vec<Observer>>);

impl Observers {
    pub(crate) fn add(&self, observer: Observer) {
        self.0.rcu(|list| {
            let mut list = Vec::clone(list);
            list.push(Arc::clone(&observer));
            list
        });
    }
}

impl Tm {
    /// Tells the observers of an event of a transaction.
    pub(crate) fn tell(&self, core: &Arc<Core>, handle: Handle, event: Event<'_>) {
        let observers = self.observers.0.load();
        if observers.is_empty() {
            return;
        }
        let known = self.look(handle, |t| (Arc::clone(&t.data.request), t.data.flags));
        let Some((request, flags)) = known else {
            return;
        };
        let mut note = Note {
            core,
            tm: self,
            handle,
            request: &request,
            flags,
            event,
        };
        for observer in observers.iter() {
            observer(&mut note);
        }
    }
}
