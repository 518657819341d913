//! Functions that search and replace by regular expressions and plain text.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use engine::variable::ParsedName;
use script::regex::Case;
use script::value::Value;

use super::truth;
use crate::textops::edit::{self, Matches, Part};
use crate::textops::regex::{Lines, Regex};

fn compile(source: &[u8], lines: Lines) -> Result<Regex, String> {
    Regex::new(source, Case::Insensitive, lines)
        .map_err(|error| format!("bad regular expression: {error}"))
}

/// Parses a constant pattern to which line ends are special.
pub(super) fn pattern_arg(_: &mut NameScope<'_, '_>, source: &[u8]) -> Result<ParsedName, String> {
    compile(source, Lines::Special).map(ParsedName::data)
}

/// Parses a constant pattern to which line ends are plain characters.
pub(super) fn plain_pattern_arg(
    _: &mut NameScope<'_, '_>,
    source: &[u8],
) -> Result<ParsedName, String> {
    compile(source, Lines::Plain).map(ParsedName::data)
}

/// Parses a pattern that may hold variables; such a one is compiled at each call.
pub(super) fn format_pattern_arg(
    scope: &mut NameScope<'_, '_>,
    source: &[u8],
) -> Result<ParsedName, String> {
    // A `$` at the end of a pattern, or before `)` or `|`, is an anchor.
    let has_variable = source
        .windows(2)
        .any(|w| w[0] == b'$' && (w[1].is_ascii_alphabetic() || w[1] == b'('));
    if has_variable
        && let Ok(text) = std::str::from_utf8(source)
        && let Ok(format) = scope.format(text)
    {
        return Ok(ParsedName::data(format));
    }
    compile(source, Lines::Special).map(ParsedName::data)
}

/// Runs something with the pattern that an argument holds; `None`: it is no pattern.
fn with_pattern<T>(
    cx: &mut Context,
    args: &Args<'_>,
    index: usize,
    lines: Lines,
    work: impl FnOnce(&mut Context, &Regex) -> T,
) -> Option<T> {
    if let Some(regex) = args.parsed::<Regex>(index) {
        return Some(work(cx, regex));
    }
    let source = match args.parsed::<engine::format::Format>(index) {
        Some(format) => format.text(cx),
        None => args.text(cx, index),
    };
    match compile(&source, lines) {
        Ok(regex) => Some(work(cx, &regex)),
        Err(error) => {
            cx.log(Level::Error, &error);
            None
        }
    }
}

fn found(cx: &mut Context, args: &Args<'_>, part: Part) -> Outcome {
    let result = with_pattern(cx, args, 0, Lines::Special, |cx, regex| {
        regex.is_match(&part.text(cx).0)
    });
    truth(result == Some(true))
}

pub(super) fn search(cx: &mut Context, args: &Args<'_>) -> Outcome {
    found(cx, args, Part::Whole)
}

pub(super) fn search_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    found(cx, args, Part::Body)
}

fn append_after(cx: &mut Context, args: &Args<'_>, part: Part) -> Outcome {
    let added = args.text(cx, 1);
    let result = with_pattern(cx, args, 0, Lines::Special, |cx, regex| {
        edit::append_after(cx, part, regex, added)
    });
    truth(result == Some(true))
}

pub(super) fn search_append(cx: &mut Context, args: &Args<'_>) -> Outcome {
    append_after(cx, args, Part::AfterStartLine)
}

pub(super) fn search_append_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    append_after(cx, args, Part::Body)
}

pub(super) fn search_str(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let result = with_pattern(cx, args, 1, Lines::Special, |_, regex| {
        regex.is_match(&text)
    });
    truth(result == Some(true))
}

/// Which headers of a name `search_hf` and `subst_hf` look at, by their flag.
pub(super) fn values(cx: &mut Context, name: &[u8], flag: &Bytes) -> Option<Vec<sip::Span>> {
    let all: Vec<sip::Span> = cx.msg.all_named(name).map(|h| h.value).collect();
    match flag[..] {
        [b'a'] => Some(all),
        [b'f'] => Some(all.into_iter().take(1).collect()),
        [b'l'] => Some(all.into_iter().next_back().into_iter().collect()),
        _ => {
            cx.log(Level::Error, "the flag must be a, f or l");
            None
        }
    }
}

pub(super) fn search_hf(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let flag = args.text(cx, 2);
    let Some(values) = values(cx, &name, &flag) else {
        return FALSE;
    };
    let result = with_pattern(cx, args, 1, Lines::Special, |cx, regex| {
        values.iter().any(|v| regex.is_match(cx.msg.text(*v)))
    });
    truth(result == Some(true))
}

fn replaced(
    cx: &mut Context,
    args: &Args<'_>,
    part: Part,
    matches: Matches,
    lines: Lines,
) -> Outcome {
    let with = args.text(cx, 1);
    let count = with_pattern(cx, args, 0, lines, |cx, regex| {
        edit::replace(cx, part, regex, matches, &with)
    });
    truth(count.is_some_and(|n| n > 0))
}

pub(super) fn replace(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let part = Part::AfterStartLine;
    replaced(cx, args, part, Matches::First, Lines::Special)
}

pub(super) fn replace_all(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let part = Part::AfterStartLine;
    replaced(cx, args, part, Matches::All, Lines::Special)
}

pub(super) fn replace_hdrs(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced(cx, args, Part::Headers, Matches::First, Lines::Special)
}

pub(super) fn replace_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced(cx, args, Part::Body, Matches::First, Lines::Special)
}

pub(super) fn replace_body_all(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced(cx, args, Part::Body, Matches::All, Lines::Special)
}

pub(super) fn replace_body_atonce(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced(cx, args, Part::Body, Matches::All, Lines::Plain)
}

/// Plain text is replaced without a word about whether it was there.
fn replaced_text(cx: &mut Context, args: &Args<'_>, part: Part) -> Outcome {
    let what = args.text(cx, 0);
    let with = args.text(cx, 1);
    let mode = args.text(cx, 2);
    let matches = match mode.first() {
        Some(b'a') => Matches::All,
        _ => Matches::First,
    };
    edit::replace_text(cx, part, &what, matches, &with);
    TRUE
}

pub(super) fn replace_str(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced_text(cx, args, Part::AfterStartLine)
}

pub(super) fn replace_hdrs_str(cx: &mut Context, args: &Args<'_>) -> Outcome {
    replaced_text(cx, args, Part::Headers)
}

pub(super) fn replace_body_str(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.msg.body().is_empty() {
        return FALSE;
    }
    replaced_text(cx, args, Part::Body)
}

pub(super) fn regex_substring(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let input = args.text(cx, 0);
    let (Some(index), Some(count)) = (args.int(cx, 2), args.int(cx, 3)) else {
        return FALSE;
    };
    if index < 0 || index >= count {
        cx.log(
            Level::Error,
            "regex_substring: the index must lie between 0 and the count",
        );
        return FALSE;
    }
    let found = with_pattern(cx, args, 1, Lines::Special, |_, regex| {
        regex.find_at(&input, 0)
    });
    let (Some(found), Some(target)) = (found, args.variable(4)) else {
        return FALSE;
    };
    let Some(found) = found else {
        return Outcome::Return(-2);
    };
    let Some(place) = usize::try_from(index).ok().and_then(|n| found.group(n)) else {
        return FALSE;
    };
    truth(target.write(cx, Value::Str(input.slice(place))))
}
