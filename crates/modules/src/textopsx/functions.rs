//! Script functions of textopsx.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, Status, TRUE};
use script::regex::{Case, Pattern};
use sip::HeaderKind;

use super::fnmatch;
use super::place::{self, Place};
use super::rebuild::{self, RebuildError};
use super::status::{self, StatusError};
use super::values::{self, Style};

pub(super) const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    routes: Routes,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes,
        run,
        doc,
        status: Status::Full,
    }
}

pub(super) const fn text(name: &'static str) -> Arg {
    Arg {
        name,
        kind: ArgKind::Text,
    }
}

const PLACE: Arg = Arg {
    name: "place",
    kind: ArgKind::Parsed(place::parse_arg),
};

/// Routes of messages as they were received.
const RECEIVED: Routes = Routes::REQUEST.and(Routes::ONREPLY);
/// Routes of messages that will be sent.
const SENT: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::ONREPLY);

const PLACE_VALUE: &[Arg] = &[PLACE, text("value")];
const NAME_VALUE: &[Arg] = &[text("name"), text("value")];

/// All functions but those of iterators.
pub(super) static TABLE: &[Function] = &[
    row(
        "msg_apply_changes",
        &[],
        0,
        RECEIVED,
        msg_apply_changes,
        "Applies the changes made so far, so that reads see them.",
    ),
    row(
        "msg_set_buffer",
        &[text("message")],
        1,
        RECEIVED,
        msg_set_buffer,
        "Puts a whole message in the place of the present one.",
    ),
    row(
        "change_reply_status",
        &[
            Arg {
                name: "code",
                kind: ArgKind::Int,
            },
            text("reason"),
        ],
        2,
        Routes::ONREPLY,
        change_reply_status,
        "Changes code and reason of a reply; below 300 only within its class.",
    ),
    row(
        "change_reply_status_code",
        &[Arg {
            name: "code",
            kind: ArgKind::Int,
        }],
        1,
        Routes::ONREPLY,
        change_reply_status,
        "Changes the code of a reply; below 300 only within its class.",
    ),
    row(
        "remove_body",
        &[],
        0,
        Routes::ANY,
        remove_body,
        "Removes the body; Content-Type stays.",
    ),
    row(
        "keep_hf",
        &[text("pattern")],
        0,
        Routes::ANY,
        keep_hf,
        "Removes all headers but those that every message needs and those whose names match.",
    ),
    row(
        "fnmatch",
        &[text("text"), text("pattern"), text("flags")],
        2,
        Routes::ANY,
        fnmatch,
        "Whether a text fits a shell pattern. Flags have no effect, as in Kamailio 5.6.",
    ),
    row(
        "append_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, values::append),
        "Adds a value behind one, or a header behind all.",
    ),
    row(
        "insert_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, values::insert),
        "Adds a value before one, or a header before the first of its name.",
    ),
    row(
        "remove_hf_value",
        &[PLACE],
        1,
        SENT,
        |cx, args| with_place(cx, args, |cx, p| values::remove(cx, p, Style::List)),
        "Removes a value or a parameter of it.",
    ),
    row(
        "remove_hf_value2",
        &[PLACE],
        1,
        SENT,
        |cx, args| with_place(cx, args, |cx, p| values::remove(cx, p, Style::Credentials)),
        "As remove_hf_value, for headers like Authorization.",
    ),
    row(
        "assign_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, |cx, p, v| values::assign(cx, p, v, Style::List)),
        "Gives a value or a parameter of it another text.",
    ),
    row(
        "assign_hf_value2",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| {
            with_value(cx, args, |cx, p, v| {
                values::assign(cx, p, v, Style::Credentials)
            })
        },
        "As assign_hf_value, for headers like Authorization.",
    ),
    row(
        "include_hf_value",
        NAME_VALUE,
        2,
        SENT,
        include_hf_value,
        "Adds a value to a header unless it is there.",
    ),
    row(
        "exclude_hf_value",
        NAME_VALUE,
        2,
        SENT,
        exclude_hf_value,
        "Removes a value from a header.",
    ),
    row(
        "hf_value_exists",
        NAME_VALUE,
        2,
        SENT,
        hf_value_exists,
        "Whether a header has a value.",
    ),
];

pub(super) fn truth(holds: bool) -> Outcome {
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

fn msg_apply_changes(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let result = rebuild::apply(cx);
    rebuilt(cx, result)
}

fn msg_set_buffer(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let bytes = args.text(cx, 0);
    let result = rebuild::replace(cx, bytes);
    rebuilt(cx, result)
}

fn change_reply_status(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let code = args.int(cx, 0).unwrap_or(0);
    let reason = (args.len() > 1).then(|| args.text(cx, 1));
    let result: Result<(), StatusError> = status::change(cx, code, reason.as_deref());
    if let Err(error) = &result {
        cx.log(Level::Error, &format!("status not changed: {error}"));
    }
    truth(result.is_ok())
}

fn remove_body(cx: &mut Context, _: &Args<'_>) -> Outcome {
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

fn keep_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
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

fn fnmatch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let pattern = args.text(cx, 1);
    truth(fnmatch::matches(&pattern, &text))
}

/// Runs something on the place that the first argument names.
fn with_place(
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

fn with_value(
    cx: &mut Context,
    args: &Args<'_>,
    work: impl FnOnce(&mut Context, &Place, &[u8]) -> bool,
) -> Outcome {
    let value = args.text(cx, 1);
    with_place(cx, args, |cx, place| work(cx, place, &value))
}

fn include_hf_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    values::include(cx, &name, &value);
    TRUE
}

fn exclude_hf_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    values::exclude(cx, &name, &value);
    TRUE
}

fn hf_value_exists(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, value) = (args.text(cx, 0), args.text(cx, 1));
    truth(values::exists(cx, &name, &value))
}
