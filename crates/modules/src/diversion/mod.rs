//! diversion: Diversion headers (RFC 5806), which tell who a call was for before it was diverted.
//!
//! Mirrors Kamailio's diversion module README.

use engine::Context;
use engine::arguments::Args;
use engine::module::{Arg, FALSE, Function, Module, Outcome, Param, Routes, Status, TRUE};
use sip::HeaderKind;

/// Its table.
pub static MODULE: Module = Module {
    name: "diversion",
    doc: "Diversion headers.",
    functions: FUNCTIONS,
    params: PARAMS,
    ..Module::EMPTY
};

static FUNCTIONS: &[Function] = &[Function::new(
    "add_diversion",
    &[Arg::text("reason"), Arg::text("uri")],
    1,
    Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH),
    add_diversion,
    "Adds a Diversion header above all others, with a reason and a URI: by default the one received.",
)];

static PARAMS: &[Param] = &[Param::text(
    "suffix",
    Some(""),
    "Kamailio 5.6.3 takes a text for the end of the header and never writes it.",
)
.with(Status::Noop)];

fn add_diversion(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let reason = args.text(cx, 0);
    let uri = if args.len() > 1 {
        args.text(cx, 1)
    } else if cx.msg.is_request() {
        cx.msg.slice(cx.msg.request_uri_span())
    } else {
        // A reply diverts from nowhere.
        return FALSE;
    };
    let line = [&b"Diversion: <"[..], &uri, b">;reason=", &reason, b"\r\n"].concat();
    let at = cx
        .msg
        .first(HeaderKind::Diversion)
        .map_or(cx.msg.headers_end(), |h| h.whole.start());
    cx.edits.insert_before(at, line.into());
    TRUE
}
