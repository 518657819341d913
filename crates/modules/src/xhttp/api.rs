//! What other modules may do with HTTP requests.

use engine::Context;

use super::{reply, request};

/// Whether the context shows an HTTP request.
pub(crate) fn is_request(cx: &Context) -> bool {
    cx.extensions.get::<request::Http>().is_some()
}

/// Answers the HTTP request that the context shows; false when it cannot be done.
pub(crate) fn reply(
    cx: &mut Context,
    code: u16,
    reason: &[u8],
    content_type: &[u8],
    body: &[u8],
) -> bool {
    reply::send(cx, code, reason, content_type, body)
}
