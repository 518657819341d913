//! `sl_forward_reply`: a reply goes upstream by its second Via, whatever transaction it has.

use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use sip::StartLine;

/// Forwards the reply in work; a new status must be of the same class, and not a 2xx.
pub(super) fn forward(cx: &mut Context, code: Option<u16>, reason: &Bytes) -> bool {
    let StartLine::Reply {
        status,
        status_span,
        reason: reason_span,
        ..
    } = *cx.msg.start_line()
    else {
        return false;
    };
    if let Some(code) = code.filter(|code| *code != status) {
        let is_allowed = status >= 300 && code / 100 == status / 100;
        if !is_allowed {
            cx.log(Level::Error, "the status of a reply must stay in its class");
            return false;
        }
    }
    let outer = cx.edits.clone();
    if let Some(code) = code {
        cx.edits.replace(status_span, code.to_string().into());
    }
    if !reason.is_empty() {
        cx.edits.replace(reason_span, reason.clone());
    }
    let core = cx.core.clone();
    let before = core.counters.err_replies.value();
    engine::reply::forward_stateless(cx);
    cx.edits = outer;
    core.counters.err_replies.value() == before
}
