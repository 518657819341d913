//! Functions that take a substitution expression.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use sip::UriRef;
use sip::uri::UriBuilder;

use super::search::values;
use super::truth;
use crate::textops::edit::{self, Part};
use crate::textops::subst::Subst;

/// The expression in an argument: parsed at load, as Kamailio wants it constant.
fn expression<'a>(cx: &mut Context, args: &Args<'a>, index: usize) -> Option<&'a Subst> {
    let subst = args.parsed::<Subst>(index);
    if subst.is_none() {
        cx.log(Level::Error, "a substitution must be a constant text");
    }
    subst
}

/// Replaces in a text of the message that starts at an offset; whether anything matched.
fn change(cx: &mut Context, subst: &Subst, text: &[u8], start: usize) -> bool {
    match subst.changes(cx, text) {
        Ok(changes) => {
            let any = !changes.is_empty();
            for change in changes {
                edit::put(cx, start, change.place, change.text);
            }
            any
        }
        Err(error) => {
            cx.log(Level::Error, &format!("no substitution: {error}"));
            false
        }
    }
}

fn in_part(cx: &mut Context, args: &Args<'_>, part: Part) -> Outcome {
    let Some(subst) = expression(cx, args, 0) else {
        return FALSE;
    };
    let (text, start) = part.text(cx);
    truth(change(cx, subst, &text, start))
}

pub(super) fn subst(cx: &mut Context, args: &Args<'_>) -> Outcome {
    in_part(cx, args, Part::AfterStartLine)
}

pub(super) fn subst_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    in_part(cx, args, Part::Body)
}

pub(super) fn subst_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let flag = args.text(cx, 2);
    let Some(subst) = expression(cx, args, 1) else {
        return FALSE;
    };
    let Some(values) = values(cx, &name, &flag) else {
        return FALSE;
    };
    let mut any = false;
    for value in values {
        let text = cx.msg.slice(value);
        any |= change(cx, subst, &text, value.start());
    }
    truth(any)
}

/// The result of a substitution in a text; `None`: nothing matched.
fn result(cx: &mut Context, args: &Args<'_>, text: &[u8]) -> Option<Bytes> {
    let subst = expression(cx, args, 0)?;
    match subst.apply(cx, text) {
        Ok(result) => result,
        Err(error) => {
            cx.log(Level::Error, &format!("no substitution: {error}"));
            None
        }
    }
}

pub(super) fn subst_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let uri = cx.request_uri();
    let Some(uri) = result(cx, args, &uri) else {
        return FALSE;
    };
    cx.set_request_uri(uri);
    TRUE
}

pub(super) fn subst_user(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let uri = cx.request_uri();
    let Ok(parsed) = UriRef::parse(&uri) else {
        cx.log(Level::Error, "the request URI cannot be parsed");
        return FALSE;
    };
    let Some(user) = result(cx, args, parsed.user()) else {
        return FALSE;
    };
    let mut builder = UriBuilder::from_uri(&parsed);
    builder.user = &user;
    let uri = builder.to_vec();
    cx.set_request_uri(uri.into());
    TRUE
}
