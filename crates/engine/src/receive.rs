//! The way of a received message: bytes → parse → script → done.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use script::host::RouteId;
use script::vm::{Ended, How};
use sip::{HeaderKind, Message};

use crate::context::{Context, RunKind};
use crate::core::Core;
use crate::core_events;
use crate::hooks::Verdict;
use crate::latency;
use crate::log::Level;
use crate::module::Outcome;
use crate::reverse;
use crate::route;
use crate::socket::{Proto, Received};
use crate::stock::Handle;

/// Handles one message from the network on the calling thread, up to where its route waits for
/// something outside. Never panics, never blocks.
pub fn receive(core: &Arc<Core>, mut bytes: Bytes, received: Received) {
    if is_keepalive(&bytes) {
        return;
    }
    for hook in &core.hooks.incoming {
        bytes = hook(core, bytes, &received);
    }
    for hook in &core.hooks.raw {
        if hook(core, &bytes, &received) == Verdict::Consumed {
            return;
        }
    }
    core_events::received(core, bytes, received, parse);
}

/// What came in is parsed and handed to the script.
fn parse(core: &Arc<Core>, bytes: Bytes, received: Received) {
    let msg = match Message::parse_shared(bytes, &core.tolerance) {
        Ok(msg) if core.message_limits.allow(&msg) => msg,
        Ok(msg) => {
            core.message_limits.refuse();
            refuse(core, msg.raw(), &received, &sip::ParseError::TooLarge);
            return;
        }
        Err((error, bytes)) => {
            if error == sip::ParseError::TooLarge {
                core.message_limits.refuse();
            }
            core_events::unparsable(core, &bytes, &received);
            refuse(core, &bytes, &received, &error);
            close(core, &received);
            return;
        }
    };
    // An HTTP request that nobody took. Replies of web servers are read only if that is asked for.
    let is_sip = |version: &[u8]| {
        let name = version.get(..4);
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"SIP/"))
    };
    if msg.is_request() && !is_sip(msg.version()) {
        refuse(core, msg.raw(), &received, &sip::ParseError::Version);
        return;
    }
    let Some(program) = core.program_in_stock() else {
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
    let level = Level::from_number(core.core_cfg.corelog.get());
    let shown = &bytes[..bytes.len().min(80)];
    core.log(
        level,
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
    program: Handle<crate::Program>,
    msg: Arc<Message>,
    received: Received,
) {
    core.counters.rcv_requests.increment();
    let mut cx = Box::new(Context::new(
        Handle::of(core),
        program,
        msg,
        received,
        RunKind::Request,
    ));
    cx.arrived = arrival(core);
    if core_events::is_unparsable(&cx) {
        core_events::unparsable_via(&cx);
    } else {
        cx.fix_log_prefix();
        if let Some(event) = core_events::before_routing(&cx) {
            return core_events::run_before_routing(cx, event, route_request);
        }
    }
    if core.settings.rev_dns {
        return route::run_to_end(cx, route_request);
    }
    if let Some(block) = admit_request(core, &mut cx) {
        route::run_detached(cx, block, Box::new(after_request_route));
    }
}

/// The time of a message that comes in now, if that is kept (`msg_time`).
fn arrival(core: &Core) -> Option<Duration> {
    core.settings.msg_time.then(|| core.services.clock.unix())
}

/// A request goes its way where something before it may have to be waited for.
fn route_request(cx: &mut Context) -> Outcome {
    reverse::name_sender(cx, |cx| match admit_request(&cx.core.clone(), cx) {
        Some(block) => route::run_nested_then(cx, block, RunKind::Request, after_request_route),
        None => route::DONE,
    })
}

/// What precedes `request_route`; `None`: the request is over.
fn admit_request(core: &Arc<Core>, cx: &mut Context) -> Option<RouteId> {
    if let Some(fault) = fault(&cx.msg) {
        core.counters.err_requests.increment();
        drop_unusable(cx, fault);
        return None;
    }
    if core.core_cfg.force_rport.get() != 0 {
        cx.options.force_rport = true;
    }
    if core.overload.is_refusing() && core.overload.refuse(cx) {
        return None;
    }
    cx.options.add_local_rport = core.settings.local_rport;
    if core.core_cfg.accept_aliases.get() != 0
        && let Some(Ok(via)) = cx.msg.via1()
        && via.alias
    {
        add_alias(cx, None);
    }
    let started = route::guarded(cx, |cx| {
        core.hooks
            .before_request
            .iter()
            .all(|hook| hook(cx) == Verdict::Continue)
    });
    if started != Some(true) {
        return None;
    }
    let block = cx.program.request_route()?;
    cx.began = latency::begin(cx);
    Some(block)
}

/// Why a message cannot be worked on: a header without which it can be neither answered nor
/// matched is missing or broken, a header repeats that may stand once, or a line is no header.
/// Kamailio is silent to these too.
fn fault(msg: &Message) -> Option<&'static str> {
    fn usable<T>(found: Option<Result<T, sip::HeaderError>>) -> bool {
        matches!(found, Some(Ok(_)))
    }
    if !matches!(msg.via1(), Some(Ok(_))) {
        return Some("no usable Via header");
    }
    if matches!(msg.via2(), Some(Err(_))) {
        return Some("the second Via header is broken");
    }
    if !matches!(msg.cseq(), Some(Ok(_))) {
        return Some("no usable CSeq header");
    }
    if !matches!(msg.to(), Some(Ok(_))) {
        return Some("no usable To header");
    }
    if !msg.has(HeaderKind::From) {
        return Some("no From header");
    }
    if msg.call_id().is_none() {
        return Some("no Call-ID header");
    }
    // The script may look at a reply all the same.
    if msg.is_request() && msg.has(HeaderKind::ContentLength) && !usable(msg.content_length()) {
        return Some("the Content-Length header is broken");
    }
    msg.suspect_header()
        .map(|_| "a header line is malformed or repeated")
}

