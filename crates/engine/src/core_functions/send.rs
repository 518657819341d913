//! Options of sending, and the log.

use crate::arguments::Args;
use crate::context::Context;
use crate::log::Level;
use crate::module::{Outcome, TRUE};

pub(super) fn force_rport(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.force_rport = true;
    TRUE
}

pub(super) fn add_local_rport(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.add_local_rport = true;
    TRUE
}

pub(super) fn reply_no_connect(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.reply_no_connect = true;
    TRUE
}

pub(super) fn reply_close(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.reply_close = true;
    TRUE
}

pub(super) fn forward_no_connect(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.forward_no_connect = true;
    TRUE
}

pub(super) fn forward_close(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.forward_close = true;
    TRUE
}

/// `log(text)` writes at debug level 0, `log(level, text)` at a level.
pub(super) fn log(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (level, text) = if args.len() == 1 {
        (0, args.text(cx, 0))
    } else {
        (args.int(cx, 0).unwrap_or(0), args.text(cx, 1))
    };
    let text: &[u8] = text.strip_suffix(b"\n").unwrap_or(&text);
    cx.log_bytes(Level::from_number(level), None, crate::log::SCRIPT, text);
    TRUE
}
