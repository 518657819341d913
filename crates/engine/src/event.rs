//! Event routes and timer routes, which no message of the network causes: they run on a made-up
//! request.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use script::host::RouteId;
use sip::Message;

use crate::Program;
use crate::context::{Context, RunKind};
use crate::core::Core;
use crate::route;
use crate::socket::{Proto, Received, SocketId};

/// The request that scripts see in such a route, the same as Kamailio's.
const REQUEST: &[u8] = b"OPTIONS sip:you@kamailio.org SIP/2.0\r\n\
Via: SIP/2.0/UDP 127.0.0.1\r\n\
From: <sip:you@kamailio.org>;tag=123\r\n\
To: <sip:you@kamailio.org>\r\n\
Call-ID: 123\r\n\
CSeq: 1 OPTIONS\r\n\
Content-Length: 0\r\n\r\n";

/// Runs `event_route[name]` if the program has one; `prepare` puts what the route may ask for
/// into its context. True when there is such a route.
pub fn run(core: &Arc<Core>, name: &str, prepare: impl FnOnce(&mut Context)) -> bool {
    let Some((mut cx, block)) = context_for_event(core, name) else {
        return false;
    };
    prepare(&mut cx);
    route::run_detached(cx, block, Box::new(|_, _| route::DONE));
    true
}

/// Runs a block of a program on a made-up request; `prepare` puts what it may ask for into its
/// context.
pub fn run_block(
    core: &Arc<Core>,
    program: Arc<Program>,
    block: RouteId,
    kind: RunKind,
    prepare: impl FnOnce(&mut Context),
) {
    if let Some(mut cx) = made_up(core, program, kind, REQUEST) {
        prepare(&mut cx);
        route::run_detached(cx, block, Box::new(|_, _| route::DONE));
    }
}

/// A made-up request for `event_route[name]`, with the block; `None` when the program has no such
/// route.
pub(crate) fn context_for_event(core: &Arc<Core>, name: &str) -> Option<(Box<Context>, RouteId)> {
    let program = core.program()?;
    let block = program.event_route(name)?;
    let cx = made_up(core, program, RunKind::Event, REQUEST)?;
    Some((cx, block))
}

/// A context for such a route, of the program as it is now. `None` while there is no program.
#[must_use]
pub fn context(core: &Arc<Core>, kind: RunKind) -> Option<Box<Context>> {
    context_of(core, kind, REQUEST)
}

/// As [`context`], with another request.
#[must_use]
pub fn context_of(core: &Arc<Core>, kind: RunKind, request: &'static [u8]) -> Option<Box<Context>> {
    let program = core.program()?;
    made_up(core, program, kind, request)
}

/// A context with a made-up request.
fn made_up(
    core: &Arc<Core>,
    program: Arc<Program>,
    kind: RunKind,
    request: &'static [u8],
) -> Option<Box<Context>> {
    let msg = Message::parse(Bytes::from_static(request), &core.tolerance).ok()?;
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 5060));
    let received = Received {
        proto: Proto::Udp,
        source: here,
        destination: here,
        socket: SocketId(0),
        connection: None,
    };
    Some(Box::new(Context::new(
        Arc::clone(core),
        program,
        Arc::new(msg),
        received,
        kind,
    )))
}
