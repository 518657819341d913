//! What other modules may use.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::core::Core;
use transaction::Handle;

use crate::tm::create::{self, Made};
use crate::tm::local_reply::{self, Reply, ReplyError};
use crate::tm::message;
use crate::tm::state::Tm;

pub use crate::tm::observers::{Event, Note, Observer};
pub use crate::tm::stored::{BranchData, RequestData, StoredReply, StoredRequest};
pub use transaction::{BranchNo, Handle as TransactionHandle};

impl Tm {
    /// Has every event of every transaction told to an observer. For `init`.
    pub fn observe(&self, observer: Observer) {
        self.observers.add(observer);
    }

    /// The transaction that a message in work is known to belong to. Looks nothing up.
    #[must_use]
    pub fn has_transaction(&self, cx: &Context) -> bool {
        message::current(cx).is_some_and(|handle| self.with(handle, |_| ()).is_some())
    }

    /// The handle of the message's transaction.
    #[must_use]
    pub fn current(&self, cx: &Context) -> Option<Handle> {
        message::current(cx)
    }

    /// The branch in work: of a branch route, of a received reply, of the reply that led to a
    /// failure route.
    #[must_use]
    pub fn current_branch(&self, cx: &Context) -> Option<BranchNo> {
        message::current_branch(cx)
    }

    /// Answers the request of the message's transaction, with the lines of `append_to_reply` and
    /// further ones.
    ///
    /// # Errors
    /// There is no transaction, or it has its final reply.
    pub fn reply(
        &self,
        cx: &mut Context,
        status: u16,
        reason: &[u8],
        headers: &[Bytes],
    ) -> Result<(), ReplyError> {
        local_reply::send(self, cx, status, reason, headers)
    }

    /// Answers the request of any transaction.
    ///
    /// # Errors
    /// There is no such transaction, or it has its final reply.
    pub fn reply_to(
        &self,
        core: &Arc<Core>,
        handle: Handle,
        reply: &Reply<'_>,
    ) -> Result<(), ReplyError> {
        local_reply::send_to(self, core, handle, reply)
    }

    /// Makes the transaction of the request in work if it has none; `None` when the request is a
    /// retransmission or cannot have one.
    pub fn ensure(&self, cx: &mut Context) -> Option<Handle> {
        match create::create(self, cx) {
            Ok(Made::New(handle) | Made::Already(handle)) => Some(handle),
            Ok(Made::Retransmission) | Err(_) => None,
        }
    }

    /// Runs something on what is kept with a transaction; `None` when it is gone.
    pub fn with_data<R>(
        &self,
        handle: Handle,
        run: impl FnOnce(&mut RequestData) -> R,
    ) -> Option<R> {
        self.with(handle, |t| run(&mut t.data))
    }

    /// The status that the run is about: of the reply, of the failure, else the last one sent.
    #[must_use]
    pub fn status(&self, cx: &Context) -> Option<u16> {
        crate::tm::functions::inspect::status(self, cx)
    }
}
