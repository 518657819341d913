//! Changing the status of a reply before it is forwarded.

use std::sync::Arc;

use engine::Context;
use sip::{Message, ParseError, StartLine};

/// Why a status cannot be changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum StatusError {
    /// The message is a request.
    #[error("the message is no reply")]
    Request,
    /// Not a status code.
    #[error("{0} is no status code")]
    Code(i64),
    /// A provisional or positive reply would change its class.
    #[error("a reply below 300 cannot change its class")]
    Class,
    /// The new reason makes no message.
    #[error("the result is no SIP message: {0}")]
    Parse(#[from] ParseError),
}

/// Puts another code, and another reason if one is given, into the start line. Changes made
/// before stay in their places.
pub(super) fn change(
    cx: &mut Context,
    code: i64,
    reason: Option<&[u8]>,
) -> Result<(), StatusError> {
    let StartLine::Reply {
        status,
        status_span,
        reason: reason_span,
        ..
    } = *cx.msg.start_line()
    else {
        return Err(StatusError::Request);
    };
    let code = u16::try_from(code)
        .ok()
        .filter(|c| (100..700).contains(c))
        .ok_or(StatusError::Code(code))?;
    if (code < 300 || status < 300) && code / 100 != status / 100 {
        return Err(StatusError::Class);
    }
    let raw = cx.msg.raw();
    let reason = reason.unwrap_or(cx.msg.text(reason_span));
    let number = code.to_string();
    let head = raw.get(..status_span.start()).unwrap_or_default();
    let tail = raw.get(reason_span.end()..).unwrap_or_default();
    let bytes = [head, number.as_bytes(), b" ", reason, tail].concat();
    let grown = bytes.len() as isize - raw.len() as isize;
    let msg = Message::parse(bytes.into(), &cx.core.tolerance)?;
    cx.edits.shift(reason_span.end(), grown);
    cx.replace_message(Arc::new(msg));
    Ok(())
}
