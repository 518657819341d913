//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, ArgKind, Function, Outcome, Routes, Status, TRUE};

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "dbg_breakpoint",
        args: &[Arg {
            name: "mode",
            kind: ArgKind::Text,
        }],
        required: 1,
        routes: Routes::ANY,
        run: |_, _| TRUE,
        doc: "Marks a place to stop at; nothing stops, since that would hold a thread.",
        status: Status::Noop,
    },
    Function {
        name: "dbg_sip_msg",
        args: &[
            Arg {
                name: "log_level",
                kind: ArgKind::Text,
            },
            Arg {
                name: "facility",
                kind: ArgKind::Text,
            },
        ],
        required: 0,
        routes: Routes::REQUEST.and(Routes::ONREPLY),
        run: sip_msg,
        doc: "Logs the message as received; the script's changes are not in it.",
        status: Status::Partial,
    },
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
