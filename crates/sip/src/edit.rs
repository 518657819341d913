//! `Edits`: deferred changes to a message, as the script makes them.
//!
//! An edit names offsets of the received buffer and never sees other edits. Printing walks the
//! buffer once and applies them in order of offset; edits at one offset keep the order in which
//! they were made, as Kamailio's do.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::Span;

/// One deferred change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Offset in the received buffer.
    pub at: u32,
    /// How many bytes of the buffer, from `at`, are dropped.
    pub delete: u32,
    /// What is written at `at`, in place of what is dropped.
    pub text: Bytes,
    /// A module's mark, by which it finds its own edits; 0 for none.
    pub tag: u32,
    /// Whether the text goes before what earlier edits put at the same offset.
    pub ahead: bool,
}

impl Edit {
    /// Offset behind the last byte that is dropped.
    pub fn end(&self) -> usize {
        self.at as usize + self.delete as usize
    }

    /// Bit of [`Edit::tag`]: the text is a template, which only the printer can complete, because
    /// it alone knows by which socket the message leaves (`engine::template`).
    pub const TEMPLATE: u32 = 1 << 31;

    /// Bit of [`Edit::tag`]: the text counts as part of what it replaces, so that it goes when
    /// another edit drops that place.
    pub const IN_PLACE: u32 = 1 << 30;

    /// Whether the text is a template.
    pub fn is_template(&self) -> bool {
        self.tag & Self::TEMPLATE != 0
    }
}

/// An ordered set of edits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edits {
    /// Sorted by offset; at one offset `ahead` edits first (newest first), then the rest in order.
    list: SmallVec<[Edit; 4]>,
}

impl Edits {
    /// No edits.
    pub fn new() -> Edits {
        Edits::default()
    }

    /// Writes `text` at `offset`, before what earlier edits put there.
    pub fn insert_before(&mut self, offset: usize, text: Bytes) {
        self.insert_before_tagged(offset, text, 0);
    }

    /// As [`Edits::insert_before`], with a tag.
    pub fn insert_before_tagged(&mut self, offset: usize, text: Bytes, tag: u32) {
        self.add(Edit {
            at: offset as u32,
            delete: 0,
            text,
            tag,
            ahead: true,
        });
    }

    /// Writes `text` at `offset`, after what earlier edits put there.
    pub fn insert_after(&mut self, offset: usize, text: Bytes) {
        self.insert_after_tagged(offset, text, 0);
    }

    /// As [`Edits::insert_after`], with a tag.
    pub fn insert_after_tagged(&mut self, offset: usize, text: Bytes, tag: u32) {
        self.add(Edit {
            at: offset as u32,
            delete: 0,
            text,
            tag,
            ahead: false,
        });
    }

    /// Drops the bytes under `span`.
    pub fn delete(&mut self, span: Span) {
        self.replace(span, Bytes::new());
    }

    /// Drops the bytes under `span` and writes `text` in their place.
    pub fn replace(&mut self, span: Span, text: Bytes) {
        self.replace_tagged(span, text, 0);
    }

    /// As [`Edits::replace`], with a tag.
    pub fn replace_tagged(&mut self, span: Span, text: Bytes, tag: u32) {
        self.add(Edit {
            at: span.start,
            delete: span.len,
            text,
            tag,
            ahead: false,
        });
    }

    /// Adds `edit` at its place.
    pub fn add(&mut self, edit: Edit) {
        let place = if edit.ahead {
            self.list.partition_point(|e| e.at < edit.at)
        } else {
            self.list.partition_point(|e| e.at <= edit.at)
        };
        self.list.insert(place, edit);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of edits.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The edits in the order in which they are applied.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.list.iter()
    }

    /// Whether an edit carries `tag`.
    pub fn has_tag(&self, tag: u32) -> bool {
        self.list.iter().any(|e| e.tag == tag)
    }

    /// Whether there is a template among them.
    pub fn has_template(&self) -> bool {
        self.list.iter().any(Edit::is_template)
    }

