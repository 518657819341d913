//! The destination set.

use crate::arguments::Args;
use crate::context::{Branch, Context};
use crate::log::Level;
use crate::module::{FALSE, Outcome, TRUE};

/// `append_branch([uri[, q]])`: without a URI the present request URI, next hop, path and socket
/// become a branch, and the next hop is cleared for what the script sets next.
pub(super) fn append(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.branches.len() + 1 >= cx.core.settings.max_branches {
        cx.log(Level::Error, "too many branches");
        return FALSE;
    }
    let q = (args.len() > 1)
        .then(|| args.text(cx, 1))
        .and_then(|t| sip::header::contact::q_value(&t));
    let branch = if args.is_empty() {
        Branch {
            uri: Some(cx.request_uri()),
            q,
            ..cx.target.clone()
        }
    } else {
        Branch {
            uri: Some(args.text(cx, 0)),
            q,
            ..Branch::default()
        }
    };
    if !cx.branches.push(branch) {
        return FALSE;
    }
    if args.is_empty() {
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
