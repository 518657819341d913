//! Script functions of textopsx but those of iterators.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::regex::{Case, Pattern};
use sip::HeaderKind;

use super::place::Place;
use super::rebuild::{self, RebuildError};
use super::status::{self, StatusError};
use super::{fnmatch, values};

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

fn rebuilt(cx: &mut Context, result: Result<(), RebuildError>) -> Outcome {
    match result {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("message not rebuilt: {error}"));
            FALSE
        }
    }
}

pub(super) fn msg_apply_changes(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let result = rebuild::apply(cx);
    rebuilt(cx, result)
}

pub(super) fn msg_set_buffer(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let bytes = args.text(cx, 0);
    let result = rebuild::replace(cx, bytes);
    rebuilt(cx, result)
}

pub(super) fn change_reply_status(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let code = args.int(cx, 0).unwrap_or(0);
    let reason = (args.len() > 1).then(|| args.text(cx, 1));
    let result: Result<(), StatusError> = status::change(cx, code, reason.as_deref());
    if let Err(error) = &result {
        cx.log(Level::Error, &format!("status not changed: {error}"));
    }
    truth(result.is_ok())
}

pub(super) fn remove_body(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let body = cx.msg.body_span();
    if !body.is_empty() {
        cx.edits.delete(body);
    }
    TRUE
}

/// Headers that `keep_hf` never removes.
const KEPT: [HeaderKind; 11] = [
    HeaderKind::Via,
    HeaderKind::From,
    HeaderKind::To,
    HeaderKind::CallId,
    HeaderKind::CSeq,
    HeaderKind::ContentLength,
    HeaderKind::ContentType,
    HeaderKind::MaxForwards,
    HeaderKind::Contact,
    HeaderKind::Route,
    HeaderKind::RecordRoute,
];

pub(super) fn keep_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let pattern = if args.is_empty() {
        None
    } else {
        match Pattern::new(&args.text(cx, 0), Case::Insensitive) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                cx.log(Level::Error, &format!("bad pattern: {error}"));
                return FALSE;
            }
        }
    };
    let msg = std::sync::Arc::clone(&cx.msg);
    for header in msg.headers() {
        let matches = pattern
            .as_ref()
            .is_some_and(|p| p.is_match(msg.text(header.name)));
        if !KEPT.contains(&header.kind) && !matches {
            cx.edits.delete(header.whole);
        }
    }
    // Kamailio 5.6 says so even when it has done its work.
    FALSE
}

pub(super) fn fnmatch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let pattern = args.text(cx, 1);
    truth(fnmatch::matches(&pattern, &text))
}

/// Runs something on the place that the first argument names.
pub(super) fn with_place(
    cx: &mut Context,
    args: &Args<'_>,
    work: impl FnOnce(&mut Context, &Place) -> bool,
) -> Outcome {
    if let Some(place) = args.parsed::<Place>(0) {
        return truth(work(cx, place));
    }
    let text = args.text(cx, 0);
    match Place::parse(&text) {
        Ok(place) => truth(work(cx, &place)),
        Err(error) => {
            cx.log(Level::Error, error);
            FALSE
        }
    }
}

pub(super) fn with_value(
    cx: &mut Context,
    args: &Args<'_>,
    work: impl FnOnce(&mut Context, &Place, &[u8]) -> bool,
) -> Outcome {
    let value = args.text(cx, 1);
    with_place(cx, args, |cx, place| work(cx, place, &value))
}

pub(super) fn include_hf_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    values::include(cx, &name, &value);
    TRUE
}

pub(super) fn exclude_hf_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    values::exclude(cx, &name, &value);
    TRUE
}

pub(super) fn hf_value_exists(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    truth(values::exists(cx, &name, &value))
}