    /// The texts of the edits that carry `tag`, to change.
    pub fn texts_mut(&mut self, tag: u32) -> impl Iterator<Item = &mut Bytes> {
        self.list
            .iter_mut()
            .filter(move |e| e.tag == tag)
            .map(|e| &mut e.text)
    }

    /// Drops every edit that carries `tag`; says whether there was one.
    pub fn remove_tag(&mut self, tag: u32) -> bool {
        let before = self.list.len();
        self.list.retain(|e| e.tag != tag);
        self.list.len() != before
    }

    /// Drops every edit that begins in a piece or at its end.
    pub fn remove_within(&mut self, span: Span) {
        let piece = span.start()..=span.end();
        self.list.retain(|e| !piece.contains(&(e.at as usize)));
    }

    /// Moves the edits at and behind an offset, because the buffer grew or shrank there.
    pub fn shift(&mut self, from: usize, by: isize) {
        for edit in &mut self.list {
            if edit.at as usize >= from {
                // Buffers are far smaller than u32::MAX; a result below zero cannot be meant.
                edit.at = (edit.at as isize + by).max(0) as u32;
            }
        }
    }

    /// Drops all edits.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Whether the bytes under `span` are all dropped by these edits.
    pub fn deletes(&self, span: Span) -> bool {
        let mut covered = span.start();
        for edit in &self.list {
            if edit.at as usize <= covered {
                covered = covered.max(edit.end());
            }
        }
        covered >= span.end() && !span.is_empty()
    }
}

/// Writes `source` to `out` with all `edits` applied; `base` is the offset of `source[0]`.
///
/// Edits of later sets come after those of earlier sets at the same offset, except `ahead`
/// edits, which come before. Text put inside a dropped piece still appears; dropped pieces
/// may overlap. Edits before `base` or beyond the end apply at the nearest end. Templates come to
/// nothing; see [`apply_expanding`].
pub fn apply(out: &mut Vec<u8>, source: &[u8], base: usize, edits: &[&Edits]) {
    apply_expanding(out, source, base, edits, &mut |_, _| {});
}

/// As [`apply`]; `expand` appends what a template comes to.
pub fn apply_expanding(
    out: &mut Vec<u8>,
    source: &[u8],
    base: usize,
    edits: &[&Edits],
    expand: &mut dyn FnMut(&mut Vec<u8>, &[u8]),
) {
    let limit = base + source.len();
    let mut done = base;
    let mut step = |edit: &Edit| {
        let at = (edit.at as usize).clamp(base, limit);
        if at > done {
            out.extend_from_slice(&source[done - base..at - base]);
            done = at;
        }
        if edit.is_template() {
            expand(out, &edit.text);
        } else if edit.tag & Edit::IN_PLACE == 0 || done <= at {
            out.extend_from_slice(&edit.text);
        }
        done = done.max(edit.end().min(limit));
    };
    match edits {
        [] => {}
        [one] => one.iter().for_each(&mut step),
        many => merged(many).into_iter().for_each(&mut step),
    }
    out.extend_from_slice(&source[done - base..]);
}

/// How many bytes the buffer from offset `from` up to `limit` becomes under `edits`.
///
/// Text that edits put before `from` does not count, what they drop behind it does.
pub fn edited_len(from: usize, limit: usize, edits: &[&Edits]) -> usize {
    let mut len = 0;
    let mut done = from;
    for edit in merged(edits) {
        let at = edit.at as usize;
        if at >= from {
            len += at.min(limit).saturating_sub(done) + edit.text.len();
        }
        done = done.max(at.min(limit)).max(edit.end().min(limit));
    }
    len + limit.saturating_sub(done)
}

