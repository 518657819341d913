//! The destination set.

use crate::arguments::Args;
use crate::context::{Branch, Context};
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};

/// Adds a branch, as `append_branch([uri[, q]])` of module corex does: the present next hop, path,
/// socket and flags become the branch's, with the URI or, without one, the present request URI. They
/// are cleared then for what the script sets next, if no URI is given.
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
    let mut branch = Branch {
        uri: Some(cx.request_uri()),
        q: preference,
        ..cx.target.clone()
    };
    if !uri.is_empty() {
        branch.uri = Some(uri.clone());
        branch.forget_location();
    }
    if !cx.branches.push(branch) {
        return FALSE;
    }
    if uri.is_empty() {
        cx.target.dst_uri = None;
        cx.target.path = None;
        cx.target.socket = None;
        cx.target.flags = 0;
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
