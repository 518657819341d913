//! An HTTP request becomes a message that the script can look at.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use engine::context::RunKind;
use engine::log::Level;
use engine::socket::{Proto, Received};
use engine::{Context, Core, route};
use sip::Message;

use super::XhttpState;

/// The event route that runs for a request.
pub(super) const EVENT: &str = "xhttp:request";

/// What the script's message was as HTTP, kept with the message.
pub(super) struct Http {
    /// The URL as sent.
    pub(super) url: Bytes,
    /// `HTTP/1.1` or what the client said.
    pub(super) version: Bytes,
}

/// Runs the event route if the bytes are an HTTP request; says whether they were.
pub(super) fn take(core: &Arc<Core>, state: &XhttpState, bytes: &[u8], received: Received) -> bool {
    if received.proto == Proto::Udp {
        return false;
    }
    let Some(line) = RequestLine::parse(bytes) else {
        return false;
    };
    if !state.takes(line.url) {
        return false;
    }
    let Some(program) = core.program() else {
        return true;
    };
    let Some(event) = program.event_route(EVENT) else {
        core.log(
            Level::Error,
            "HTTP request without event_route[xhttp:request]",
        );
        return true;
    };
    let msg = match Message::parse(as_sip(&line, bytes, &received), &core.tolerance) {
        Ok(msg) => Arc::new(msg),
        Err(error) => {
            core.log(Level::Error, &format!("bad HTTP request: {error}"));
            return true;
        }
    };
    let kind = RunKind::Event;
    let mut cx = Box::new(Context::new(Arc::clone(core), program, msg, received, kind));
    cx.extensions.insert(Http {
        url: Bytes::copy_from_slice(line.url),
        version: Bytes::copy_from_slice(line.version),
    });
    cx.fix_log_prefix();
    route::run_detached(cx, event, Box::new(|_, _| route::DONE));
    true
}

struct RequestLine<'a> {
    method: &'a [u8],
    url: &'a [u8],
    version: &'a [u8],
    /// Where the headers begin.
    end: usize,
}

impl<'a> RequestLine<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let end = memchr::memchr(b'\n', bytes)?;
        let line = bytes.get(..end)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = line.split(|b| *b == b' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        let is_http = words.next().is_none()
            && !url.is_empty()
            && method.iter().all(u8::is_ascii_uppercase)
            && version.starts_with(b"HTTP/");
        is_http.then_some(Self {
            method,
            url,
            version,
            end: end + 1,
        })
    }
}

/// The request with a SIP start line and a Via that leads back to the client.
fn as_sip(line: &RequestLine<'_>, bytes: &[u8], received: &Received) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    out.extend_from_slice(line.method);
    out.push(b' ');
    out.extend_from_slice(line.url);
    // Writing into a vector cannot fail.
    let _ = write!(
        out,
        " SIP/2.0\r\nVia: SIP/2.0/{} {}\r\n",
        received.proto.via_name(),
        received.source
    );
    out.extend_from_slice(bytes.get(line.end..).unwrap_or_default());
    out.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_http_is_taken() {
        let line = RequestLine::parse(b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!((line.url, line.version), (&b"/a?b"[..], &b"HTTP/1.1"[..]));
        for other in [
            &b"OPTIONS sip:x SIP/2.0\r\n"[..],
            b"HTTP/1.1 200 OK\r\n",
            b"GET  HTTP/1.1\r\n",
            b"GET /a HTTP/1.1",
            b"GET / a HTTP/1.1\r\n",
        ] {
            assert!(
                RequestLine::parse(other).is_none(),
                "{}",
                other.escape_ascii()
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = RequestLine::parse(&bytes);
        }
    }
}
