//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, Status, TRUE};

use super::reply;

const fn arg(name: &'static str, kind: ArgKind) -> Arg {
    Arg { name, kind }
}

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[Function {
    name: "xhttp_reply",
    args: &[
        arg("code", ArgKind::Int),
        arg("reason", ArgKind::Text),
        arg("ctype", ArgKind::Text),
        arg("body", ArgKind::Text),
    ],
    required: 4,
    routes: Routes::REQUEST.and(Routes::EVENT),
    run: xhttp_reply,
    doc: "Answers the HTTP request.",
    status: Status::Full,
}];

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
