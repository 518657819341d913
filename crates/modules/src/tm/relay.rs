//! `t_relay`: a request becomes a transaction with one branch for each destination.

use std::sync::Arc;

use engine::Context;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use engine::services::Located;
use sip::Method;
use transaction::Handle;

use crate::tm::branches::{self, Added};
use crate::tm::create::{self, Made};
use crate::tm::error::RelayError;
use crate::tm::message::{TmMessage, current, use_target};
use crate::tm::perform::release;
use crate::tm::state::Tm;
use crate::tm::stored::StoredRequest;
use crate::tm::targets::{self, NextHop, Place, Prepared};
use crate::tm::{ack, cancel, failover, failure, local_reply};

/// What a relay leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RelayOptions {
    /// The next hop, if the call names it.
    pub(crate) hop: NextHop,
    /// No 100 reply.
    pub(crate) no_100: bool,
    /// Replies concern nobody (`t_replicate`).
    pub(crate) is_replica: bool,
}

/// The code that ends the script: the message has been dealt with.
const END: Outcome = Outcome::Return(0);

/// What `t_relay` returns when it could do nothing and must not say so.
const SILENT: i64 = -4;

/// Relays the request in work.
pub(crate) fn relay(tm: &Tm, cx: &mut Context, options: RelayOptions) -> Outcome {
    if cx.msg.is_reply() || cx.kind == RunKind::Branch {
        // A reply is not relayed, and what a branch route is about is being relayed.
        return END;
    }
    if forks_again(cx) {
        return match current(cx) {
            Some(handle) => fork(tm, cx, handle, options),
            None => Outcome::Return(-1),
        };
    }
    match cx.msg.method() {
        Method::Ack => return ack::relay(tm, cx, &options.hop),
        Method::Cancel if current(cx).is_none() => {
            if let Some(outcome) = cancel::relay(tm, cx) {
                return outcome;
            }
        }
        _ => {}
    }
    let handle = match create::create(tm, cx) {
        Ok(Made::New(handle)) => handle,
        Ok(Made::Already(handle)) => {
            refresh(tm, cx, handle);
            match state_of(tm, handle) {
                Closed::No => handle,
                Closed::LetGo => {
                    cx.log(Level::Warning, "the transaction has been released");
                    return TRUE;
                }
                Closed::Replied => {
                    cx.log(
                        Level::Warning,
                        "the transaction has its final reply already",
                    );
                    return Outcome::Return(-1);
                }
            }
        }
        // The script goes on, as with Kamailio.
        Ok(Made::Retransmission) => return TRUE,
        Err(error) => return Outcome::Return(error.code()),
    };
    if !options.no_100 && cx.msg.method() == Method::Invite {
        send_100(tm, cx, handle);
    }
    if options.is_replica {
        tm.with(handle, |t| t.data.is_replica = true);
    }
    fork(tm, cx, handle, options)
}

/// Whether a transaction takes branches.
enum Closed {
    No,
    /// It was released before it had any.
    LetGo,
    /// It has its final reply, after which no INVITE rings anywhere.
    Replied,
}

fn state_of(tm: &Tm, handle: Handle) -> Closed {
    let state = tm.look(handle, |t| {
        if t.is_let_go() && t.branches().is_empty() {
            Closed::LetGo
        } else if t.is_closed() {
            Closed::Replied
        } else {
            Closed::No
        }
    });
    state.unwrap_or(Closed::Replied)
}

/// Whether the run is about a request that was relayed before.
fn forks_again(cx: &Context) -> bool {
    matches!(cx.kind, RunKind::Failure | RunKind::Event)
}

/// Keeps the request as it stands now: the script may have changed it since `t_newtran`.
fn refresh(tm: &Tm, cx: &mut Context, handle: Handle) {
    let mut request = StoredRequest::of(cx);
    let (flags, xflags) = (cx.flags, cx.xflags);
    tm.with(handle, |t| {
        if t.data.lumps_saved {
            request.take_edits_of(&t.data.request);
        }
        t.data.request = Arc::new(request);
        t.data.flags = flags;
        t.data.xflags = xflags;
    });
}

/// Tells the caller of an INVITE to stop sending it.
pub(crate) fn send_100(tm: &Tm, cx: &mut Context, handle: Handle) {
    let wanted = tm
        .look(handle, |t| t.kind().is_invite() && t.last_status() == 0)
        .unwrap_or(false);
    let enabled = tm
        .look(handle, |t| t.data.settings.auto_inv_100)
        .flatten()
        .unwrap_or(tm.config.auto_inv_100.get() != 0);
    if wanted && enabled {
        let reason = tm.config.auto_inv_100_reason.get();
        // It cannot have a final reply yet, and if it does, no harm is done.
        let _ = local_reply::send(tm, cx, 100, &reason, &[]);
    }
}

/// Keeps the transaction from choosing while branches may come.
fn hold(tm: &Tm, handle: Handle) {
    tm.with(handle, |t| t.hold());
}

