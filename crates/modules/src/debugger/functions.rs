//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, Function, Outcome, Routes, Status, TRUE};

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function::anywhere(
        "dbg_breakpoint",
        &[Arg::text("mode")],
        1,
        |_, _| TRUE,
        "Marks a place to stop at; nothing stops, since that would hold a thread.",
    )
    .constant()
    .with(Status::Noop),
    Function::new(
        "dbg_sip_msg",
        &[Arg::text("log_level"), Arg::text("facility")],
        0,
        Routes::REQUEST.and(Routes::ONREPLY),
        sip_msg,
        "Logs the message as received; the script's changes are not in it.",
    )
    .constant()
    .with(Status::Partial),
];

fn sip_msg(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let level = match &*name {
        b"L_ALERT" => Level::Alert,
        b"L_CRIT" => Level::Critical,
        b"L_WARN" => Level::Warning,
        b"L_NOTICE" => Level::Notice,
        b"L_INFO" => Level::Info,
        b"L_DBG" => Level::Debug,
        _ => Level::Error,
    };
    let facility = args.text(cx, 1);
    let facility = engine::log::Facility::from_name(&String::from_utf8_lossy(&facility));
    let mut text = b"SIP message as received:\n".to_vec();
    text.extend_from_slice(cx.msg.raw());
    cx.log_bytes(level, facility, "debugger", &text);
    TRUE
}
