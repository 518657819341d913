//! `t_relay`: a request becomes a transaction with one branch for each destination.

use std::sync::Arc;

use engine::Context;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::Outcome;
use engine::services::Located;
use sip::Method;
use transaction::{Handle, Outputs};

use crate::tm::branches::{self, NextHop, Place, Prepared};
use crate::tm::create::{self, Made};
use crate::tm::error::RelayError;
use crate::tm::lost::SEND_FAILED;
use crate::tm::message::{TmMessage, current, current_branch};
use crate::tm::perform::perform;
use crate::tm::state::Tm;
use crate::tm::stored::StoredRequest;
use crate::tm::{ack, cancel, failure, local_reply};

/// What a relay leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RelayOptions {
    /// The next hop, if the call names it.
    pub(crate) hop: NextHop,
    /// No 100 reply.
    pub(crate) no_100: bool,
    /// No reply of ours when nothing can be sent.
    pub(crate) no_error_reply: bool,
}

/// The code that ends the script: the message has been dealt with.
const END: Outcome = Outcome::Return(0);

/// Relays the request in work.
pub(crate) fn relay(tm: &Tm, cx: &mut Context, options: RelayOptions) -> Outcome {
    if cx.msg.is_reply() {
        return Outcome::Return(-1);
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
            if tm.with(handle, |t| t.is_replied()).unwrap_or(true) {
                cx.log(
                    Level::Warning,
                    "the transaction has its final reply already",
                );
                return Outcome::Return(-1);
            }
            handle
        }
        Ok(Made::Retransmission) => return END,
        Err(error) => return Outcome::Return(error.code()),
    };
    if !options.no_100 {
        send_100(tm, cx, handle);
    }
    fork(tm, cx, handle, options)
}

/// Whether the run is about a request that was relayed before.
fn forks_again(cx: &Context) -> bool {
    matches!(cx.kind, RunKind::Failure | RunKind::Event)
}

/// Keeps the request as it stands now: the script may have changed it since `t_newtran`.
fn refresh(tm: &Tm, cx: &mut Context, handle: Handle) {
    let request = Arc::new(StoredRequest::of(cx));
    let (flags, xflags) = (cx.flags, cx.xflags);
    tm.with(handle, |t| {
        t.data.request = request;
        t.data.flags = flags;
        t.data.xflags = xflags;
    });
}

/// Tells the caller of an INVITE to stop sending it.
fn send_100(tm: &Tm, cx: &mut Context, handle: Handle) {
    let wanted = tm
        .with(handle, |t| t.kind().is_invite() && t.last_status() == 0)
        .unwrap_or(false);
    let enabled = tm
        .with(handle, |t| t.data.settings.auto_inv_100)
        .flatten()
        .unwrap_or(tm.config.auto_inv_100.get() != 0);
    if wanted && enabled {
        let reason = tm.config.auto_inv_100_reason.get();
        // It cannot have a final reply yet, and if it does, no harm is done.
        let _ = local_reply::send(tm, cx, 100, &reason, &[]);
    }
}

/// Adds branches for the destinations of the request in work and sends them.
fn fork(tm: &Tm, cx: &mut Context, handle: Handle, options: RelayOptions) -> Outcome {
    tm.with(handle, |t| t.hold());
    let first = is_target_new(tm, cx, handle);
    let prepared = branches::prepare(tm, cx, handle, first, &options.hop);
    let must_wait = prepared
        .iter()
        .any(|branch| matches!(branch.place, Place::Asked(_)));
    if !must_wait {
        return Outcome::Return(finish(tm, cx, handle, prepared, &options));
    }
    Outcome::Wait(Box::pin(async move {
        let prepared = resolve_all(prepared).await;
        Box::new(move |cx: &mut Context| {
            let code = match cx.core.modules.get::<Tm>() {
                Some(tm) => finish(&tm, cx, handle, prepared, &options),
                None => -1,
            };
            Outcome::Return(code)
        }) as _
    }))
}

/// Whether the main destination makes a branch: always, but in a failure route only if that
/// set it.
fn is_target_new(tm: &Tm, cx: &Context, handle: Handle) -> bool {
    if !forks_again(cx) || cx.target_set {
        return true;
    }
    let branch = current_branch(cx);
    let before = tm.with(handle, |t| match (cx.kind, branch) {
        (RunKind::Event, Some(branch)) => t.branch(branch).map(|b| b.data.target.clone()),
        _ => Some(t.data.request.target.clone()),
    });
    before
        .flatten()
        .is_none_or(|before| before.uri != cx.target.uri || before.dst_uri != cx.target.dst_uri)
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

/// Adds and sends what was prepared; returns the code of `t_relay`.
fn finish(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    prepared: Vec<Prepared>,
    options: &RelayOptions,
) -> i64 {
    let result = send_all(tm, cx, handle, prepared, options);
    let mut outputs = Outputs::new();
    match result {
        Ok(()) => {
            let core = Arc::clone(&cx.core);
            tm.with(handle, |t| t.release(&mut outputs));
            perform(tm, &core, handle, outputs, None);
            1
        }
        Err(error) => {
            cx.log(Level::Error, &format!("failure to add branches: {error}"));
            cx.error = error.code();
            let silent = options.no_error_reply
                || tm
                    .with(handle, |t| t.data.settings.disable_internal_reply)
                    .unwrap_or(true);
            if forks_again(cx) || silent {
                // The failure route that runs, or the branches that failed, decide.
                let core = Arc::clone(&cx.core);
                tm.with(handle, |t| t.release(&mut outputs));
                perform(tm, &core, handle, outputs, None);
            } else {
                // The error reply decides: nothing is released before.
                cx.extensions.get_or_default::<TmMessage>().failed = Some(error);
            }
            error.return_code()
        }
    }
}

fn send_all(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    prepared: Vec<Prepared>,
    options: &RelayOptions,
) -> Result<(), RelayError> {
    let mut added = Vec::with_capacity(prepared.len());
    let mut error = RelayError::NoBranch;
    if cx.kind == RunKind::Failure && !prepared.is_empty() {
        failure::on_new_leg(tm, handle);
    }
    for branch in prepared {
        match branches::add(tm, cx, handle, branch, &options.hop) {
            Ok(branch) => added.push(branch),
            Err(e) => error = e,
        }
    }
    if added.is_empty() {
        return Err(error);
    }
    let mut sent = 0;
    let mut outputs = Outputs::new();
    for branch in &added {
        if branches::send(cx, branch) {
            sent += 1;
        } else {
            tm.with(handle, |t| {
                t.on_branch_failure(branch.number(), SEND_FAILED, &mut outputs);
            });
        }
    }
    // The decision waits for `release`: nothing but that can be asked for here.
    debug_assert!(outputs.is_empty());
    if sent == 0 {
        return Err(RelayError::Send);
    }
    Ok(())
}
