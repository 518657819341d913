//! `event_route[network:msg]`: every message is shown to the script as it comes in and as it goes
//! out, and the script may put other bytes in its place (`nio_intercept`).

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::{Context, RunKind};
use engine::core::{Core, Setup};
use engine::log::Level;
use engine::module::{FALSE, InitError, Outcome, TRUE};
use engine::route;
use engine::socket::{Destination, Received};
use engine::variable::Readable;
use script::value::Value;
use sip::Message;

use super::Corex;

/// The event route.
pub(super) const EVENT: &str = "network:msg";

thread_local! {
    /// What the event route itself sends is not shown to it again.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Kept with the context of the event route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    In,
    Out,
}

/// What the parameters say.
struct Intercept {
    /// Shorter messages are not shown.
    shortest: usize,
    /// Where the script puts what takes the message's place.
    other: Option<Readable>,
}

/// Attaches to the ways in and out if the parameters ask for it; whether they do.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<bool, InitError> {
    if setup.params.int("nio_intercept") == 0 {
        return Ok(false);
    }
    let intercept = Arc::new(Intercept {
        shortest: usize::try_from(setup.params.int("nio_min_msg_len")).unwrap_or(0),
        other: setup.variable_param("nio_msg_avp")?,
    });
    let outgoing = Arc::clone(&intercept);
    setup
        .hooks
        .incoming
        .push(Box::new(move |core, bytes, received| {
            let other = intercept.show(core, &bytes, received, Direction::In);
            other.unwrap_or(bytes)
        }));
    setup.hooks.send.push(Box::new(move |core, to, message| {
        let bytes = Bytes::copy_from_slice(message);
        let received = nowhere(to);
        if let Some(other) = outgoing.show(core, &bytes, &received, Direction::Out) {
            message.clear();
            message.extend_from_slice(&other);
        }
    }));
    Ok(true)
}

/// Without the route there is nothing to show messages to: Kamailio does not start either.
pub(super) fn check(core: &Core) -> Result<(), InitError> {
    match core.program() {
        Some(program) if program.event_route(EVENT).is_none() => Err(InitError::of_param(
            "nio_intercept",
            "there is no event_route[network:msg]",
        )),
        _ => Ok(()),
    }
}

/// `is_incoming()`: the other routes work on what was shown as it came in.
pub(super) fn is_incoming(cx: &Context, args: &Args<'_>) -> Outcome {
    let is_out = cx.extensions.get::<Direction>() == Some(&Direction::Out);
    if args.state::<Corex>().intercepts && !is_out {
        TRUE
    } else {
        FALSE
    }
}

/// Where a message that goes out came from.
fn nowhere(to: &Destination) -> Received {
    let here = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    Received {
        proto: to.proto,
        source: here,
        destination: here,
        socket: to.socket,
        connection: to.connection,
    }
}

impl Intercept {
    /// Runs the event route on a message; what takes its place, if anything does.
    fn show(
        &self,
        core: &Arc<Core>,
        bytes: &Bytes,
        received: &Received,
        direction: Direction,
    ) -> Option<Bytes> {
        if bytes.len() < self.shortest || IS_RUNNING.get() {
            return None;
        }
        let program = core.program()?;
        let block = program.event_route(EVENT)?;
        let mut cx = Context::new(
            Arc::clone(core),
            program,
            Arc::new(Message::opaque(bytes.clone())),
            *received,
            RunKind::Event,
        );
        cx.extensions.insert(direction);
        IS_RUNNING.set(true);
        // Nothing can be parked here: the message waits on this thread.
        let ended = route::guarded(&mut cx, |cx| {
            route::run_nested(cx, block, RunKind::Event);
            self.other.as_ref().map(|other| other.read(cx))
        });
        IS_RUNNING.set(false);
        match ended?? {
            Value::Str(text) => Some(text),
            _ => {
                cx.log(
                    Level::Warning,
                    "no value set for nio_msg_avp: the message stays as it is",
                );
                None
            }
        }
    }
}