/// Lets requests to a port of the client go by the connection that its request came by: to the
/// port in its Via, unless another is named. True when there is no connection.
pub(crate) fn add_alias(cx: &Context, port: Option<u16>) -> bool {
    let Some(connection) = cx.received.connection else {
        return true;
    };
    let in_via = match cx.msg.via1() {
        Some(Ok(via)) => via.port,
        _ => None,
    };
    let port = port
        .or(in_via)
        .unwrap_or_else(|| cx.received.proto.default_port());
    cx.core.services.network.add_alias(connection, port)
}

/// A peer that sends what cannot be worked on may have lost its place in the stream: it has to
/// begin anew, as with Kamailio, unless `tcp_script_mode` says otherwise.
fn close(core: &Core, received: &Received) {
    if core.settings.tcp_script_mode {
        return;
    }
    if let Some(connection) = received.connection {
        core.services.network.close(connection);
    }
}

fn drop_unusable(cx: &mut Context, fault: &str) {
    cx.core.counters.bad_msg_hdr.increment();
    close(&cx.core, &cx.received);
    let from = cx.received.source;
    cx.log(
        Level::Error,
        &format!("message from {from} dropped: {fault}"),
    );
}

/// A request whose route ends with a negative code has failed: the peer is told by the end of its
/// connection.
fn after_request_route(cx: &mut Context, ended: Ended) -> Outcome {
    // What modules answer goes out before.
    let outcome = after_request(cx);
    if ended.code < 0 {
        close(&cx.core, &cx.received);
    }
    outcome
}

/// Lets modules finish what a request began.
pub(crate) fn after_request(cx: &mut Context) -> Outcome {
    let began = cx.began.take();
    latency::end(cx, "request-route", began);
    if cx.core.hooks.after_request.is_empty() {
        return route::DONE;
    }
    let core = cx.core.clone();
    for hook in &core.hooks.after_request {
        if hook(cx) == Verdict::Consumed {
            break;
        }
    }
    route::DONE
}

