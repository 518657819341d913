//! The way of a received message: bytes → parse → script → done.

use std::sync::Arc;

use bytes::Bytes;
use script::vm::{Ended, How};
use sip::Message;

use crate::context::{Context, RunKind};
use crate::core::Core;
use crate::hooks::Verdict;
use crate::log::Level;
use crate::route;
use crate::socket::Received;

/// Handles one message from the network on the calling thread, up to where its route waits for
/// something outside. Never panics, never blocks.
pub fn receive(core: &Arc<Core>, bytes: Bytes, received: Received) {
    if is_keepalive(&bytes) {
        return;
    }
    for hook in &core.hooks.raw {
        if hook(core, &bytes, &received) == Verdict::Consumed {
            return;
        }
    }
    let msg = match Message::parse(bytes.clone(), &core.tolerance) {
        Ok(msg) => Arc::new(msg),
        Err(error) => {
            refuse(core, &bytes, &received, &error);
            return;
        }
    };
    let Some(program) = core.program() else {
        return;
    };
    if msg.is_request() {
        receive_request(core, program, msg, received);
    } else {
        receive_reply(core, program, msg, received);
    }
}

/// Only line ends or zero bytes: what clients send to keep a NAT binding open.
fn is_keepalive(bytes: &[u8]) -> bool {
    bytes.len() <= 4 && bytes.iter().all(|b| matches!(b, b'\r' | b'\n' | 0))
}

/// Counts and logs what the grammar does not take. There is nobody to answer: not even a Via is
/// known.
fn refuse(core: &Core, bytes: &[u8], received: &Received, error: &sip::ParseError) {
    core.counters.bad_msg_hdr.increment();
    let shown = &bytes[..bytes.len().min(80)];
    core.log(
        Level::Error,
        &format!(
            "message from {}:{} is no SIP ({error}): {}",
            received.proto.name(),
            received.source,
            shown.escape_ascii()
        ),
    );
}

fn receive_request(
    core: &Arc<Core>,
    program: Arc<crate::Program>,
    msg: Arc<Message>,
    received: Received,
) {
    core.counters.rcv_requests.increment();
    let mut cx = Box::new(Context::new(
        Arc::clone(core),
        program,
        msg,
        received,
        RunKind::Request,
    ));
    // Without a Via there is nowhere to answer to.
    if !matches!(cx.msg.via1(), Some(Ok(_))) {
        core.counters.err_requests.increment();
        cx.log(Level::Error, "request without a usable Via header dropped");
        return;
    }
    if core.core_cfg.force_rport.get() != 0 {
        cx.options.force_rport = true;
    }
    let started = route::guarded(&mut cx, |cx| {
        core.hooks
            .before_request
            .iter()
            .all(|hook| hook(cx) == Verdict::Continue)
    });
    if started != Some(true) {
        return;
    }
    let Some(block) = cx.program.request_route() else {
        return;
    };
    route::run_detached(cx, block, Box::new(after_request));
}

fn after_request(cx: &mut Context, _ended: Ended) {
    let core = Arc::clone(&cx.core);
    for hook in &core.hooks.after_request {
        if hook(cx) == Verdict::Consumed {
            break;
        }
    }
}

fn receive_reply(
    core: &Arc<Core>,
    program: Arc<crate::Program>,
    msg: Arc<Message>,
    received: Received,
) {
    core.counters.rcv_replies.increment();
    let mut cx = Box::new(Context::new(
        Arc::clone(core),
        program,
        msg,
        received,
        RunKind::Reply,
    ));
    if !matches!(cx.msg.via1(), Some(Ok(_))) {
        core.counters.err_replies.increment();
        cx.log(Level::Error, "reply without a usable Via header dropped");
        return;
    }
    match cx.program.reply_route() {
        Some(block) => route::run_detached(cx, block, Box::new(after_reply_route)),
        None => {
            route::guarded(&mut cx, dispatch_reply);
        }
    }
}

fn after_reply_route(cx: &mut Context, ended: Ended) {
    if ended.how == How::Drop {
        cx.core.counters.drop_replies.increment();
        return;
    }
    dispatch_reply(cx);
}

/// Offers a reply to the module that has its transaction; else forwards it by its second Via.
fn dispatch_reply(cx: &mut Context) {
    let core = Arc::clone(&cx.core);
    for hook in &core.hooks.reply {
        if hook(cx) == Verdict::Consumed {
            return;
        }
    }
    crate::reply::forward_stateless(cx);
}
