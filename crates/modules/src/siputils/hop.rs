//! Whether we are the first server that a message passes.

use std::net::SocketAddr;

use engine::Context;
use engine::net::parse_address;
use sip::UriRef;

/// How replies are judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// The topmost Record-Route, if any, is an address of ours, and not where the reply comes from.
    NoLoop,
    /// The topmost Record-Route, if any, is an address of ours.
    RouteOnly,
}

/// For a request: a single Via stands in it. For a reply: see [`Mode`].
pub(super) fn is_first(cx: &Context, mode: Mode) -> bool {
    if cx.msg.is_request() {
        return matches!(cx.msg.via1(), Some(Ok(_))) && cx.msg.via2().is_none();
    }
    let top = match cx.msg.record_routes() {
        None => return true,
        Some(Ok(routes)) => routes.first(),
        Some(Err(_)) => None,
    };
    let Some(Ok(uri)) = top.map(|top| UriRef::parse(cx.msg.text(top.addr.uri))) else {
        return false;
    };
    let port = uri.port().unwrap_or(5060);
    let Some(address) = std::str::from_utf8(uri.host()).ok().and_then(parse_address) else {
        return false;
    };
    cx.core.sockets.is_myself(uri.host(), Some(port), None)
        && (mode == Mode::RouteOnly || cx.received.source != SocketAddr::new(address, port))
}
