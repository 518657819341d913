//! The event routes of the core: what runs before parsing, before the main routes, for what is no
//! message, and once at the start.

use std::sync::Arc;

use bytes::Bytes;
use script::host::RouteId;
use script::vm::{Ended, How};
use sip::Message;

use crate::Program;
use crate::context::{Context, RunKind};
use crate::core::Core;
use crate::event;
use crate::module::{EventRoute, Outcome};
use crate::route;
use crate::socket::Received;

const RECEIVED: &str = "core:msg-received";
const BEFORE_ROUTING: &str = "core:pre-routing";
const UNPARSABLE: &str = "core:receive-parse-error";
const START: &str = "core:worker-one-init";

/// The rows.
pub static TABLE: &[EventRoute] = &[
    EventRoute {
        name: START,
        doc: "Once, when the server begins to serve.",
    },
    EventRoute {
        name: RECEIVED,
        doc: "Before a message is parsed, with received_route_mode=1; $rcv(…) holds it, drop ends it.",
    },
    EventRoute {
        name: BEFORE_ROUTING,
        doc: "Before request_route or reply_route; drop ends the message there.",
    },
    EventRoute {
        name: UNPARSABLE,
        doc: "For bytes that are no SIP message; $mb, $si and their kin hold them.",
    },
];

/// What came in, for `$rcv(…)`: kept with the context of `event_route[core:msg-received]`.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The bytes; the script may put others in their place.
    pub bytes: Bytes,
    /// How they came in.
    pub received: Received,
}

/// Runs `event_route[core:worker-one-init]`.
pub(crate) fn started(core: &Arc<Core>) {
    event::run(core, START, |_| ());
}

/// Runs `event_route[core:msg-received]` on what came in, then `then` with what is to be parsed,
/// unless the script drops it.
pub(crate) fn received(
    core: &Arc<Core>,
    bytes: Bytes,
    received: Received,
    then: fn(&Arc<Core>, Bytes, Received),
) {
    if !core.settings.received_route {
        return then(core, bytes, received);
    }
    let Some((mut cx, block)) = event::context_for_event(core, RECEIVED) else {
        return then(core, bytes, received);
    };
    cx.extensions.insert(Incoming { bytes, received });
    let after = move |cx: &mut Context, ended: Ended| {
        let kept = cx.extensions.remove::<Incoming>();
        if let Some(kept) = kept.filter(|_| ended.how != How::Drop) {
            then(&cx.core, kept.bytes, received);
        }
        route::DONE
    };
    route::run_detached(cx, block, Box::new(after));
}

/// `event_route[core:pre-routing]` of the program of a message.
pub(crate) fn before_routing(cx: &Context) -> Option<RouteId> {
    cx.program.event_route(BEFORE_ROUTING)
}

/// Runs `event_route[core:pre-routing]`, then `then` unless the script drops the message.
pub(crate) fn run_before_routing(
    cx: Box<Context>,
    block: RouteId,
    then: fn(&mut Context) -> Outcome,
) {
    route::run_to_end(cx, move |cx| {
        let kind = cx.kind;
        route::run_nested_then(cx, block, kind, move |cx, ended| match ended.how {
            How::Drop => route::DONE,
            _ => then(cx),
        })
    });
}

/// Runs `event_route[core:receive-parse-error]`.
pub(crate) fn unparsable(core: &Arc<Core>, bytes: &Bytes, received: &Received) {
    let msg = || Arc::new(Message::opaque(bytes.clone()));
    run_unparsable(core, msg, received);
}

/// Whether a message cannot be read any further than to its first Via.
pub(crate) fn is_unparsable(cx: &Context) -> bool {
    matches!(cx.msg.via1(), Some(Err(_)))
}

/// Runs `event_route[core:receive-parse-error]` on a message whose first Via is broken.
pub(crate) fn unparsable_via(cx: &Context) {
    run_unparsable(&cx.core, || Arc::clone(&cx.msg), &cx.received);
}

fn run_unparsable(core: &Arc<Core>, msg: impl FnOnce() -> Arc<Message>, received: &Received) {
    let Some(program) = core.program() else {
        return;
    };
    let Some(block) = program.event_route(UNPARSABLE) else {
        return;
    };
    let cx = of_event(core, program, msg(), received);
    route::run_detached(cx, block, Box::new(|_, _| route::DONE));
}

fn of_event(
    core: &Arc<Core>,
    program: Arc<Program>,
    msg: Arc<Message>,
    received: &Received,
) -> Box<Context> {
    let core = Arc::clone(core);
    Box::new(Context::new(core, program, msg, *received, RunKind::Event))
}
