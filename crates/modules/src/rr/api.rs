//! What other modules may use of rr: the direction of a request, parameters of our own Route and
//! Record-Route, and callbacks for each own Route that is worked off.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use engine::Context;
use sip::UriRef;
use sip::uri::UriParams;

use super::hops::Hops;
use super::loose::is_mine;
use super::params::Settings;
use super::record;
use super::state::MessageState;

/// Whether the script has recorded its route.
#[must_use]
pub fn is_recorded(cx: &Context) -> bool {
    cx.edits.has_tag(record::TAG)
}

/// Which way an in-dialog request goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// As the request that made the dialog.
    Downstream,
    /// The other way.
    Upstream,
}

/// Called for each own Route of a request, with its URI parameters (`;lr;ftag=x`).
pub type RouteCallback = Arc<dyn Fn(&mut Context, &[u8]) + Send + Sync>;

/// The module's state.
pub struct Rr {
    pub(super) settings: Settings,
    callbacks: ArcSwap<Vec<RouteCallback>>,
}

impl Rr {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            callbacks: ArcSwap::default(),
        }
    }

    /// Has a callback called for each own Route when loose routing has found the next hop; for
    /// `init` of other modules.
    pub fn on_route(&self, callback: RouteCallback) {
        self.callbacks.rcu(|list| {
            let mut list = Vec::clone(list);
            list.push(Arc::clone(&callback));
            list
        });
    }

    /// Whether Record-Route carries the From tag, without which directions are unknown.
    #[must_use]
    pub fn appends_fromtag(&self) -> bool {
        self.settings.append_fromtag
    }

    /// Adds parameters (`;name=value`) to the Record-Route that is there or comes.
    pub fn add_param(&self, cx: &mut Context, text: &[u8]) {
        record::add_param(cx, text);
    }

    pub(super) fn run_callbacks(&self, cx: &mut Context, params: &[u8]) {
        for callback in self.callbacks.load_full().iter() {
            callback(cx, params);
        }
    }
}

/// The URI parameters of our own Route, each with its `;`: of the one that loose routing worked
/// off, else (also when that has none) of the first Route if it is ours. Empty when there is none.
#[must_use]
pub fn route_params(cx: &Context) -> Bytes {
    if let Some(params) = cx
        .extensions
        .get::<MessageState>()
        .and_then(|s| s.route_params.clone())
        .filter(|params| !params.is_empty())
    {
        return params;
    }
    let Some(Ok(first)) = Hops::of(&cx.msg).next() else {
        return Bytes::new();
    };
    match UriRef::parse(cx.msg.text(first.addr.uri)) {
        Ok(uri) if is_mine(cx, &uri) => params_of(cx.msg.slice(first.addr.uri), &uri),
        _ => Bytes::new(),
    }
}

/// The parameters of a URI with the first `;`.
pub(super) fn params_of(text: Bytes, uri: &UriRef<'_>) -> Bytes {
    let span = uri.uri.params;
    match span.start().checked_sub(1) {
        Some(start) if !span.is_empty() => text.slice(start..span.end()),
        _ => Bytes::new(),
    }
}

/// The value of a parameter of our own Route.
#[must_use]
pub fn route_param(cx: &Context, name: &[u8]) -> Option<Bytes> {
    let params = route_params(cx);
    let (_, value) = UriParams::new(&params).find(|(n, _)| n.eq_ignore_ascii_case(name))?;
    Some(params.slice_ref(value.unwrap_or_default()))
}

/// Which way the request goes, as the `ftag` in our own Route tells; downstream if it tells
/// nothing.
#[must_use]
pub fn direction(cx: &Context) -> Direction {
    match route_param(cx, b"ftag") {
        Some(tag) if !tag.is_empty() && cx.msg.from_tag() != Some(&tag[..]) => Direction::Upstream,
        _ => Direction::Downstream,
    }
}
