//! Script functions.

use std::sync::Arc;

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::rpc::{Caller, Wire};

use super::dispatch::{self, Answer};
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

fn run(cx: &mut Context, state: &JsonState, text: &[u8]) -> Option<Answer> {
    let core = Arc::clone(&cx.core);
    let caller = Caller {
        wire: Wire::Json,
        converts: true,
        peer: None,
    };
    match dispatch::answer(&core, &caller, text, state.pretty) {
        Ok((answer, _)) => Some(answer),
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
    let Some(answer) = run(cx, state, &body) else {
        return FALSE;
    };
    let code = u16::try_from(answer.code).unwrap_or(500);
    let reason = answer.reason.as_bytes();
    match http::reply(cx, code, reason, b"application/json", &answer.body) {
        true => TRUE,
        false => FALSE,
    }
}

fn exec(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let Some(answer) = run(cx, args.state(), &text) else {
        return FALSE;
    };
    cx.extensions.insert(LastAnswer(Some(answer)));
    TRUE
}
