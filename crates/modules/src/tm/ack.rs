//! ACK: of a negative reply it ends here, of a 2xx it is forwarded without a transaction.

use bytes::Bytes;
use engine::Context;
use engine::module::{Outcome, TRUE};
use engine::services::{Candidates, LocateQuery, Located};
use engine::socket::Destination;
use sip::UriRef;
use transaction::{Handle, MAGIC_COOKIE, Outputs};

use crate::tm::branches;
use crate::tm::error::RelayError;
use crate::tm::message::{TmMessage, acknowledged};
use crate::tm::observers::Event;
use crate::tm::perform::{perform, send_bytes};
use crate::tm::state::Tm;
use crate::tm::targets::NextHop;

/// What an ACK belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AckOf {
    /// A negative reply, or a 2xx made here: it has been taken.
    Taken,
    /// A forwarded 2xx.
    EndToEnd(Handle),
    /// Nothing known.
    Nothing,
}

/// Finds what an ACK belongs to, and lets a transaction take its own. The observers are told of a
/// message once, however often the script asks.
pub(crate) fn matched(tm: &Tm, cx: &mut Context) -> AckOf {
    if let Some(handle) = acknowledged(cx) {
        return AckOf::EndToEnd(handle);
    }
    let core = cx.core.clone();
    if let Some(handle) = tm.find_invite(&cx.msg) {
        let status = tm.look(handle, |t| t.last_status()).unwrap_or(0);
        if !(200..300).contains(&status) {
            let mut outputs = Outputs::new();
            tm.with(handle, |t| t.on_ack(&mut outputs));
            tm.tell(&core, handle, Event::AckIn(cx));
            perform(tm, &core, handle, outputs, None);
            return AckOf::Taken;
        }
    }
    let Some(handle) = tm.find_by_ack(&cx.msg) else {
        return AckOf::Nothing;
    };
    tm.tell(&core, handle, Event::AckIn(cx));
    let is_local = tm
        .look(handle, |t| {
            !t.branches()
                .iter()
                .any(|b| (200..300).contains(&b.status()))
        })
        .unwrap_or(false);
    if is_local {
        return AckOf::Taken;
    }
    tm.table.pack(handle);
    cx.extensions.get_or_default::<TmMessage>().acknowledged = Some(handle);
    AckOf::EndToEnd(handle)
}

/// `t_relay` of an ACK.
pub(crate) fn relay(tm: &Tm, cx: &mut Context, hop: &NextHop) -> Outcome {
    match matched(tm, cx) {
        AckOf::Taken => Outcome::Return(0),
        AckOf::EndToEnd(_) | AckOf::Nothing => forward(cx, hop),
    }
}

/// Forwards the request in work without a transaction.
pub(crate) fn forward(cx: &mut Context, hop: &NextHop) -> Outcome {
    let located = match next_hop(cx, hop) {
        Ok(located) => located,
        Err(error) => return Outcome::Return(error.code()),
    };
    match located {
        Located::Ready(found) => send_to(cx, &found),
        Located::Later(wait) => Outcome::Wait(Box::pin(async move {
            let found = wait.await;
            Box::new(move |cx: &mut Context| send_to(cx, &found)) as _
        })),
    }
}

fn next_hop(cx: &Context, hop: &NextHop) -> Result<Located, RelayError> {
    if let Some(host) = &hop.host {
        return Ok(cx.core.services.resolver.locate(LocateQuery {
            host: host.clone(),
            port: hop.port,
            proto: hop.proto,
            secure: false,
        }));
    }
    let uri = cx
        .target
        .dst_uri
        .clone()
        .unwrap_or_else(|| cx.request_uri());
    let uri = UriRef::parse(&uri).map_err(|_| RelayError::BadAddress)?;
    Ok(engine::forward::locate(&cx.core, &uri, hop.proto))
}

fn send_to(cx: &mut Context, found: &Candidates) -> Outcome {
    let (to, bytes) = match print(cx, found) {
        Ok(ready) => ready,
        Err(error) => return Outcome::Return(error.code()),
    };
    engine::forward::before_leaving(cx, &to, bytes, move |cx, bytes| {
        let Some(bytes) = bytes else { return TRUE };
        if !send_bytes(&cx.core, &to, &bytes) {
            return Outcome::Return(RelayError::Send.code());
        }
        cx.core.counters.fwd_requests.increment();
        TRUE
    })
}

fn print(cx: &Context, found: &Candidates) -> Result<(Destination, Bytes), RelayError> {
    let candidate = found.first().ok_or(RelayError::BadAddress)?;
    let to = branches::destination(cx, &cx.target, candidate, Some(&cx.received))?;
    let branch = stateless_branch(cx);
    let bytes = branches::print_request(cx, &cx.target, &cx.edits, &branch, &to)
        .ok_or(RelayError::NoSocket)?;
    Ok((to, bytes))
}

/// The branch of a request forwarded without a transaction: the same for its retransmissions
/// (RFC 3261 section 16.11), and another one than the INVITE's.
fn stateless_branch(cx: &Context) -> Bytes {
    let tag = engine::reply::stateless_tag(&cx.core, cx);
    let hash = tag.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let short = hash.get(..4).unwrap_or(hash);
    let out = [MAGIC_COOKIE, short, b".", hash, hash, b"s.0"].concat();
    out.into()
}
