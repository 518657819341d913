//! The request URI.

use crate::arguments::Args;
use crate::context::Context;
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};
use crate::request_uri::{Change, change};

fn apply(cx: &mut Context, with: Change<'_>) -> Outcome {
    match change(cx, with) {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &error.to_string());
            FALSE
        }
    }
}

fn count(cx: &mut Context, args: &Args<'_>) -> usize {
    args.int(cx, 0)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0)
}

pub(super) fn strip(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let n = count(cx, args);
    apply(cx, Change::Strip(n))
}

pub(super) fn strip_tail(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let n = count(cx, args);
    apply(cx, Change::StripTail(n))
}

pub(super) fn prefix(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::Prefix(&text))
}

pub(super) fn set_user(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::User(&text))
}

pub(super) fn set_user_password(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::UserPassword(&text))
}

pub(super) fn set_host(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::Host(&text))
}

pub(super) fn set_host_port(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::HostPort(&text))
}

pub(super) fn set_host_port_transport(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::HostPortTransport(&text))
}

pub(super) fn set_port(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    apply(cx, Change::Port(&text))
}

pub(super) fn user_phone(cx: &mut Context, _: &Args<'_>) -> Outcome {
    apply(cx, Change::UserPhone)
}

/// `rewriteuri(uri)`: the text is not checked, a bad one shows when it is used.
pub(super) fn set_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let uri = args.text(cx, 0);
    cx.set_request_uri(uri);
    TRUE
}

pub(super) fn revert(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.target.uri = None;
    TRUE
}
