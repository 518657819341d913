//! Functions on the body.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use sip::HeaderKind;

use super::truth;
use crate::textops::body::{self, Hold};

pub(super) fn has_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let mime = args.text(cx, 0);
    truth(body::is_there(
        &cx.msg,
        (!args.is_empty()).then_some(&mime[..]),
    ))
}

pub(super) fn set_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let mime = args.text(cx, 1);
    if text.is_empty() || mime.is_empty() {
        cx.log(Level::Error, "set_body needs a body and its type");
        return FALSE;
    }
    body::set(cx, text, &mime);
    TRUE
}

pub(super) fn is_audio_on_hold(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match body::audio_on_hold(&cx.msg) {
        Some(Hold::NullAddress) => TRUE,
        Some(Hold::Direction) => Outcome::Return(2),
        None => FALSE,
    }
}

pub(super) fn is_privacy(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let wanted = args.text(cx, 0);
    let mut values = cx
        .msg
        .all(HeaderKind::Privacy)
        .flat_map(|h| cx.msg.text(h.value).split(|c| matches!(c, b';' | b',')));
    truth(values.any(|v| sip::chars::trim(v).eq_ignore_ascii_case(&wanted)))
}
