//! Adding, finding and removing headers.

use bytes::Bytes;
use engine::Context;
use sip::Header;

/// Writes text behind the last header of a name, or behind all headers.
pub(crate) fn append(cx: &mut Context, text: Bytes, name: Option<&[u8]>) {
    let at = name
        .and_then(|name| cx.msg.all_named(name).next_back())
        .map_or(cx.msg.headers_end(), |h| h.whole.end());
    cx.edits.insert_after(at, text);
}

/// Writes text before the first header of a name, or before all headers.
pub(crate) fn insert(cx: &mut Context, text: Bytes, name: Option<&[u8]>) {
    let at = name
        .and_then(|name| cx.msg.find_name(name))
        .map_or(cx.msg.headers_start(), |h| h.whole.start());
    cx.edits.insert_after(at, text);
}

/// Removes the headers that a test picks; how many there were.
pub(super) fn remove_where(cx: &mut Context, picks: impl Fn(&Context, &Header) -> bool) -> usize {
    let msg = std::sync::Arc::clone(&cx.msg);
    let mut removed = 0;
    for header in msg.headers() {
        if picks(cx, &header) {
            cx.edits.delete(header.whole);
            removed += 1;
        }
    }
    removed
}

/// Removes the header at an index among those of a name; a negative one counts from the end.
/// `None`: there is no header of the name.
pub(super) fn remove_index(cx: &mut Context, name: &[u8], index: i64) -> Option<bool> {
    let spans: Vec<_> = cx.msg.all_named(name).map(|h| h.whole).collect();
    if spans.is_empty() {
        return None;
    }
    let at = if index < 0 {
        let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
        spans.len().checked_sub(back)
    } else {
        usize::try_from(index).ok()
    };
    let span = at.and_then(|at| spans.get(at));
    if let Some(span) = span {
        cx.edits.delete(*span);
    }
    Some(span.is_some())
}
