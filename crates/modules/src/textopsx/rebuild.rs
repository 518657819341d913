//! Making the message anew: with its changes applied, or from a text.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use sip::print::{StartLineOverride, fix_content_length, write_message};
use sip::{Edits, Message, ParseError};

/// Why a message cannot be rebuilt.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum RebuildError {
    /// Record-Route was added, which depends on the socket to be chosen.
    #[error("Record-Route was added, which is known only when the message leaves")]
    RecordRoute,
    /// What the changes yield is no SIP message.
    #[error("the result is no SIP message: {0}")]
    Parse(#[from] ParseError),
    /// A request became a reply, or the other way.
    #[error("the result is of another kind than the message")]
    Kind,
}

/// `msg_apply_changes()`: reads see what would be sent; the new request URI is the received one.
pub(super) fn apply(cx: &mut Context) -> Result<(), RebuildError> {
    if cx.edits.has_template() {
        return Err(RebuildError::RecordRoute);
    }
    let mut bytes = Vec::with_capacity(cx.msg.raw().len() + 256);
    let uri = cx.target.uri.take();
    let line = uri.as_deref().map(StartLineOverride::RequestUri);
    let fix = fix_content_length(&cx.msg, &[&cx.edits], false);
    match &fix {
        Some(fix) => write_message(&mut bytes, &cx.msg, line, &[&cx.edits, fix]),
        None => write_message(&mut bytes, &cx.msg, line, &[&cx.edits]),
    }
    let replaced = replace(cx, bytes.into());
    if replaced.is_err() {
        cx.target.uri = uri;
    }
    replaced
}

/// Puts a text in the place of the message.
pub(super) fn replace(cx: &mut Context, bytes: Bytes) -> Result<(), RebuildError> {
    let msg = Message::parse(bytes, &cx.core.tolerance)?;
    if msg.is_request() != cx.msg.is_request() {
        return Err(RebuildError::Kind);
    }
    cx.replace_message(Arc::new(msg));
    cx.edits = Edits::default();
    Ok(())
}
