//! Loose routing: works off the Route headers that are ours and finds the next hop
//! (RFC 3261 sections 16.4 and 16.6 step 6).

use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use engine::socket::{ListenSocket, Proto};
use sip::header::{HeaderError, Route};
use sip::uri::{Scheme, UriError};
use sip::{HeaderKind, UriRef};

use super::api::{Rr, params_of};
use super::hops::{self, Hops};
use super::params::Double;
use super::state::MessageState;

/// How loose routing ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Routed {
    /// The next hop is known.
    Done,
    /// An initial request whose only Routes were ours.
    Preloaded,
}

/// Why there is no route.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum RouteError {
    /// The request has no Route header.
    #[error("no Route header")]
    None,
    /// A Route header cannot be parsed.
    #[error("malformed Route header: {0}")]
    Header(#[from] HeaderError),
    /// A URI cannot be parsed.
    #[error("malformed URI in Route: {0}")]
    Uri(#[from] UriError),
}

/// Whether a URI's host and port are ours. Without a port 5060 is meant, whatever the scheme.
pub(super) fn is_mine(cx: &Context, uri: &UriRef<'_>) -> bool {
    let port = uri.port().unwrap_or(5060);
    cx.core.sockets.is_myself(uri.host(), Some(port), None)
}

/// `loose_route()`. With `strict` off, a request URI of ours does not mean that the previous hop
/// routes strictly.
pub(super) fn route(rr: &Rr, cx: &mut Context, strict: bool) -> Result<Routed, RouteError> {
    if !cx.msg.has(HeaderKind::Route) {
        return Err(RouteError::None);
    }
    let result = if strict && cx.msg.to_tag().is_some() && came_from_strict_router(cx)? {
        after_strict(rr, cx)
    } else {
        after_loose(rr, cx)
    };
    tell_own(rr, cx);
    result
}

/// A strict router puts our Record-Route URI into the request URI. A GRUU of ours is no route.
fn came_from_strict_router(cx: &mut Context) -> Result<bool, UriError> {
    let text = cx.request_uri();
    let uri = match cx.uri_of(&text) {
        Some(uri) => UriRef { text: &text, uri },
        // For what is wrong with it.
        None => UriRef::parse(&text)?,
    };
    Ok(is_mine(cx, &uri) && uri.param(b"gr").is_none())
}

fn after_strict(rr: &Rr, cx: &mut Context) -> Result<Routed, RouteError> {
    let own = cx.request_uri();
    let uri = UriRef::parse(&own)?;
    let doubled = is_doubled(rr, &uri);
    note_own(cx, params_of(own.clone(), &uri));
    let msg = std::sync::Arc::clone(&cx.msg);
    let mut hops = Hops::of(&msg);
    let mut hop = hops.next().ok_or(RouteError::None)??;
    let mut worked_off = Vec::new();
    if doubled {
        force_socket(rr, cx, msg.text(hop.addr.uri));
        worked_off.push(hop);
        match hops.next() {
            Some(next) => hop = next?,
            None => {
                hops::remove_first(&mut cx.edits, &msg, &worked_off);
                return Ok(Routed::Done);
            }
        }
    }
    let next = msg.slice(hop.addr.uri);
    if UriRef::parse(&next)?.is_loose_router() {
        cx.target.dst_uri = Some(next);
        if let Some((last, previous_end)) = hops::last(&msg) {
            cx.set_request_uri(msg.slice(last.addr.uri));
            hops::remove_last(&mut cx.edits, &msg, &last, previous_end);
        }
    } else {
        cx.target.dst_uri = None;
        cx.set_request_uri(next);
        worked_off.push(hop);
    }
    hops::remove_first(&mut cx.edits, &msg, &worked_off);
    Ok(Routed::Done)
}

fn after_loose(rr: &Rr, cx: &mut Context) -> Result<Routed, RouteError> {
    let msg = std::sync::Arc::clone(&cx.msg);
    let mut hops = Hops::of(&msg);
    let first = hops.next().ok_or(RouteError::None)??;
    let text = msg.slice(first.addr.uri);
    let uri = UriRef::parse(&text)?;
    let mut worked_off: Vec<Route> = Vec::new();
    let mut hop = first.clone();
    if is_mine(cx, &uri) {
        note_own(cx, params_of(text.clone(), &uri));
        worked_off.push(first);
        let mut next = hops.next();
        if is_doubled(rr, &uri)
            && let Some(Ok(second)) = next
        {
            force_socket(rr, cx, msg.text(second.addr.uri));
            worked_off.push(second);
            next = hops.next();
        } else if rr.settings.force_send_socket {
            force_socket(rr, cx, &text);
        }
        match next {
            Some(Ok(next)) => hop = next,
            Some(Err(error)) => {
                hops::remove_first(&mut cx.edits, &msg, &worked_off);
                return Err(error.into());
            }
            None => {
                hops::remove_first(&mut cx.edits, &msg, &worked_off);
                return Ok(match msg.to_tag() {
                    Some(_) => Routed::Done,
                    None => Routed::Preloaded,
                });
            }
        }
    }
    let next = msg.slice(hop.addr.uri);
    let is_loose = UriRef::parse(&next)?.is_loose_router();
    if !worked_off.is_empty() {
        cx.extensions.get_or_default::<MessageState>().next_hop = true;
    }
    if is_loose {
        cx.target.dst_uri = Some(next);
    } else {
        // The strict router wants to be the request URI; the target goes to the end of the route.
        let line = [b"Route: <", &cx.request_uri()[..], b">\r\n"].concat();
        cx.edits.insert_after(msg.headers_end(), line.into());
        cx.target.dst_uri = None;
        cx.set_request_uri(next);
        worked_off.push(hop);
    }
    hops::remove_first(&mut cx.edits, &msg, &worked_off);
    Ok(Routed::Done)
}

/// Whether a Route of ours is one of two that belong together.
fn is_doubled(rr: &Rr, uri: &UriRef<'_>) -> bool {
    rr.settings.double != Double::Never && uri.param(b"r2").is_some_and(|v| v == b"on")
}

/// Keeps the parameters of our own Route.
fn note_own(cx: &mut Context, params: Bytes) {
    let state = cx.extensions.get_or_default::<MessageState>();
    state.route_params = Some(params);
    state.untold = true;
}

/// Tells those who asked of our own Route, now that the next hop is known: they may change it.
fn tell_own(rr: &Rr, cx: &mut Context) {
    let Some(state) = cx.extensions.get_mut::<MessageState>() else {
        return;
    };
    if std::mem::take(&mut state.untold) {
        let params = state.route_params.clone().unwrap_or_default();
        rr.run_callbacks(cx, &params);
    }
}

/// Sends by the socket that a Route of ours names.
fn force_socket(rr: &Rr, cx: &mut Context, uri: &[u8]) {
    let found = UriRef::parse(uri)
        .ok()
        .and_then(|uri| socket_of(rr, cx, &uri))
        .map(|s| s.id);
    match found {
        Some(id) => cx.target.socket = Some(id),
        None => {
            let shown = uri.escape_ascii().to_string();
            cx.log(
                Level::Warning,
                &format!("Route names no socket of ours: {shown}"),
            );
        }
    }
}

fn socket_of<'c>(rr: &Rr, cx: &'c Context, uri: &UriRef<'_>) -> Option<&'c ListenSocket> {
    let sockets = &cx.core.sockets;
    if rr.settings.sockname
        && let Some(name) = uri.param(b"sn")
        && let Some(socket) = sockets
            .all()
            .iter()
            .find(|s| s.name.as_deref() == Some(name))
    {
        return Some(socket);
    }
    let secure = uri.scheme() == Scheme::Sips;
    let proto = match uri.transport() {
        Some(name) => Proto::from_name(name)?,
        None if secure => Proto::Tls,
        None => Proto::Udp,
    };
    let port = uri.port().unwrap_or(proto.default_port());
    sockets.find(uri.host(), Some(port), Some(proto))
}
