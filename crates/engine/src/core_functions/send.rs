//! Options of sending, and the log.

use crate::arguments::Args;
use crate::context::Context;
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};
use crate::socket::{Proto, SocketId};

pub(super) fn force_rport(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.force_rport = true;
    TRUE
}

pub(super) fn add_local_rport(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.options.add_local_rport = true;
    TRUE
}

/// `force_tcp_alias([port])`.
pub(super) fn force_tcp_alias(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let port = if args.is_empty() {
        None
    } else {
        match args.int(cx, 0).and_then(|p| u16::try_from(p).ok()) {
            Some(port) => Some(port),
            None => return FALSE,
        }
    };
    match crate::receive::add_alias(cx, port) {
        true => TRUE,
        false => FALSE,
    }
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

/// The level of `log(text)`, one beyond that of debugging.
const UNTOLD: i64 = 4;

/// `log(text)` writes where even more than debugging is asked for, `log(level, text)` at a level.
pub(super) fn log(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (level, text) = if args.len() == 1 {
        (UNTOLD, args.text(cx, 0))
    } else {
        (args.int(cx, 0).unwrap_or(0), args.text(cx, 1))
    };
    // Levels beyond the last that has a name are lines of that one, but wanted later.
    if level > i64::from(Level::Debug.number()) && cx.core.core_cfg.debug.get() < level {
        return TRUE;
    }
    let speaks = ("core", crate::log::SCRIPT);
    cx.log_of_module(Level::from_number(level), None, speaks, &text);
    TRUE
}

/// A socket of ours by its text: `udp:10.0.0.1:5060`, `10.0.0.1`.
#[must_use]
pub fn socket_named(cx: &Context, text: &[u8]) -> Option<SocketId> {
    let place = super::relay::place(text, None, None)?;
    let found = cx.core.sockets.find(&place.host, place.port, place.proto)?;
    Some(found.id)
}

/// `force_send_socket([proto:]host[:port])`.
pub(super) fn force_send_socket(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    match socket_named(cx, &text) {
        Some(id) => {
            cx.target.socket = Some(id);
            TRUE
        }
        None => {
            let shown = String::from_utf8_lossy(&text).into_owned();
            cx.log(Level::Warning, &format!("no socket of ours is `{shown}`"));
            FALSE
        }
    }
}

pub(super) fn set_advertised_address(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let host = args.text(cx, 0);
    cx.advertised_host = Some(host).filter(|h| !h.is_empty());
    TRUE
}

pub(super) fn set_advertised_port(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match args.int(cx, 0).and_then(|p| u16::try_from(p).ok()) {
        Some(port) => {
            cx.advertised_port = Some(port).filter(|p| *p != 0);
            TRUE
        }
        None => FALSE,
    }
}

/// `udp_mtu_try_proto(TCP)`.
pub(super) fn udp_mtu_try_proto(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let wanted = args.value(cx, 0);
    let found = Proto::ALL.into_iter().find(|proto| match &wanted {
        script::value::Value::Int(number) => proto.number() == *number,
        script::value::Value::Str(name) => proto.name().as_bytes().eq_ignore_ascii_case(name),
        script::value::Value::Null => false,
    });
    cx.options.large_proto = found;
    if found.is_some() { TRUE } else { FALSE }
}
