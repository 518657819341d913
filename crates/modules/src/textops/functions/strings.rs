//! Functions on plain text.

use std::cmp::Ordering;

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};

use super::truth;
use crate::textops::strings;

fn two(cx: &mut Context, args: &Args<'_>) -> (Bytes, Bytes) {
    (args.text(cx, 0), args.text(cx, 1))
}

pub(super) fn starts_with(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, start) = two(cx, args);
    match text.get(..start.len()) {
        Some(part) => code(part.cmp(&start)),
        None => FALSE,
    }
}

pub(super) fn ends_with(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, end) = two(cx, args);
    match text.len().checked_sub(end.len()) {
        Some(at) => code(text[at..].cmp(&end)),
        None => FALSE,
    }
}

fn code(order: Ordering) -> Outcome {
    match order {
        Ordering::Equal => TRUE,
        Ordering::Greater => FALSE,
        Ordering::Less => Outcome::Return(-2),
    }
}

pub(super) fn cmp_str(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (a, b) = two(cx, args);
    code(a.cmp(&b))
}

pub(super) fn cmp_istr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (a, b) = two(cx, args);
    code(a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()))
}

/// The place of a text in another, from 1; an empty one is found behind the end.
fn place(found: Option<usize>) -> Outcome {
    match found.and_then(|at| i64::try_from(at).ok()) {
        Some(at) => Outcome::Return(at + 1),
        None => FALSE,
    }
}

pub(super) fn str_find(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, needle) = two(cx, args);
    if needle.is_empty() {
        return place(Some(text.len()));
    }
    place(memchr::memmem::find(&text, &needle))
}

/// Nothing is found at the start here, and behind the end with [`str_find`], as in Kamailio.
pub(super) fn str_ifind(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, needle) = two(cx, args);
    if needle.is_empty() {
        return place(Some(0));
    }
    place(
        text.windows(needle.len())
            .position(|w| w.eq_ignore_ascii_case(&needle)),
    )
}

/// Subject, list and separator; `None`: one of them cannot be used.
fn listed(cx: &mut Context, args: &Args<'_>) -> Option<(Bytes, Bytes, u8)> {
    let (subject, list) = two(cx, args);
    let separator = args.text(cx, 2);
    match separator[..] {
        [separator] if !subject.is_empty() => Some((subject, list, separator)),
        _ => {
            cx.log(
                Level::Error,
                "a list needs a subject and a separator of one character",
            );
            None
        }
    }
}

pub(super) fn in_list(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((subject, list, separator)) = listed(cx, args) else {
        return FALSE;
    };
    truth(strings::any_item(&list, separator, |item| item == subject))
}

pub(super) fn in_list_prefix(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((subject, list, separator)) = listed(cx, args) else {
        return FALSE;
    };
    truth(strings::any_item(&list, separator, |item| {
        !item.is_empty() && subject.starts_with(item)
    }))
}
