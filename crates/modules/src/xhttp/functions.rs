//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::reply;

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[Function::new(
    "xhttp_reply",
    &[
        Arg::int("code"),
        Arg::text("reason"),
        Arg::text("ctype"),
        Arg::text("body"),
    ],
    4,
    Routes::REQUEST.and(Routes::EVENT),
    xhttp_reply,
    "Answers the HTTP request.",
)
.constant()];

fn xhttp_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let code = args.int(cx, 0).and_then(|c| u16::try_from(c).ok());
    let Some(code) = code.filter(|c| (100..700).contains(c)) else {
        cx.log(Level::Error, "invalid code of an HTTP reply");
        return FALSE;
    };
    let reason = args.text(cx, 1);
    if reason.is_empty() {
        cx.log(Level::Error, "an HTTP reply needs a reason");
        return FALSE;
    }
    let (content_type, body) = (args.text(cx, 2), args.text(cx, 3));
    match reply::send(cx, code, &reason, &content_type, &body) {
        true => TRUE,
        false => FALSE,
    }
}
