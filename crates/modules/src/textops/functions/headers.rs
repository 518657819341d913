//! Functions on headers and methods.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::regex::{Case, Pattern};
use sip::HeaderKind;

use super::truth;
use crate::textops::headers;
use crate::textops::method::{Methods, MethodsArg};

pub(super) fn is_method(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let list = match args.parsed::<MethodsArg>(0) {
        Some(MethodsArg::Fixed(methods)) => return truth(methods.have(&cx.msg)),
        Some(MethodsArg::Computed(format)) => format.text(cx),
        None => args.text(cx, 0),
    };
    truth(Methods::of(&list).have(&cx.msg))
}

/// Line and place of `append_hf` and its kin; no line: an error.
fn line_and_place(cx: &mut Context, args: &Args<'_>) -> Option<(Bytes, Bytes)> {
    let line = args.text(cx, 0);
    if line.is_empty() {
        cx.log(Level::Error, "an empty header cannot be added");
        return None;
    }
    Some((line, args.text(cx, 1)))
}

pub(super) fn append_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((line, place)) = line_and_place(cx, args) else {
        return FALSE;
    };
    headers::append(cx, line, (args.len() > 1).then_some(&place[..]));
    TRUE
}

pub(super) fn insert_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((line, place)) = line_and_place(cx, args) else {
        return FALSE;
    };
    headers::insert(cx, line, (args.len() > 1).then_some(&place[..]));
    TRUE
}

pub(super) fn append_urihf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let prefix = args.text(cx, 0);
    let suffix = args.text(cx, 1);
    let line = [&prefix[..], &cx.request_uri(), &suffix].concat();
    headers::append(cx, line.into(), None);
    TRUE
}

pub(super) fn remove_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let spans: smallvec::SmallVec<[_; 4]> = cx.msg.all_named(&name).map(|h| h.whole).collect();
    for span in &spans {
        cx.edits.delete(*span);
    }
    truth(!spans.is_empty())
}

/// As `remove_hf`, but does not tell whether there was one.
pub(super) fn remove_hf_pv(cx: &mut Context, args: &Args<'_>) -> Outcome {
    remove_hf(cx, args);
    TRUE
}

/// A pattern for header names, from an argument.
fn pattern(cx: &mut Context, args: &Args<'_>, index: usize) -> Option<Pattern> {
    let source = args.text(cx, index);
    match Pattern::new(&source, Case::Insensitive) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            cx.log(Level::Error, &format!("bad pattern: {error}"));
            None
        }
    }
}

pub(super) fn remove_hf_re(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(pattern) = pattern(cx, args, 0) else {
        return FALSE;
    };
    let removed = headers::remove_where(cx, |cx, h| pattern.is_match(cx.msg.text(h.name)));
    truth(removed > 0)
}

pub(super) fn remove_hf_exp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (Some(wanted), Some(skipped)) = (pattern(cx, args, 0), pattern(cx, args, 1)) else {
        return FALSE;
    };
    let removed = headers::remove_where(cx, |cx, h| {
        let name = cx.msg.text(h.name);
        wanted.is_match(name) && !skipped.is_match(name)
    });
    truth(removed > 0)
}

pub(super) fn remove_hf_idx(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let index = args.int(cx, 1).unwrap_or(0);
    match headers::remove_index(cx, &name, index) {
        Some(true) => TRUE,
        // Counted from the end there may be fewer: nothing to do, as with Kamailio.
        _ if index < 0 => TRUE,
        _ => Outcome::Return(2),
    }
}

/// How `remove_hf_match` picks headers.
enum ValueTest {
    Equal(Bytes),
    NotEqual(Bytes),
    Contains(Bytes),
    Matches(Pattern),
}

impl ValueTest {
    fn holds(&self, body: &[u8]) -> bool {
        match self {
            Self::Equal(value) => body == value,
            Self::NotEqual(value) => body != value,
            Self::Contains(value) => memchr::memmem::find(body, value).is_some(),
            Self::Matches(pattern) => pattern.is_match(body),
        }
    }
}

/// No header was removed by value.
const NOT_MATCHED: Outcome = Outcome::Return(-2);

pub(super) fn remove_hf_match(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let operator = args.text(cx, 1);
    let value = args.text(cx, 2);
    let test = match &operator[..] {
        b"eq" => ValueTest::Equal(value),
        b"ne" => ValueTest::NotEqual(value),
        b"in" => ValueTest::Contains(value),
        b"re" => match pattern(cx, args, 2) {
            Some(pattern) => ValueTest::Matches(pattern),
            None => return FALSE,
        },
        _ => {
            cx.log(Level::Error, "remove_hf_match knows eq, ne, in and re");
            return FALSE;
        }
    };
    let kind = HeaderKind::from_name(&name);
    let removed = headers::remove_where(cx, |cx, h| {
        h.kind == kind
            && (kind != HeaderKind::Other || cx.msg.text(h.name).eq_ignore_ascii_case(&name))
            && test.holds(cx.msg.text(h.value))
    });
    if removed > 0 { TRUE } else { NOT_MATCHED }
}

pub(super) fn is_present_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    truth(cx.msg.find_name(&name).is_some())
}

pub(super) fn is_present_hf_re(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(pattern) = pattern(cx, args, 0) else {
        return FALSE;
    };
    let mut names = cx.msg.headers().iter().map(|h| cx.msg.text(h.name));
    truth(names.any(|name| pattern.is_match(name)))
}

pub(super) fn append_to_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let line = args.text(cx, 0);
    cx.reply_headers.push(line);
    TRUE
}

fn date_line(cx: &Context) -> Bytes {
    let now = cx.core.services.clock.unix().as_secs();
    format!("Date: {}\r\n", sip::date::rfc1123(now)).into()
}

pub(super) fn append_time(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let line = date_line(cx);
    cx.reply_headers.push(line);
    TRUE
}

pub(super) fn append_time_to_request(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let line = date_line(cx);
    let at = cx
        .msg
        .first(HeaderKind::Via)
        .map_or(cx.msg.headers_start(), |h| h.whole.end());
    cx.edits.insert_after(at, line);
    TRUE
}
