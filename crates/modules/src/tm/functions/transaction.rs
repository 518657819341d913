//! Functions that make, find, answer and give up transactions.

use std::sync::Arc;

use engine::Context;
use engine::arguments::Args;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use sip::Method;
use transaction::{DropReplies, Outputs, Response};

use crate::tm::ack::{self, AckOf};
use crate::tm::create::{self, Made};
use crate::tm::local_reply;
use crate::tm::message::current;
use crate::tm::perform::perform;
use crate::tm::reply_in;
use crate::tm::state::Tm;
use crate::tm::stored::StoredRequest;
use crate::tm::{uac, uac_rpc};

/// What `t_newtran` returns when there is a transaction already.
const EXISTS: Outcome = Outcome::Return(-10);

/// The code that ends the script: the message has been dealt with.
const END: Outcome = Outcome::Return(0);

pub(super) fn newtran(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    if cx.msg.method() == Method::Ack {
        return match ack::matched(tm, cx) {
            AckOf::Taken => END,
            AckOf::EndToEnd(_) | AckOf::Nothing => TRUE,
        };
    }
    match create::create(tm, cx) {
        Ok(Made::New(_)) => TRUE,
        Ok(Made::Already(_)) => {
            cx.log(Level::Warning, "t_newtran: the transaction exists already");
            EXISTS
        }
        Ok(Made::Retransmission) => END,
        Err(error) => Outcome::Return(error.code()),
    }
}

pub(super) fn reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    answer(tm, cx, args)
}

fn answer(tm: &Tm, cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(status) = args
        .int(cx, 0)
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| (100..700).contains(n))
    else {
        cx.log(Level::Error, "a reply's status must be between 100 and 699");
        return FALSE;
    };
    let reason = args.text(cx, 1);
    match local_reply::send(tm, cx, status, &reason, &[]) {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("t_reply: {error}"));
            FALSE
        }
    }
}

pub(super) fn send_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    match create::create(tm, cx) {
        Ok(Made::New(_) | Made::Already(_)) => answer(tm, cx, args),
        Ok(Made::Retransmission) => END,
        Err(error) => Outcome::Return(error.code()),
    }
}

pub(super) fn release(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    if cx.kind != RunKind::Request {
        return FALSE;
    }
    if let Some(handle) = current(cx) {
        create::let_go(tm, &cx.core, handle);
    }
    TRUE
}

/// `t_check_trans`: what it tells depends on what the message is.
pub(super) fn check_trans(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    check(tm, cx)
}

pub(crate) fn check(tm: &Tm, cx: &mut Context) -> Outcome {
    if cx.msg.is_reply() {
        return truth(current(cx).is_some() || reply_in::find(tm, cx).is_some());
    }
    match cx.msg.method() {
        Method::Cancel => truth(tm.find_cancelled(&cx.msg).is_some()),
        Method::Ack => match ack::matched(tm, cx) {
            AckOf::Taken => END,
            AckOf::EndToEnd(_) => TRUE,
            AckOf::Nothing => FALSE,
        },
        _ if let Some(handle) = current(cx) => match cx.kind {
            // Kamailio takes it for its own retransmission.
            RunKind::Request => {
                create::retransmitted(tm, cx, handle);
                END
            }
            _ => TRUE,
        },
        _ => match tm.find_own(&cx.msg) {
            Some(handle) => {
                create::retransmitted(tm, cx, handle);
                END
            }
            None => FALSE,
        },
    }
}

fn truth(yes: bool) -> Outcome {
    if yes { TRUE } else { FALSE }
}

pub(super) fn lookup_request(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    if cx.msg.method() == Method::Ack {
        return truth(tm.find_invite(&cx.msg).is_some() || tm.find_by_ack(&cx.msg).is_some());
    }
    truth(tm.lookup(cx).is_some())
}

/// `t_lookup_cancel([1])`: with 1, the INVITE's message flags are copied to the CANCEL.
pub(super) fn lookup_cancel(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    if cx.msg.method() != Method::Cancel {
        cx.log(Level::Warning, "t_lookup_cancel on another method");
        return FALSE;
    }
    let Some(handle) = tm.find_cancelled(&cx.msg) else {
        return FALSE;
    };
    if args.int(cx, 0) == Some(1)
        && let Some(flags) = tm.with(handle, |t| t.data.flags)
    {
        cx.flags = flags;
    }
    TRUE
}

pub(super) fn retransmit_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let Some(handle) = tm.lookup(cx) else {
        return FALSE;
    };
    let has_reply = tm.with(handle, |t| !t.data.reply.is_empty());
    if has_reply != Some(true) {
        return FALSE;
    }
    let core = Arc::clone(&cx.core);
    let mut outputs = Outputs::new();
    outputs.push(transaction::Output::Respond(Response::Retransmission));
    perform(tm, &core, handle, outputs, None);
    TRUE
}

/// `t_uac_send(method, uri, nexthop, socket, headers, body)`.
pub(super) fn uac_send(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let texts: [_; 6] = std::array::from_fn(|index| args.text(cx, index));
    let core = Arc::clone(&cx.core);
    let sent = uac_rpc::request_of(&core, texts)
        .map_err(|fault| fault.reason)
        .and_then(|mut request| {
            // Unless a socket is named, it is the one that the message in work came in at.
            request.socket = request.socket.or(Some(cx.received.socket));
            let tm = core.modules.get::<Tm>().ok_or("tm is not loaded")?;
            uac::send(&tm, &core, &request, Box::new(|_| {})).map_err(|error| error.to_string())
        });
    match sent {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("t_uac_send: {error}"));
            FALSE
        }
    }
}

/// `t_clean`: ours are removed by their timers, which never miss one; there is nothing to clean.
pub(super) fn clean(_: &mut Context, _: &Args<'_>) -> Outcome {
    TRUE
}

pub(super) fn save_lumps(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let Some(handle) = current(cx) else {
        return FALSE;
    };
    let request = Arc::new(StoredRequest::of(cx));
    let exists = tm.with(handle, |t| {
        if t.branches().is_empty() {
            t.data.lumps_saved = true;
            t.data.request = request;
        }
    });
    truth(exists.is_some())
}

/// `t_drop_replies([mode])`: `a` all, `l` those of the last round, `n` none.
pub(super) fn drop_replies(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let Some(handle) = current(cx) else {
        return FALSE;
    };
    let which = match args.text(cx, 0).first() {
        None | Some(b'a') => Some(DropReplies::All),
        Some(b'l') => Some(DropReplies::LastLeg),
        Some(_) => None,
    };
    if let Some(which) = which {
        tm.with(handle, |t| t.drop_replies(which));
    }
    TRUE
}
