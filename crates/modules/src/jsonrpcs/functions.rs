//! Script functions.

use std::sync::Arc;

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::rpc::{Caller, Wire};

use super::dispatch::{self, Answer, Dispatched};
use super::state::JsonState;
use crate::xhttp::api as http;

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "jsonrpc_dispatch",
        &[],
        0,
        Routes::REQUEST.and(Routes::EVENT),
        dispatch,
        "Runs the call in the body of an HTTP request and answers it.",
    ),
    Function::anywhere(
        "jsonrpc_exec",
        &[Arg::text("cmd")],
        1,
        exec,
        "Runs a call; the answer is in $jsonrpl.",
    ),
];

/// The last answer that the script made, `$jsonrpl`.
#[derive(Default)]
pub(super) struct LastAnswer(pub(super) Option<Answer>);

fn run(cx: &mut Context, state: &JsonState, text: &[u8]) -> Option<Dispatched> {
    let core = Arc::clone(&cx.core);
    let caller = Caller {
        wire: Wire::Json,
        converts: true,
        peer: None,
    };
    match dispatch::answer(&core, &caller, text, state.pretty) {
        Ok((dispatched, _)) => Some(dispatched),
        Err(_) => {
            cx.log(Level::Error, "invalid json doc");
            None
        }
    }
}

fn dispatch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &JsonState = args.state();
    if !state.http || !http::is_request(cx) {
        cx.log(Level::Error, "jsonrpc_dispatch works on HTTP requests");
        return FALSE;
    }
    let body = cx.msg.body().to_vec();
    match run(cx, state, &body) {
        Some(dispatched) => when_there(cx, dispatched, send_http),
        None => FALSE,
    }
}

/// Does something with an answer, for which the route waits if it has to.
fn when_there(
    cx: &mut Context,
    dispatched: Dispatched,
    then: fn(&mut Context, Answer) -> Outcome,
) -> Outcome {
    match dispatched {
        Dispatched::Now(answer) => then(cx, answer),
        Dispatched::Later(later) => Outcome::Wait(Box::pin(async move {
            let answer = later.await;
            Box::new(move |cx: &mut Context| then(cx, answer)) as _
        })),
    }
}

fn send_http(cx: &mut Context, answer: Answer) -> Outcome {
    let code = u16::try_from(answer.code).unwrap_or(500);
    let reason = answer.reason.as_bytes();
    match http::reply(cx, code, reason, b"application/json", &answer.body) {
        true => TRUE,
        false => FALSE,
    }
}

fn exec(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    match run(cx, args.state(), &text) {
        Some(dispatched) => when_there(cx, dispatched, |cx, answer| {
            cx.extensions.insert(LastAnswer(Some(answer)));
            TRUE
        }),
        None => FALSE,
    }
}
