//! The request URI.

use bytes::Bytes;
use sip::UriRef;
use sip::uri::UriBuilder;

use crate::arguments::Args;
use crate::context::Context;
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};

/// Rewrites the request URI's user part.
fn with_user(cx: &mut Context, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Outcome {
    let uri = cx.request_uri();
    let Ok(parsed) = UriRef::parse(&uri) else {
        cx.log(Level::Error, "the request URI cannot be parsed");
        return FALSE;
    };
    let Some(user) = change(parsed.user()) else {
        return FALSE;
    };
    let mut builder = UriBuilder::from_uri(&parsed);
    builder.user = &user;
    let text = builder.to_vec();
    cx.set_request_uri(text.into());
    TRUE
}

fn count(cx: &mut Context, args: &Args<'_>) -> usize {
    args.int(cx, 0)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0)
}

pub(super) fn strip(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let n = count(cx, args);
    with_user(cx, |user| Some(user.get(n..).unwrap_or_default().to_vec()))
}

pub(super) fn strip_tail(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let n = count(cx, args);
    with_user(cx, |user| {
        Some(user[..user.len().saturating_sub(n)].to_vec())
    })
}

pub(super) fn prefix(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    with_user(cx, |user| Some([&text[..], user].concat()))
}

pub(super) fn set_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let uri: Bytes = args.text(cx, 0);
    if UriRef::parse(&uri).is_err() {
        cx.log(Level::Error, "rewriteuri with something that is no URI");
        return FALSE;
    }
    cx.set_request_uri(uri);
    TRUE
}

pub(super) fn revert(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.target.uri = None;
    TRUE
}
