//! Giving replaced headers back: in replies to whoever asked, and in later requests of the dialog
//! to whom they are sent.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use script::value::Value;

use super::cookie;
use super::params::{Mode, Side, Uac};
use super::replace::{address, address_span};
use crate::rr::api::{Direction, direction, route_param};
use crate::tm::api::Event;

/// The addresses that a request had, for its replies. Kept with the message until it has a
/// transaction, then with that.
#[derive(Clone, Debug, Default)]
pub(super) struct Originals {
    from: Option<Bytes>,
    to: Option<Bytes>,
}

impl Originals {
    pub(super) fn of(side: Side, address: Bytes) -> Self {
        match side {
            Side::From => Self {
                from: Some(address),
                to: None,
            },
            Side::To => Self {
                from: None,
                to: Some(address),
            },
        }
    }

    fn join(&mut self, more: Self) {
        self.from = more.from.or(self.from.take());
        self.to = more.to.or(self.to.take());
    }
}

/// Why a request's header cannot be restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum RestoreError {
    /// The Route does not keep it.
    #[error("the Route keeps no URI for the header")]
    NotKept,
    /// The header is missing or malformed.
    #[error("the header is missing or malformed")]
    Header,
    /// What the Route keeps does not belong to the header.
    #[error("what the Route keeps does not belong to the header")]
    Foreign,
}

/// Has us called for transactions and own Routes.
pub(super) fn register(uac: &Arc<Uac>) {
    if uac.mode == Mode::None {
        return;
    }
    let own = Arc::clone(uac);
    uac.tm.observe(Arc::new(move |note| match &mut note.event {
        Event::RequestIn(cx) => {
            if let Some(originals) = cx.extensions.remove::<Originals>() {
                note.tm.with_data(note.handle, |data| {
                    data.extensions.insert(originals);
                });
            }
        }
        Event::ReplyIn { cx, .. } => {
            let known = note.tm.with_data(note.handle, |data| {
                data.extensions.get::<Originals>().cloned()
            });
            if let Some(Some(originals)) = known {
                in_reply(&own, cx, &originals);
            }
        }
        _ => {}
    }));
    if let (Mode::Auto, Some(rr)) = (uac.mode, &uac.rr) {
        let own = Arc::clone(uac);
        rr.on_route(Arc::new(move |cx, _| in_request(&own, cx)));
    }
}

/// Keeps originals for the replies to the request in work.
pub(super) fn remember(uac: &Uac, cx: &mut Context, originals: Originals) {
    let mut left = Some(originals);
    if let Some(handle) = uac.tm.current(cx) {
        uac.tm.with_data(handle, |data| {
            if let Some(originals) = left.take() {
                data.extensions
                    .get_or_default::<Originals>()
                    .join(originals);
            }
        });
    }
    if let Some(originals) = left {
        cx.extensions.get_or_default::<Originals>().join(originals);
    }
}

fn in_reply(uac: &Uac, cx: &mut Context, originals: &Originals) {
    for (side, kept) in [(Side::From, &originals.from), (Side::To, &originals.to)] {
        let Some(kept) = kept else {
            continue;
        };
        let of_script = uac.side(side).avp.as_ref().map(|avp| avp.read(cx));
        let original = match of_script {
            Some(Value::Str(text)) => text,
            _ => kept.clone(),
        };
        if let Some(addr) = address(cx, side) {
            cx.edits.replace(address_span(&addr), original);
        }
    }
}

/// Turns both headers of a later request, as far as the Route keeps them.
fn in_request(uac: &Uac, cx: &mut Context) {
    for kept in [Side::From, Side::To] {
        match turn(uac, cx, kept) {
            Ok(()) | Err(RestoreError::NotKept) => {}
            Err(error) => cx.log(
                engine::log::Level::Error,
                &format!("uac: header not restored: {error}"),
            ),
        }
    }
    // The replies are for whoever sent the request as it was.
    for side in [Side::From, Side::To] {
        if cx.edits.has_tag(side.tag())
            && let Some(addr) = address(cx, side)
        {
            let original = cx.msg.slice(address_span(&addr));
            remember(uac, cx, Originals::of(side, original));
        }
    }
}

/// Puts the other URI of the cookie in the place of a header's. The cookie is that of the header as
/// it was in the call's first request: upstream, the other one has its address.
pub(super) fn turn(uac: &Uac, cx: &mut Context, kept: Side) -> Result<(), RestoreError> {
    let side = match (direction(cx), kept) {
        (Direction::Downstream, side) => side,
        (Direction::Upstream, Side::From) => Side::To,
        (Direction::Upstream, Side::To) => Side::From,
    };
    let cookie = route_param(cx, &uac.side(kept).param)
        .filter(|cookie| !cookie.is_empty())
        .ok_or(RestoreError::NotKept)?;
    if cx.edits.has_tag(side.tag()) {
        return Ok(());
    }
    let addr = address(cx, side).ok_or(RestoreError::Header)?;
    let uri = cookie::other(&cookie, cx.msg.text(addr.uri), &uac.password)
        .ok_or(RestoreError::Foreign)?;
    cx.edits.replace_tagged(addr.uri, uri.into(), side.tag());
    Ok(())
}