fn receive_reply(
    core: &Arc<Core>,
    program: Handle<crate::Program>,
    msg: Arc<Message>,
    received: Received,
) {
    core.counters.rcv_replies.increment();
    let mut cx = Box::new(Context::new(
        Handle::of(core),
        program,
        msg,
        received,
        RunKind::Reply,
    ));
    cx.arrived = arrival(core);
    let is_unparsable = core_events::is_unparsable(&cx);
    if is_unparsable {
        core_events::unparsable_via(&cx);
    } else {
        cx.fix_log_prefix();
    }
    let event = core_events::before_routing(&cx).filter(|_| !is_unparsable);
    if let Some(event) = event {
        return core_events::run_before_routing(cx, event, |cx| {
            if !admit_reply(cx) {
                return route::DONE;
            }
            match cx.program.reply_route() {
                Some(block) => route::run_nested_then(cx, block, RunKind::Reply, after_reply_route),
                None => dispatch_timed(cx),
            }
        });
    }
    if !admit_reply(&mut cx) {
        return;
    }
    match cx.program.reply_route() {
        Some(block) => route::run_detached(cx, block, Box::new(after_reply_route)),
        None => route::run_to_end(cx, dispatch_timed),
    }
}

/// What precedes `reply_route`; false: the reply is over.
fn admit_reply(cx: &mut Context) -> bool {
    if let Some(fault) = fault(&cx.msg) {
        cx.core.counters.err_replies.increment();
        drop_unusable(cx, fault);
        return false;
    }
    cx.began = latency::begin(cx);
    true
}

fn after_reply_route(cx: &mut Context, ended: Ended) -> Outcome {
    // As in Kamailio the code of the last statement decides: below 0 the reply is lost to an error.
    if ended.code < 0 {
        cx.log(Level::Warning, "reply_route failed: the reply goes nowhere");
        close(&cx.core, &cx.received);
        return timed_reply(cx, route::DONE);
    }
    if ended.how == How::Drop || ended.code == 0 {
        cx.core.counters.drop_replies.increment();
        return timed_reply(cx, route::DONE);
    }
    dispatch_timed(cx)
}

/// Hands a reply on, and says how long all of it took.
fn dispatch_timed(cx: &mut Context) -> Outcome {
    let outcome = dispatch_reply(cx);
    timed_reply(cx, outcome)
}

/// Says how long a reply took, once what it still waits for has come.
fn timed_reply(cx: &mut Context, outcome: Outcome) -> Outcome {
    if let Outcome::Wait(wait) = outcome {
        return Outcome::Wait(Box::pin(async move {
            let continuation = wait.await;
            Box::new(|cx: &mut Context| {
                let outcome = continuation(cx);
                timed_reply(cx, outcome)
            }) as _
        }));
    }
    let began = cx.began.take();
    latency::end(cx, "reply-route", began);
    outcome
}

/// Whether the top Via of a reply names us.
fn has_our_via(cx: &Context) -> bool {
    let Some(Ok(via)) = cx.msg.via1() else {
        return false;
    };
    let proto = Proto::from_name(cx.msg.text(via.transport));
    let port = via.port.or(proto.map(Proto::default_port));
    cx.core
        .sockets
        .is_myself(cx.msg.text(via.host), port, proto)
}

/// Offers a reply to the module that has its transaction; else forwards it by its second Via.
fn dispatch_reply(cx: &mut Context) -> Outcome {
    let core = cx.core.clone();
    if core.settings.check_via && !has_our_via(cx) {
        cx.log(Level::Debug, "a reply whose top Via is not ours is dropped");
        return route::DONE;
    }
    for hook in &core.hooks.reply {
        if let Some(outcome) = hook(cx) {
            return outcome;
        }
    }
    crate::reply::forward_stateless(cx);
    route::DONE
}
