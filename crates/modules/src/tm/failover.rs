//! DNS failover: a request that cannot be delivered goes to the next address of its name, on a branch
//! of its own (RFC 3263 section 4.3).
//!
//! What was sent is sent again with another Via on top. Without `reparse_on_dns_failover` it is made
//! anew from the request as it came in, and runs through the branch route. A branch whose next hop is
//! an address has no others, and costs nothing here.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, RunKind};
use engine::core::Core;
use engine::forward;
use engine::module::Outcome;
use engine::route::{self, DONE};
use engine::services::{Candidate, Candidates};
use engine::socket::Received;
use transaction::{BranchNo, Handle, Outputs};

use crate::tm::branches::{self, Added, OwnRoutes};
use crate::tm::lost::SEND_FAILED;
use crate::tm::message::enter;
use crate::tm::perform::release;
use crate::tm::state::{Cell, Tm};
use crate::tm::stored::StoredRequest;
use crate::tm::targets::{self, NextHop};

/// The status of a server that sends us to the next one.
pub(crate) const UNAVAILABLE: u16 = 503;

/// How a branch failed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// A 503 came in like this.
    Unavailable(Received),
    /// Nothing came.
    Silent,
    /// It could not be sent.
    Unsent,
}

/// What is known of a branch that failed.
struct Failed {
    others: Box<Candidates>,
    target: Branch,
    sent: Bytes,
    routes: OwnRoutes,
    request: Arc<StoredRequest>,
    flags: u32,
    xflags: [u32; 2],
}

/// What is kept of the addresses of a name: those behind the first, if they may be of use.
pub(crate) fn others(core: &Core, found: &[Candidate], hop: &NextHop) -> Option<Box<Candidates>> {
    // Who names the next hop in the call wants that one.
    let rest = found.get(1..).filter(|rest| !rest.is_empty())?;
    let is_wanted = hop.host.is_none() && forward::has_failover(core);
    is_wanted.then(|| {
        let mut rest = Candidates::from_slice(rest);
        if let Some(proto) = hop.proto {
            rest.iter_mut().for_each(|other| other.proto = proto);
        }
        Box::new(rest)
    })
}

/// Sends the request of a failed branch to the next address of its name. False: there is none, or
/// nobody wants it any more.
pub(crate) fn try_next(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    branch: BranchNo,
    how: Failure,
) -> bool {
    let failed = tm.with(handle, |t| Failed::take(t, branch)).flatten();
    let Some(failed) = failed.filter(|_| forward::has_failover(core)) else {
        return false;
    };
    let mut cx = Box::new(failed.request.context(core, RunKind::Failure, failed.flags));
    cx.xflags = failed.xflags;
    cx.target.clone_from(&failed.target);
    enter(&mut cx, handle, Some(branch));
    if tm.config.reparse_on_dns_failover.get() == 0 {
        make_anew(tm, cx, handle, failed);
        return true;
    }
    let Some(added) = add(tm, &cx, handle, failed, how) else {
        return false;
    };
    route::run_to_end(cx, move |cx| leave(cx, added));
    true
}

impl Failed {
    fn take(t: &mut Cell, number: BranchNo) -> Option<Self> {
        let is_over = t.is_canceled() || t.is_replied() || t.data.settings.disable_failover;
        if is_over || t.branch(number)?.is_canceled() {
            return None;
        }
        let on_branch_failure = t.data.settings.on_branch_failure;
        let data = t.branch_data_mut(number)?;
        Some(Self {
            others: data.others.take()?,
            target: data.target.clone(),
            sent: data.request.clone(),
            routes: OwnRoutes {
                on_reply: data.on_reply,
                on_failure: data.on_failure,
                on_branch_failure,
            },
            request: Arc::clone(&t.data.request),
            flags: t.data.flags,
            xflags: t.data.xflags,
        })
    }
}

