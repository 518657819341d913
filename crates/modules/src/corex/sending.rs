//! Sending messages as they are, without a Via of ours, and data that is no message.

use std::sync::Arc;

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::Context;
use engine::core_functions::relay::{self, Form};
use engine::forward::socket_for;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use engine::services::{Candidate, LocateQuery, Located};
use engine::socket::{Destination, Proto, SocketId};

/// `send_udp([host[:port]])`, `send_tcp(…)`.
pub(super) fn send(cx: &mut Context, args: &Args<'_>, proto: Proto) -> Outcome {
    let query = if args.is_empty() {
        relay::next_hop(cx)
    } else {
        let text = args.text(cx, 0);
        relay::place(&text, None, Some(proto))
    };
    match query {
        Some(mut query) => {
            query.proto = Some(proto);
            relay::send_to(cx, query, Form::Bare)
        }
        None => FALSE,
    }
}

/// `send_data(uri, data)`.
pub(super) fn send_data(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (uri, data) = (args.text(cx, 0), args.text(cx, 1));
    send_bytes(cx, &uri, None, data)
}

/// `sendx(uri, socket, data)`.
pub(super) fn sendx(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (uri, socket, data) = (args.text(cx, 0), args.text(cx, 1), args.text(cx, 2));
    let socket = engine::core_functions::send::socket_named(cx, &socket);
    if socket.is_none() {
        cx.log(Level::Error, "sendx by a socket that is not ours");
        return FALSE;
    }
    send_bytes(cx, &uri, socket, data)
}

fn send_bytes(cx: &mut Context, uri: &[u8], socket: Option<SocketId>, data: Bytes) -> Outcome {
    let Some(query) = relay::query_of(uri) else {
        cx.log(Level::Error, "data for something that is no URI");
        return FALSE;
    };
    match locate(cx, query) {
        Located::Ready(found) => deliver(cx, found.first(), socket, data),
        Located::Later(wait) => Outcome::Wait(Box::pin(async move {
            let found = wait.await;
            Box::new(move |cx: &mut Context| deliver(cx, found.first(), socket, data)) as _
        })),
    }
}

fn locate(cx: &Context, query: LocateQuery) -> Located {
    cx.core.services.resolver.locate(query)
}

fn deliver(
    cx: &mut Context,
    to: Option<&Candidate>,
    socket: Option<SocketId>,
    data: Bytes,
) -> Outcome {
    let core = Arc::clone(&cx.core);
    let Some(candidate) = to else {
        return FALSE;
    };
    let Some(socket) = socket_for(&core, candidate, socket, Some(&cx.received)) else {
        return FALSE;
    };
    let to = Destination {
        proto: candidate.proto,
        peer: candidate.address,
        socket: socket.id,
        connection: None,
        no_connect: false,
        close: false,
    };
    match core.services.network.send(&to, &data) {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("not sent to {}: {error}", to.peer));
            FALSE
        }
    }
}
