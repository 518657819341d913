//! The destination set.

use crate::arguments::Args;
use crate::context::{Branch, Context};
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};

/// Adds a branch, as `append_branch([uri[, q]])` of module corex does: without a URI the present
/// request URI, next hop, path and socket become a branch, and the next hop is cleared for what
/// the script sets next.
pub fn append(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.branches.len() + 1 >= cx.core.settings.max_branches {
        cx.log(Level::Error, "too many branches");
        return FALSE;
    }
    let q = args.text(cx, 1);
    let preference = sip::header::contact::q_value(&q);
    if !q.is_empty() && preference.is_none() {
        cx.log(Level::Error, "the preference of a branch is none");
        return FALSE;
    }
    let uri = args.text(cx, 0);
    let branch = if uri.is_empty() {
        Branch {
            uri: Some(cx.request_uri()),
            q: preference,
            ..cx.target.clone()
        }
    } else {
        Branch {
            uri: Some(uri.clone()),
            q: preference,
            ..Branch::default()
        }
    };
    if !cx.branches.push(branch) {
        return FALSE;
    }
    if uri.is_empty() {
        cx.target.dst_uri = None;
        cx.target.path = None;
        cx.target.forget_location();
    }
    TRUE
}

pub(super) fn clear(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.branches.clear();
    TRUE
}

/// `remove_branch([index])`: the first by default.
pub(super) fn remove(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let index = if args.is_empty() {
        Some(0)
    } else {
        args.int(cx, 0).and_then(|n| usize::try_from(n).ok())
    };
    match index.and_then(|i| cx.branches.remove(i)) {
        Some(_) => TRUE,
        None => FALSE,
    }
}