/// The edits of several sets in the order in which they are applied.
fn merged<'e>(sets: &[&'e Edits]) -> SmallVec<[&'e Edit; 16]> {
    let mut all: SmallVec<[&Edit; 16]> = SmallVec::new();
    // Later sets' `ahead` edits come first, so they are collected in reverse; the sort is stable.
    for set in sets.iter().rev() {
        set.iter().filter(|e| e.ahead).for_each(|e| all.push(e));
    }
    for set in sets {
        set.iter().filter(|e| !e.ahead).for_each(|e| all.push(e));
    }
    all.sort_by_key(|e| e.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(edits: &[&Edits]) -> String {
        let mut out = Vec::new();
        apply(&mut out, b"0123456789", 0, edits);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn order_at_one_offset() {
        let mut edits = Edits::new();
        edits.insert_after(3, Bytes::from_static(b"a"));
        edits.insert_after(3, Bytes::from_static(b"b"));
        edits.insert_before(3, Bytes::from_static(b"c"));
        edits.insert_before(3, Bytes::from_static(b"d"));
        assert_eq!(run(&[&edits]), "012dcab3456789");
        let mut more = Edits::new();
        more.insert_before(3, Bytes::from_static(b"x"));
        more.insert_after(3, Bytes::from_static(b"y"));
        assert_eq!(run(&[&edits, &more]), "012xdcaby3456789");
    }

    #[test]
    fn edits_of_a_piece_are_dropped() {
        let mut edits = Edits::new();
        for at in [1, 2, 5, 6, 7] {
            edits.insert_after(at, Bytes::from_static(b"x"));
        }
        edits.remove_within(Span::of(2, 6));
        assert_eq!(run(&[&edits]), "0x123456x789");
    }

    #[test]
    fn overlapping_deletes_merge_and_inner_text_survives() {
        let mut edits = Edits::new();
        edits.delete(Span::of(2, 6));
        edits.delete(Span::of(4, 8));
        edits.insert_after(5, Bytes::from_static(b"x"));
        edits.replace(Span::of(9, 10), Bytes::from_static(b"y"));
        assert_eq!(run(&[&edits]), "01x8y");
        assert!(edits.deletes(Span::of(3, 8)));
        assert!(!edits.deletes(Span::of(3, 9)));
    }

    #[test]
    fn length_of_a_part() {
        let mut edits = Edits::new();
        edits.replace(Span::of(2, 6), Bytes::from_static(b"headers"));
        edits.replace(Span::of(5, 7), Bytes::from_static(b"ab"));
        edits.insert_after(10, Bytes::from_static(b"c"));
        assert_eq!(edited_len(4, 10, &[&edits]), "ab789c".len());
        assert_eq!(edited_len(4, 10, &[]), 6);
    }

    #[test]
    fn a_text_in_place_goes_with_its_place() {
        let mut edits = Edits::new();
        edits.replace_tagged(Span::of(3, 4), Bytes::from_static(b"x"), Edit::IN_PLACE | 1);
        assert_eq!(run(&[&edits]), "012x456789");
        edits.delete(Span::of(1, 6));
        assert_eq!(run(&[&edits]), "06789");
    }

    #[test]
    fn templates_are_for_the_printer() {
        let mut edits = Edits::new();
        edits.insert_after_tagged(3, Bytes::from_static(b"t"), Edit::TEMPLATE | 1);
        edits.insert_after(3, Bytes::from_static(b"x"));
        assert!(edits.has_template());
        assert_eq!(run(&[&edits]), "012x3456789");
        for text in edits.texts_mut(Edit::TEMPLATE | 1) {
            *text = Bytes::from_static(b"new");
        }
        let mut out = Vec::new();
        apply_expanding(&mut out, b"0123456789", 0, &[&edits], &mut |out, text| {
            out.extend_from_slice(&text.to_ascii_uppercase());
        });
        assert_eq!(out, b"012NEWx3456789");
    }

    #[test]
    fn tags() {
        let mut edits = Edits::new();
        edits.insert_after_tagged(1, Bytes::from_static(b"x"), 7);
        edits.insert_after(100, Bytes::from_static(b"end"));
        assert!(edits.has_tag(7));
        assert!(edits.remove_tag(7));
        assert!(!edits.remove_tag(7));
        assert_eq!(run(&[&edits]), "0123456789end");
    }
}
