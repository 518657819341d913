//! The functions.

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use engine::socket::Proto;
use script::value::Value;
use sip::UriRef;

const FLAG: &[Arg] = &[Arg::int("flag")];
const BRANCH_FLAG: &[Arg] = &[Arg::int("flag"), Arg::int("branch")];
const URI: &[Arg] = &[Arg::text("uri")];
const LEVEL: &[Arg] = &[Arg::int("level")];
const PRINT: &[Arg] = &[Arg::variable("variable"), Arg::text("format")];

pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "setsflag",
        FLAG,
        1,
        set_script_flag,
        "Sets a flag of this run of the script.",
    ),
    Function::anywhere(
        "resetsflag",
        FLAG,
        1,
        reset_script_flag,
        "Clears a flag of this run of the script.",
    ),
    Function::anywhere(
        "issflagset",
        FLAG,
        1,
        is_script_flag_set,
        "Whether a flag of this run of the script is set.",
    ),
    Function::anywhere(
        "setbflag",
        BRANCH_FLAG,
        1,
        set_branch_flag,
        "Sets a flag of a branch; 0, the default, is the request itself.",
    ),
    Function::anywhere(
        "resetbflag",
        BRANCH_FLAG,
        1,
        reset_branch_flag,
        "Clears a flag of a branch.",
    ),
    Function::anywhere(
        "isbflagset",
        BRANCH_FLAG,
        1,
        is_branch_flag_set,
        "Whether a flag of a branch is set.",
    ),
    Function::anywhere("setdsturi", URI, 1, set_dst_uri, "Sets the next hop."),
    Function::anywhere("resetdsturi", &[], 0, reset_dst_uri, "Clears the next hop."),
    Function::anywhere(
        "isdsturiset",
        &[],
        0,
        is_dst_uri_set,
        "Whether there is a next hop.",
    ),
    Function::anywhere(
        "is_myself",
        URI,
        1,
        is_myself,
        "Whether the host of a URI is this server.",
    ),
    Function::anywhere(
        "pv_printf",
        PRINT,
        2,
        print_into,
        "Writes text with variables into a variable.",
    )
    .constant(),
    Function::anywhere(
        "avp_printf",
        PRINT,
        2,
        print_into,
        "Writes text with variables into an AVP.",
    )
    .constant(),
    Function::anywhere(
        "setdebug",
        LEVEL,
        1,
        set_debug,
        "Changes the log level of the server; Kamailio changes that of one process.",
    ),
    Function::anywhere(
        "resetdebug",
        &[],
        0,
        reset_debug,
        "Back to the configured log level.",
    ),
];

fn mask(cx: &mut Context, args: &Args<'_>) -> Option<u32> {
    1u32.checked_shl(u32::try_from(args.int(cx, 0)?).ok()?)
}

fn with_script_flags(cx: &mut Context, args: &Args<'_>, run: fn(&mut u32, u32) -> bool) -> Outcome {
    match mask(cx, args) {
        Some(mask) if run(&mut cx.script_flags, mask) => TRUE,
        _ => FALSE,
    }
}

fn set(flags: &mut u32, mask: u32) -> bool {
    *flags |= mask;
    true
}

fn reset(flags: &mut u32, mask: u32) -> bool {
    *flags &= !mask;
    true
}

fn is_set(flags: &mut u32, mask: u32) -> bool {
    *flags & mask != 0
}

fn set_script_flag(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_script_flags(cx, args, set)
}

fn reset_script_flag(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_script_flags(cx, args, reset)
}

fn is_script_flag_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_script_flags(cx, args, is_set)
}

/// Branch 0 is the request itself, 1 the first added one.
fn with_branch_flags(cx: &mut Context, args: &Args<'_>, run: fn(&mut u32, u32) -> bool) -> Outcome {
    let Some(mask) = mask(cx, args) else {
        return FALSE;
    };
    let number = match args.len() {
        0 | 1 => Some(0),
        _ => args.int(cx, 1).and_then(|n| usize::try_from(n).ok()),
    };
    let branch = match number {
        None => None,
        Some(0) => Some(&mut cx.target),
        Some(n) => cx.branches.as_mut_slice().get_mut(n - 1),
    };
    let done = branch.is_some_and(|branch| run(&mut branch.flags, mask));
    if done { TRUE } else { FALSE }
}

fn set_branch_flag(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_branch_flags(cx, args, set)
}

fn reset_branch_flag(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_branch_flags(cx, args, reset)
}

fn is_branch_flag_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_branch_flags(cx, args, is_set)
}

fn set_dst_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let uri = args.text(cx, 0);
    cx.set_next_hop(uri);
    TRUE
}

fn reset_dst_uri(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.target.dst_uri = None;
    TRUE
}

fn is_dst_uri_set(cx: &mut Context, _: &Args<'_>) -> Outcome {
    if cx.target.dst_uri.is_some() {
        TRUE
    } else {
        FALSE
    }
}

/// A URI or a host.
fn is_myself(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let sockets = &cx.core.sockets;
    let is_mine = match UriRef::parse(&text) {
        // Without a port any port is meant, unlike in `uri == myself`.
        Ok(uri) => {
            let proto = uri.transport().and_then(Proto::from_name);
            sockets.is_myself(uri.host(), uri.port(), proto)
        }
        Err(_) => engine::keyword::is_my_uri(cx, &text),
    };
    if is_mine { TRUE } else { FALSE }
}

fn print_into(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 1);
    match args.variable(0) {
        Some(variable) if variable.write(cx, Value::Str(text)) => TRUE,
        _ => FALSE,
    }
}

fn set_debug(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match args.int(cx, 0).and_then(|n| i32::try_from(n).ok()) {
        Some(level) => {
            cx.core.log_threshold.set(level);
            TRUE
        }
        None => {
            cx.log(Level::Error, "setdebug with something that is no level");
            FALSE
        }
    }
}

fn reset_debug(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.core.log_threshold.set(cx.core.settings.debug);
    TRUE
}
