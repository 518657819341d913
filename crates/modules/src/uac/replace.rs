//! `uac_replace_from` and `uac_replace_to`.

use bytes::Bytes;
use engine::Context;
use engine::context::RunKind;
use script::value::Value;
use sip::header::NameAddr;
use sip::{HeaderKind, Span};

use super::cookie;
use super::params::{Mode, Side, Uac};
use super::restore::{self, Originals};

/// What takes the place of a header's display name and URI.
#[derive(Clone, Debug, Default)]
pub(super) struct Replacement {
    /// The display name as it is written; empty: none; `None`: it stays.
    pub(super) display: Option<Bytes>,
    /// The URI; empty: it stays.
    pub(super) uri: Bytes,
}

/// Why a header cannot be replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum ReplaceError {
    /// It is missing or malformed.
    #[error("the header is missing or malformed")]
    Header,
    /// It was replaced before.
    #[error("the header was replaced before in this message")]
    Twice,
}

/// Headers of a message that were replaced in its request route.
#[derive(Default)]
struct Replaced {
    from: bool,
    to: bool,
}

impl Side {
    pub(super) fn kind(self) -> HeaderKind {
        match self {
            Self::From => HeaderKind::From,
            Self::To => HeaderKind::To,
        }
    }

    /// The mark of our edits of this header.
    pub(super) fn tag(self) -> u32 {
        match self {
            Self::From => 0x7566,
            Self::To => 0x7574,
        }
    }
}

/// The text from the display name to the end of the URI with its bracket.
pub(super) fn address_span(addr: &NameAddr) -> Span {
    let end = addr.uri.end() + usize::from(addr.bracketed);
    Span::of(addr.whole.start(), end)
}

/// A header's address.
pub(super) fn address(cx: &Context, side: Side) -> Option<NameAddr> {
    cx.msg.name_addr(side.kind())?.ok()
}

/// Replaces a header, and keeps what its restoration needs.
pub(super) fn replace(
    uac: &Uac,
    cx: &mut Context,
    side: Side,
    with: &Replacement,
) -> Result<(), ReplaceError> {
    if cx.edits.has_tag(side.tag()) || note_replaced(cx, side) {
        return Err(ReplaceError::Twice);
    }
    let addr = address(cx, side).ok_or(ReplaceError::Header)?;
    write(cx, side, &addr, with);
    if !with.uri.is_empty() && uac.mode != Mode::None {
        keep(uac, cx, side, &addr, &with.uri);
    }
    Ok(())
}

/// Whether the request route replaced the header before; a branch route has its own changes.
fn note_replaced(cx: &mut Context, side: Side) -> bool {
    let is_request = cx.kind == RunKind::Request;
    let replaced = cx.extensions.get_or_default::<Replaced>();
    let flag = match side {
        Side::From => &mut replaced.from,
        Side::To => &mut replaced.to,
    };
    let before = *flag;
    *flag |= is_request;
    before
}

fn write(cx: &mut Context, side: Side, addr: &NameAddr, with: &Replacement) {
    let tag = side.tag();
    let mut uri = with.uri.clone();
    match &with.display {
        Some(display) if !addr.display.is_empty() => {
            cx.edits.replace_tagged(addr.display, display.clone(), tag);
        }
        Some(display) if !display.is_empty() => {
            if addr.bracketed {
                let at = addr.whole.start();
                let text = [display, &b" "[..]].concat();
                cx.edits.insert_after_tagged(at, text.into(), tag);
            } else {
                if uri.is_empty() {
                    uri = cx.msg.slice(addr.uri);
                }
                uri = [display, &b" <"[..], &uri, b">"].concat().into();
            }
        }
        _ => {}
    }
    if !uri.is_empty() {
        cx.edits.replace_tagged(addr.uri, uri, tag);
    }
}

/// Keeps the original for replies, and both URIs in Record-Route for later requests.
fn keep(uac: &Uac, cx: &mut Context, side: Side, addr: &NameAddr, uri: &[u8]) {
    let settings = uac.side(side);
    let original = cx.msg.slice(address_span(addr));
    if let Some(avp) = &settings.avp {
        avp.write(cx, Value::Str(original.clone()));
    }
    restore::remember(uac, cx, Originals::of(side, original));
    if let Some(rr) = &uac.rr {
        let cookie = cookie::make(cx.msg.text(addr.uri), uri, &uac.password);
        let param = [b";", &settings.param[..], b"=", cookie.as_bytes()].concat();
        rr.add_param(cx, &param);
    }
}
