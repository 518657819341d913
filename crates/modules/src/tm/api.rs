//! What other modules may use.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::Branch;
use engine::core::Core;
use script::host::RouteId;
use transaction::{Handle, Outputs};

use crate::tm::create::{self, Made};
use crate::tm::local_reply;
use crate::tm::message;
use crate::tm::perform::{perform, reason_line};
use crate::tm::state::now;
use crate::tm::suspend;

pub use crate::tm::error::{RelayError, reply_to_error};
pub use crate::tm::local_reply::{Reply, ReplyError};
pub use crate::tm::observers::{Event, Note, Observer};
pub use crate::tm::state::Tm;
pub use crate::tm::stored::{BranchData, RequestData, StoredReply, StoredRequest};
pub use crate::tm::suspend::NotSuspended;
pub(crate) use crate::tm::uac::socket_named;
pub use crate::tm::uac::{Answer, FinalAnswer, LocalRequest, OnAnswer, ask, send as send_request};
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

    /// The To tag of our replies in the message's transaction, if it has one.
    #[must_use]
    pub fn local_tag(&self, cx: &Context) -> Option<Bytes> {
        self.has_transaction(cx).then(|| self.to_tag(&cx.msg))
    }

    /// The handle of the message's transaction.
    #[must_use]
    pub fn current(&self, cx: &Context) -> Option<Handle> {
        message::current(cx)
    }

    /// As [`Tm::current`]; in `reply_route`, the transaction of the reply is looked for.
    pub fn current_or_of_reply(&self, cx: &mut Context) -> Option<Handle> {
        crate::tm::reply_in::current_or_of_reply(self, cx)
    }

    /// The branch in work: of a branch route, of a received reply, of the reply that led to a
    /// failure route.
    #[must_use]
    pub fn current_branch(&self, cx: &Context) -> Option<BranchNo> {
        message::current_branch(cx)
    }

    /// Makes a context that another module runs one of a transaction, about a branch of it.
    pub fn enter(&self, cx: &mut Context, handle: Handle, branch: Option<BranchNo>) {
        message::enter(cx, handle, branch);
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

/// Suspension.
impl Tm {
    /// Suspends the message in work: a request in a transaction, which is made if there is none, or
    /// a reply in an onreply route. The script is expected to end.
    ///
    /// # Errors
    /// There can be no transaction, or it has its final reply.
    pub fn suspend(&self, cx: &mut Context) -> Result<Handle, RelayError> {
        suspend::suspend(self, cx)
    }

    /// Goes on with a suspended request in a route of the program that it started with.
    ///
    /// # Errors
    /// It is not suspended any more: the caller hung up, or nobody went on with it in time.
    pub fn resume_request(
        &self,
        core: &Arc<Core>,
        handle: Handle,
        route: RouteId,
    ) -> Result<(), NotSuspended> {
        suspend::resume_request(self, core, handle, route)
    }

    /// As `resume_request`, with what was suspended last, which may be a reply.
    ///
    /// # Errors
    /// It is not suspended any more: the caller hung up, or nobody went on with it in time.
    pub fn resume(
        &self,
        core: &Arc<Core>,
        handle: Handle,
        route: RouteId,
    ) -> Result<(), NotSuspended> {
        suspend::resume(self, core, handle, route)
    }

    /// Goes on with the request in work itself, which waited since it was suspended; false when it
    /// is over meanwhile, and the script should end.
    pub fn resume_here(&self, cx: &mut Context) -> bool {
        suspend::resume_here(self, cx)
    }

    /// A route of the program that the request of a transaction started with.
    #[must_use]
    pub fn route_of(&self, handle: Handle, name: &str) -> Option<RouteId> {
        suspend::route_of(self, handle, name)
    }
}

/// What tmx shows and does.
impl Tm {
    /// How many branches a transaction has.
    #[must_use]
    pub fn branch_count(&self, handle: Handle) -> Option<i64> {
        self.with(handle, |t| t.branches().len() as i64)
    }

    /// Where the branch in work goes.
    #[must_use]
    pub fn branch_target(&self, cx: &Context) -> Option<Branch> {
        let branch = message::current_branch(cx)?;
        self.with(message::current(cx)?, |t| {
            Some(t.branch(branch)?.data.target.clone())
        })?
    }

    /// Where one branch of a transaction goes.
    #[must_use]
    pub fn target_of(&self, handle: Handle, branch: BranchNo) -> Option<Branch> {
        self.with(handle, |t| Some(t.branch(branch)?.data.target.clone()))?
    }

    /// The last status on the branch in work, the reply in work included unless it came too late.
    #[must_use]
    pub fn branch_status(&self, cx: &Context) -> Option<u16> {
        let branch = message::current_branch(cx)?;
        let known = self.with(message::current(cx)?, |t| {
            let branch = t.branch(branch)?;
            Some((branch.status(), branch.is_final()))
        })?;
        let (status, is_final) = known?;
        Some(cx.msg.status().filter(|_| !is_final).unwrap_or(status))
    }

    /// The reason phrase of the status that a failure route is about, when the reply was made here.
    #[must_use]
    pub fn local_reason(&self, cx: &Context) -> Option<&'static [u8]> {
        let status = self.status(cx)?;
        (status >= 300).then(|| local_reply::default_reason(status))
    }

    /// The reply that led to the failure route; `None` when it was made here.
    #[must_use]
    pub fn winning_reply(&self, cx: &Context) -> Option<Arc<StoredReply>> {
        let branch = message::current_branch(cx)?;
        self.with(message::current(cx)?, |t| {
            let branch = t.branch(branch)?;
            if branch.is_local() {
                return None;
            }
            branch.data.reply.clone()
        })?
    }

    /// The redirections (3xx) among the replies that led to the failure route, in the order of
    /// their branches; those of earlier rounds of forking left out.
    #[must_use]
    pub fn redirections(&self, cx: &Context) -> Vec<Arc<StoredReply>> {
        let replies = message::current(cx).and_then(|handle| {
            self.with(handle, |t| {
                t.branches()
                    .iter()
                    .skip(usize::from(t.data.failed_leg))
                    .filter(|branch| (300..400).contains(&branch.status()) && !branch.is_local())
                    .filter_map(|branch| branch.data.reply.clone())
                    .collect()
            })
        });
        replies.unwrap_or_default()
    }

    /// Whether the owners of requests made here may hear of failures as such (`enable_uac_fr`).
    #[must_use]
    pub fn tells_failures_of_local_requests(&self) -> bool {
        self.config.enable_uac_fr.get() != 0
    }

    /// The INVITE that a CANCEL in work is for.
    #[must_use]
    pub fn invite_of(&self, cx: &Context) -> Option<Arc<StoredRequest>> {
        let handle = self.find_invite(&cx.msg)?;
        self.with(handle, |t| Arc::clone(&t.data.request))
    }

    /// The transaction of a request with this Call-ID and CSeq number, whatever its Via.
    /// Looks at every transaction.
    #[must_use]
    pub fn find_by_call_id(&self, call_id: &[u8], cseq: u32) -> Option<Handle> {
        let mut found = None;
        for shard in 0..self.table.shard_count() {
            self.table.for_each(shard, |handle, t| {
                let request = &t.data.request;
                let fits = request.cseq_number() == Some(cseq)
                    && request.call_id() == Some(call_id)
                    && request.method_text() != b"CANCEL";
                if fits {
                    found = Some(handle);
                }
            });
        }
        found
    }

    /// Cancels the pending branches of an INVITE, with a status as the reason if one is given. Its caller has not hung up: `t_is_canceled` does not
    /// tell of it.
    pub fn cancel(&self, core: &Arc<Core>, handle: Handle, cause: Option<u16>) {
        let at = now(core);
        let mut outputs = Outputs::new();
        let told = cause.map_or_else(Bytes::new, reason_line);
        let before = self.with(handle, |t| {
            t.cancel_pending(at, &mut outputs);
            std::mem::replace(&mut t.data.cancel_reason, told)
        });
        perform(self, core, handle, outputs, None);
        // A CANCEL that has to wait for a sign of life tells none.
        if let Some(before) = before {
            self.with(handle, |t| t.data.cancel_reason = before);
        }
    }

    /// Cancels some branches of an INVITE; false: none of them was pending.
    pub fn cancel_branches(
        &self,
        core: &Arc<Core>,
        handle: Handle,
        which: impl Fn(BranchNo) -> bool,
    ) -> bool {
        let at = now(core);
        let mut outputs = Outputs::new();
        let is_any_pending = self.with(handle, |t| {
            let count = u8::try_from(t.branches().len()).unwrap_or(u8::MAX);
            let mut is_any_pending = false;
            for branch in (0..count).map(BranchNo).filter(|b| which(*b)) {
                is_any_pending |= t.branch(branch).is_some_and(|b| b.is_pending());
                t.cancel_branch(at, branch, &mut outputs);
            }
            is_any_pending
        });
        perform(self, core, handle, outputs, None);
        is_any_pending == Some(true)
    }

    /// Gives a transaction up: it only waits for retransmissions from now on.
    pub fn abandon(&self, core: &Arc<Core>, handle: Handle) {
        create::abandon(self, core, handle);
    }
}

impl RequestData {
    /// Replaces the extended message flags of the request.
    pub fn set_xflags(&mut self, xflags: [u32; 2]) {
        self.xflags = xflags;
    }
}
