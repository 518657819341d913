//! Searching and replacing in the bytes of a message.

use std::ops::Range;

use bytes::Bytes;
use engine::Context;
use sip::Span;

use super::regex::Regex;

/// A part of a message that is searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// All of it, the start line included.
    Whole,
    /// Headers and body.
    AfterStartLine,
    /// The headers.
    Headers,
    /// The body.
    Body,
}

impl Part {
    fn range(self, cx: &Context) -> Range<usize> {
        let msg = &cx.msg;
        let end = msg.raw().len();
        match self {
            Self::Whole => msg.start_line_span().start()..end,
            Self::AfterStartLine => msg.headers_start()..end,
            Self::Headers => msg.headers_start()..msg.headers_end(),
            Self::Body => msg.body_span().start()..msg.body_span().end(),
        }
    }

    /// The bytes of the part, and where they start in the message.
    pub(super) fn text(self, cx: &Context) -> (Bytes, usize) {
        let range = self.range(cx);
        let span = Span::of(range.start, range.end);
        (cx.msg.slice(span), range.start)
    }
}

/// Which matches are changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Matches {
    /// The first.
    First,
    /// All.
    All,
}

/// Replaces matches by a text; how many there were.
pub(super) fn replace(
    cx: &mut Context,
    part: Part,
    regex: &Regex,
    matches: Matches,
    with: &Bytes,
) -> usize {
    let (text, start) = part.text(cx);
    let limit = match matches {
        Matches::First => 1,
        Matches::All => usize::MAX,
    };
    let mut count = 0;
    for found in regex.find_all(&text).take(limit) {
        let place = found.whole();
        if place.is_empty() && matches == Matches::All {
            continue;
        }
        put(cx, start, place, with.clone());
        count += 1;
    }
    count
}

/// Replaces a text by another.
pub(super) fn replace_text(
    cx: &mut Context,
    part: Part,
    what: &[u8],
    matches: Matches,
    with: &Bytes,
) {
    let (text, start) = part.text(cx);
    if what.is_empty() {
        return;
    }
    let limit = match matches {
        Matches::First => 1,
        Matches::All => usize::MAX,
    };
    for at in memchr::memmem::find_iter(&text, what).take(limit) {
        put(cx, start, at..at + what.len(), with.clone());
    }
}

/// Writes a text behind the first match; whether there was one.
pub(super) fn append_after(cx: &mut Context, part: Part, regex: &Regex, added: Bytes) -> bool {
    let (text, start) = part.text(cx);
    let Some(found) = regex.find_at(&text, 0) else {
        return false;
    };
    cx.edits.insert_after(start + found.whole().end, added);
    true
}

/// Replaces a place of a part that starts at an offset.
pub(super) fn put(cx: &mut Context, start: usize, place: Range<usize>, text: Bytes) {
    let span = Span::of(start + place.start, start + place.end);
    cx.edits.replace(span, text);
}
