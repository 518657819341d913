//! Functions that name the routes of a transaction.

use engine::Context;
use engine::arguments::{Args, Fixed};
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::ast::BlockKind;
use script::host::RouteId;

use crate::tm::message::TmMessage;
use crate::tm::reply_in;
use crate::tm::settings::{self, Settings};
use crate::tm::state::Tm;

/// The route that an argument names: `Ok(None)` for "0" or nothing, which unsets it.
fn route(
    cx: &mut Context,
    args: &Args<'_>,
    kind: BlockKind,
    prefix: &str,
) -> Result<Option<RouteId>, ()> {
    if let Some(Fixed::Route(id, _)) = args.fixed(0) {
        return Ok(Some(*id));
    }
    let name = args.text(cx, 0);
    if name.is_empty() || name == "0" {
        return Ok(None);
    }
    let name = format!("{prefix}{}", String::from_utf8_lossy(&name));
    match cx.program.find(kind, &name) {
        Some(id) => Ok(Some(id)),
        None => {
            cx.log(Level::Error, &format!("there is no route [{name}]"));
            Err(())
        }
    }
}

fn set(
    cx: &mut Context,
    args: &Args<'_>,
    kind: BlockKind,
    prefix: &str,
    put: fn(&mut Settings, Option<RouteId>),
) -> Outcome {
    let tm = args.state::<Tm>();
    match route(cx, args, kind, prefix) {
        Ok(id) => {
            settings::change(tm, cx, |s| put(s, id));
            TRUE
        }
        Err(()) => FALSE,
    }
}

pub(super) fn on_failure(cx: &mut Context, args: &Args<'_>) -> Outcome {
    set(cx, args, BlockKind::Failure, "", |s, id| s.on_failure = id)
}

pub(super) fn on_branch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    set(cx, args, BlockKind::Branch, "", |s, id| s.on_branch = id)
}

pub(super) fn on_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    set(cx, args, BlockKind::OnReply, "", |s, id| s.on_reply = id)
}

pub(super) fn on_branch_failure(cx: &mut Context, args: &Args<'_>) -> Outcome {
    set(cx, args, BlockKind::Event, "tm:branch-failure:", |s, id| {
        s.on_branch_failure = id;
    })
}

pub(super) fn is_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let handle = reply_in::current_or_of_reply(tm, cx);
    let settings = match handle.and_then(|handle| tm.with(handle, |t| t.data.settings)) {
        Some(settings) => settings,
        None => cx.extensions.get_or_default::<TmMessage>().settings,
    };
    let target = args.text(cx, 0);
    let is_set = match &target[..] {
        b"branch_route" => settings.on_branch.is_some(),
        b"failure_route" => settings.on_failure.is_some(),
        b"onreply_route" => settings.on_reply.is_some(),
        b"branch_failure_route" => settings.on_branch_failure.is_some(),
        _ => {
            cx.log(Level::Error, "t_is_set of something unknown");
            false
        }
    };
    if is_set { TRUE } else { FALSE }
}