/// Adds branches for the destinations of the request in work and sends them.
fn fork(tm: &Tm, cx: &mut Context, handle: Handle, options: RelayOptions) -> Outcome {
    let first = is_target_new(cx);
    if !first && cx.branches.as_slice().is_empty() {
        hold(tm, handle);
        return finish(tm, cx, handle, Err(RelayError::NoTarget));
    }
    use_target(cx);
    let hop = options.hop.clone();
    let on_branch = tm.with(handle, |t| {
        // Each fork names its own.
        t.data.forked_by = t.data.settings.on_branch.take();
        t.data.forked_by
    });
    let on_branch = on_branch.flatten();
    targets::prepare(
        tm,
        cx,
        handle,
        first,
        hop,
        on_branch,
        move |tm, cx, prepared| resolve(tm, cx, handle, prepared, options),
    )
}

/// Waits for the names of next hops, if there are any.
fn resolve(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    prepared: Vec<Prepared>,
    options: RelayOptions,
) -> Outcome {
    let must_wait = prepared
        .iter()
        .any(|branch| matches!(branch.place, Place::Asked(_)));
    if !must_wait {
        return send_all(tm, cx, handle, prepared, options);
    }
    Outcome::Wait(Box::pin(async move {
        let prepared = resolve_all(prepared).await;
        Box::new(move |cx: &mut Context| match cx.core.modules.get::<Tm>() {
            Some(tm) => send_all(&tm, cx, handle, prepared, options),
            None => FALSE,
        }) as _
    }))
}

/// Whether the main destination makes a branch: unless it has one.
pub(crate) fn is_target_new(cx: &Context) -> bool {
    let message = cx.extensions.get::<TmMessage>();
    let used = message.and_then(|message| message.used.as_ref());
    cx.target_set || used.is_none_or(|used| used.is_left_for(&cx.target))
}

async fn resolve_all(mut prepared: Vec<Prepared>) -> Vec<Prepared> {
    for branch in &mut prepared {
        let place = std::mem::replace(&mut branch.place, Place::Known(Err(RelayError::BadAddress)));
        branch.place = match place {
            Place::Asked(Located::Later(wait)) => Place::Known(Ok(wait.await)),
            Place::Asked(Located::Ready(found)) => Place::Known(Ok(found)),
            known @ Place::Known(_) => known,
        };
    }
    prepared
}

/// Adds what was prepared to the transaction and sends it.
fn send_all(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    prepared: Vec<Prepared>,
    options: RelayOptions,
) -> Outcome {
    let mut added = Vec::with_capacity(prepared.len());
    let mut error = RelayError::NoBranch;
    for branch in prepared {
        match branches::add(tm, cx, handle, branch, &options.hop) {
            Ok(branch) => added.push(branch),
            Err(e) => error = e,
        }
    }
    if added.is_empty() {
        return finish(tm, cx, handle, Err(error));
    }
    if cx.kind == RunKind::Failure {
        failure::on_new_leg(tm, handle);
    }
    send_next(tm, cx, handle, added.into_iter(), false)
}

/// Sends one branch after the other.
fn send_next(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    mut added: std::vec::IntoIter<Added>,
    mut is_any_out: bool,
) -> Outcome {
    while let Some(branch) = added.next() {
        if cx.program.onsend_route().is_some() {
            return branches::ask_to_send(cx, branch, move |cx, branch, may_leave| {
                let Some(tm) = cx.core.modules.get::<Tm>() else {
                    return FALSE;
                };
                let is_out = may_leave && send(&tm, cx, branch);
                if !may_leave {
                    failover::fail_unsent(&tm, handle, branch.number());
                }
                send_next(&tm, cx, handle, added, is_any_out | is_out)
            });
        }
        is_any_out |= send(tm, cx, &branch);
    }
    let result = is_any_out.then_some(()).ok_or(RelayError::Send);
    finish(tm, cx, handle, result)
}

/// Sends a branch's request; false: it has failed, and there is no other address. With
/// `failure_exec_mode`, a branch that cannot be sent is pending until its timer.
fn send(tm: &Tm, cx: &Context, branch: &Added) -> bool {
    let is_out = branches::send(cx, branch) || tm.config.failure_exec_mode;
    failover::left(tm, cx, branch, is_out)
}

/// Everything is out, or nothing could be: the outcome of `t_relay`.
fn finish(tm: &Tm, cx: &mut Context, handle: Handle, result: Result<(), RelayError>) -> Outcome {
    let Err(error) = result else {
        release(tm, &cx.core, handle);
        return TRUE;
    };
    cx.log(Level::Error, &format!("failure to add branches: {error}"));
    cx.error = error.code();
    let known = tm.look(handle, |t| {
        let is_pending = t.branches().iter().any(|branch| !branch.is_final());
        (t.data.settings.disable_internal_reply, is_pending)
    });
    let (silent, is_pending) = known.unzip();
    if !forks_again(cx) && silent == Some(true) {
        release(tm, &cx.core, handle);
        cx.error = RelayError::Unspecified.code();
        return Outcome::Return(SILENT);
    }
    if forks_again(cx) {
        // The failure route that runs, or the branches, decide.
        release(tm, &cx.core, handle);
        return FALSE;
    }
    if is_pending == Some(true) {
        release(tm, &cx.core, handle);
    } else {
        // The error reply decides: nothing is released before.
        cx.extensions.get_or_default::<TmMessage>().failed = Some(error);
    }
    Outcome::Return(error.return_code())
}
