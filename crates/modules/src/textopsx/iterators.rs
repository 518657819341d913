//! Iterators over the headers of a message and over the lines of its body.
//!
//! A script names its iterators. They live as long as the message does; once it was made anew
//! (`msg_apply_changes()`) they are at their end.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::module::{FALSE, Outcome, TRUE};
use sip::{Header, Message, Span};
use smallvec::SmallVec;

/// Most iterators of one kind at a time.
const MAX: usize = 4;

/// What an iterator walks over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Headers.
    Headers,
    /// Lines of the body, with their ends.
    Lines,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    /// Before what the iterator stands at.
    Before,
    /// Behind it.
    Behind,
}

/// The iterators of a message.
#[derive(Default)]
pub(super) struct Iterators {
    open: SmallVec<[Walk; 2]>,
}

struct Walk {
    kind: Kind,
    name: Bytes,
    msg: Arc<Message>,
    /// What it walks over, for lines.
    lines: Vec<Span>,
    /// 0: before the first; beyond the number of items: at the end.
    at: usize,
}

impl Walk {
    fn new(kind: Kind, name: Bytes, msg: &Arc<Message>) -> Self {
        let lines = match kind {
            Kind::Headers => Vec::new(),
            Kind::Lines => body_lines(msg),
        };
        Self {
            kind,
            name,
            msg: Arc::clone(msg),
            lines,
            at: 0,
        }
    }

    fn len(&self) -> usize {
        match self.kind {
            Kind::Headers => self.msg.headers().len(),
            Kind::Lines => self.lines.len(),
        }
    }

    /// The bytes of what it stands at.
    fn whole(&self) -> Option<Span> {
        let index = self.at.checked_sub(1)?;
        match self.kind {
            Kind::Headers => self.msg.headers().get(index).map(|h| h.whole),
            Kind::Lines => self.lines.get(index).copied(),
        }
    }
}

fn body_lines(msg: &Message) -> Vec<Span> {
    let mut start = msg.body_span().start();
    msg.body()
        .split_inclusive(|c| *c == b'\n')
        .map(|line| {
            let span = Span::of(start, start + line.len());
            start = span.end();
            span
        })
        .collect()
}

/// The iterator of a name, if it is about the message as it is now.
fn walk<'c>(cx: &'c mut Context, kind: Kind, name: &[u8]) -> Option<&'c mut Walk> {
    let msg = Arc::clone(&cx.msg);
    let open = &mut cx.extensions.get_mut::<Iterators>()?.open;
    open.iter_mut()
        .find(|w| w.kind == kind && w.name == name && Arc::ptr_eq(&w.msg, &msg))
}

/// Starts an iterator, or starts it again.
pub(super) fn start(cx: &mut Context, kind: Kind, name: Bytes) -> Outcome {
    let fresh = Walk::new(kind, name, &cx.msg);
    let open = &mut cx.extensions.get_or_default::<Iterators>().open;
    if let Some(old) = open
        .iter_mut()
        .find(|w| w.kind == kind && w.name == fresh.name)
    {
        *old = fresh;
        return TRUE;
    }
    if open.iter().filter(|w| w.kind == kind).count() >= MAX {
        return FALSE;
    }
    open.push(fresh);
    TRUE
}

/// Ends an iterator. Its name stays, as in Kamailio: over headers it can go on from the first.
pub(super) fn end(cx: &mut Context, kind: Kind, name: &[u8]) -> Outcome {
    let open = cx.extensions.get_mut::<Iterators>().map(|i| &mut i.open);
    let ended = open
        .into_iter()
        .flatten()
        .find(|w| w.kind == kind && w.name == name);
    let Some(walk) = ended else {
        return FALSE;
    };
    walk.at = 0;
    walk.lines.clear();
    TRUE
}

/// Goes on by one; false at the end.
pub(super) fn next(cx: &mut Context, kind: Kind, name: &[u8]) -> Outcome {
    let Some(walk) = walk(cx, kind, name) else {
        return FALSE;
    };
    walk.at = (walk.at + 1).min(walk.len() + 1);
    truth(walk.at <= walk.len())
}

/// Goes back by one; before the first it stays.
pub(super) fn previous(cx: &mut Context, kind: Kind, name: &[u8]) -> Outcome {
    let Some(walk) = walk(cx, kind, name) else {
        return FALSE;
    };
    walk.at = walk.at.saturating_sub(1);
    TRUE
}

/// Removes what the iterator stands at.
pub(super) fn remove(cx: &mut Context, kind: Kind, name: &[u8]) -> Outcome {
    let Some(span) = walk(cx, kind, name).and_then(|w| w.whole()) else {
        return FALSE;
    };
    cx.edits.delete(span);
    TRUE
}

/// Adds text beside what the iterator stands at.
pub(super) fn add(cx: &mut Context, kind: Kind, name: &[u8], side: Side, text: Bytes) -> Outcome {
    let Some(span) = walk(cx, kind, name).and_then(|w| w.whole()) else {
        return FALSE;
    };
    let at = match side {
        Side::Before => span.start(),
        Side::Behind => span.end(),
    };
    cx.edits.insert_after(at, text);
    TRUE
}

/// A part of the header that an iterator stands at.
pub(super) fn header_part(
    cx: &mut Context,
    name: &[u8],
    pick: fn(&Header) -> Span,
) -> Option<Bytes> {
    let walk = walk(cx, Kind::Headers, name)?;
    let header = walk.msg.headers().get(walk.at.checked_sub(1)?)?;
    Some(walk.msg.slice(pick(&header)))
}

/// The line that an iterator stands at, with its end.
pub(super) fn line(cx: &mut Context, name: &[u8]) -> Option<Bytes> {
    let walk = walk(cx, Kind::Lines, name)?;
    Some(walk.msg.slice(walk.whole()?))
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}