/// Adds a branch for the next address that one of our sockets reaches; the transaction is held then.
fn add(tm: &Tm, cx: &Context, handle: Handle, mut failed: Failed, how: Failure) -> Option<Added> {
    let socket_of = match how {
        _ if tm.config.dns_reuse_rcv_socket => Some(&failed.request.received),
        Failure::Unavailable(ref reply) => Some(reply),
        Failure::Unsent => Some(&failed.request.received),
        // A timer knows of no message: the first socket that fits.
        Failure::Silent => None,
    };
    while !failed.others.is_empty() {
        let candidate = failed.others.remove(0);
        let Ok(to) = branches::destination(cx, &failed.target, &candidate, socket_of) else {
            continue;
        };
        let to = forward::larger_way(cx, &to, failed.sent.len()).unwrap_or(to);
        let others = (!failed.others.is_empty()).then_some(failed.others);
        let is_added = tm
            .with(handle, |t| {
                t.reopen();
                let added = branches::insert(t, &cx.core, to, failed.routes, others);
                if added.is_err() {
                    // Whoever waits for a decision has been told of it before.
                    t.release(&mut Outputs::new());
                }
                added.ok()
            })
            .flatten()?;
        let request = branches::print_again(tm, cx, (handle, is_added), &failed.sent, &to);
        return branches::complete(tm, handle, is_added, to, failed.target, request).ok();
    }
    None
}

/// Lets the request of a branch out that took another one's place, then releases the transaction.
fn leave(cx: &mut Context, added: Added) -> Outcome {
    let Some(tm) = cx.core.modules.get::<Tm>() else {
        return DONE;
    };
    if cx.program.onsend_route().is_none() {
        let sent = branches::send(cx, &added);
        left(&tm, cx, &added, sent);
        release(&tm, &cx.core, added.handle());
        return DONE;
    }
    branches::ask_to_send(cx, added, |cx, added, may_leave| {
        if let Some(tm) = cx.core.modules.get::<Tm>() {
            let sent = may_leave && branches::send(cx, added);
            left(&tm, cx, added, sent);
            release(&tm, &cx.core, added.handle());
        }
        DONE
    })
}

/// The request of a branch is out; if it is not, the branch has failed and the next address is tried.
/// The transaction must be held. False: nothing went out.
pub(crate) fn left(tm: &Tm, cx: &Context, added: &Added, sent: bool) -> bool {
    if sent {
        return true;
    }
    let (handle, branch) = (added.handle(), added.number());
    fail_unsent(tm, handle, branch);
    try_next(tm, &cx.core, handle, branch, Failure::Unsent)
}

/// A branch that was not sent has failed. The transaction must be held: nothing but a decision could
/// come of it, and that waits.
pub(crate) fn fail_unsent(tm: &Tm, handle: Handle, branch: BranchNo) {
    tm.with(handle, |t| {
        t.on_branch_failure(branch, SEND_FAILED, &mut Outputs::new());
    });
}

/// Makes the branch from the request as it came in, by way of the branch route.
fn make_anew(tm: &Tm, mut cx: Box<Context>, handle: Handle, failed: Failed) {
    if cx.target.path.is_none() && cx.target.dst_uri.is_none() {
        cx.target.dst_uri.clone_from(&failed.target.uri);
    }
    let hop = NextHop {
        known: Some(*failed.others),
        ..NextHop::default()
    };
    // For the time in which the branch route runs, and until the request is out.
    let on_branch = tm.with(handle, |t| {
        t.reopen();
        t.data.forked_by
    });
    let on_branch = on_branch.flatten();
    let go = move |cx: &mut Context| {
        let Some(tm) = cx.core.modules.get::<Tm>() else {
            return DONE;
        };
        targets::prepare(
            &tm,
            cx,
            handle,
            true,
            hop,
            on_branch,
            move |tm, cx, prepared| {
                // That of `prepare`.
                tm.with(handle, |t| t.release(&mut Outputs::new()));
                let branch = prepared.into_iter().next();
                let added = branch.and_then(|branch| {
                    branches::add(tm, cx, handle, branch, &NextHop::default()).ok()
                });
                match added {
                    Some(added) => leave(cx, added),
                    None => {
                        release(tm, &cx.core, handle);
                        DONE
                    }
                }
            },
        )
    };
    route::run_to_end(cx, go);
}
