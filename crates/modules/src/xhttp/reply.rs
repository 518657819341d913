//! Answers to HTTP requests.

use std::io::Write;

use engine::Context;
use engine::log::Level;
use engine::socket::Destination;

use super::request::Http;

/// Sends an answer to the request that the context shows; false when it shows none or the
/// connection is gone.
pub(super) fn send(
    cx: &mut Context,
    code: u16,
    reason: &[u8],
    content_type: &[u8],
    body: &[u8],
) -> bool {
    let Some(http) = cx.extensions.get::<Http>() else {
        cx.log(Level::Error, "there is no HTTP request to reply to");
        return false;
    };
    let mut out = Vec::with_capacity(body.len() + 256);
    out.extend_from_slice(&http.version);
    // Writing into a vector cannot fail.
    let _ = write!(out, " {code} ");
    out.extend_from_slice(&one_line(reason));
    let received = &cx.received;
    // What Kamailio makes of the Via that it gives to the request.
    let _ = write!(
        out,
        "\r\nSia: SIP/2.0/{} {}\r\n",
        received.proto.via_name(),
        received.source
    );
    if !content_type.is_empty() {
        out.extend_from_slice(b"Content-Type: ");
        out.extend_from_slice(&one_line(content_type));
        out.extend_from_slice(b"\r\n");
    }
    for line in &cx.reply_headers {
        out.extend_from_slice(line);
    }
    if cx.core.settings.server_signature {
        out.extend_from_slice(&cx.core.settings.server_header);
        out.extend_from_slice(b"\r\n");
    }
    let _ = write!(out, "Content-Length: {}\r\n\r\n", body.len());
    out.extend_from_slice(body);
    let to = Destination {
        no_connect: true,
        close: cx.options.reply_close,
        ..Destination::back_to(&cx.received)
    };
    match cx.core.services.network.send(&to, &out) {
        Ok(()) => true,
        Err(error) => {
            cx.log(Level::Error, &format!("cannot send an HTTP reply: {error}"));
            false
        }
    }
}

/// Line ends would let a text become headers.
fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter()
        .map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { *b })
        .collect()
}
