//! The headers of a message, as they are kept: sixteen bytes each.

use super::{Message, ParseError};
use crate::Span;
use crate::header::{Header, HeaderKind};

/// One header: where it starts, and how far its parts lie apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) start: u32,
    pub(super) value_len: u32,
    pub(super) name_len: u16,
    /// From the start to the value.
    pub(super) value_at: u16,
    /// From the end of the value to the end of the header: white space and the line end.
    pub(super) tail: u16,
    pub(super) kind: HeaderKind,
}

/// How many headers are kept in place: few messages have more.
const IN_PLACE: usize = 16;

/// The headers in order.
#[derive(Debug)]
pub(super) struct Slots {
    in_place: [Slot; IN_PLACE],
    len: usize,
    /// All headers, if there are more than fit in place.
    #[expect(clippy::box_collection, reason = "a word, for what few messages have")]
    many: Option<Box<Vec<Slot>>>,
}

impl Default for Slots {
    #[inline]
    fn default() -> Slots {
        Slots {
            in_place: [Slot::EMPTY; IN_PLACE],
            len: 0,
            many: None,
        }
    }
}

impl Slots {
    /// Whether the parts of a header lie so near to each other that it can be kept. Nobody writes
    /// names, or white space around a value, of 64 KB and more.
    pub(super) fn fits(name_len: usize, value_at: usize, tail: usize) -> bool {
        (name_len | value_at | tail) <= usize::from(u16::MAX)
    }

    /// Adds one; gives its index. There may be [`Message::MAX_HEADERS`].
    #[inline]
    pub(super) fn push(&mut self, slot: Slot) -> Result<usize, ParseError> {
        let index = self.len;
        match self.in_place.get_mut(index) {
            Some(free) => *free = slot,
            None => self.push_behind(slot)?,
        }
        self.len = index + 1;
        Ok(index)
    }

    #[cold]
    fn push_behind(&mut self, slot: Slot) -> Result<(), ParseError> {
        if self.len >= Message::MAX_HEADERS {
            return Err(ParseError::TooLarge);
        }
        let many = self.many.get_or_insert_with(|| {
            let mut many = Vec::with_capacity(4 * IN_PLACE);
            many.extend_from_slice(&self.in_place);
            Box::new(many)
        });
        many.push(slot);
        Ok(())
    }

    /// The slot at `index`, which is less than their number.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&Slot> {
        match self.in_place.get(index) {
            Some(slot) => Some(slot),
            None => self.many.as_ref()?.get(index),
        }
    }

    #[inline]
    pub(super) fn view(&self) -> Headers<'_> {
        let slots = match &self.many {
            None => &self.in_place[..self.len.min(IN_PLACE)],
            Some(many) => many,
        };
        Headers { slots }
    }
}

/// The headers of a message, in order.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'m> {
    slots: &'m [Slot],
}

impl<'m> Headers<'m> {
    /// Number of headers.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The header at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Header> {
        self.slots.get(index).map(Slot::header)
    }

    /// The headers one after the other.
    pub fn iter(&self) -> HeaderIter<'m> {
        HeaderIter {
            slots: self.slots.iter(),
        }
    }

    /// The headers from `index` on.
    pub(super) fn from(self, index: usize) -> Headers<'m> {
        let slots = self.slots.get(index..).unwrap_or_default();
        Headers { slots }
    }

    /// Those of one kind.
    pub(super) fn of_kind(
        self,
        kind: HeaderKind,
    ) -> impl DoubleEndedIterator<Item = Header> + Clone + 'm {
        let of_kind = move |slot: &&Slot| slot.kind == kind;
        self.slots.iter().filter(of_kind).map(Slot::header)
    }
}

/// The headers of a message one after the other, see [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeaderIter<'m> {
    slots: std::slice::Iter<'m, Slot>,
}

impl Iterator for HeaderIter<'_> {
    type Item = Header;

    fn next(&mut self) -> Option<Header> {
        self.slots.next().map(Slot::header)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.slots.size_hint()
    }
}

impl DoubleEndedIterator for HeaderIter<'_> {
    fn next_back(&mut self) -> Option<Header> {
        self.slots.next_back().map(Slot::header)
    }
}

impl ExactSizeIterator for HeaderIter<'_> {}

impl<'m> IntoIterator for Headers<'m> {
    type Item = Header;
    type IntoIter = HeaderIter<'m>;

    fn into_iter(self) -> HeaderIter<'m> {
        self.iter()
    }
}

impl Slot {
    const EMPTY: Slot = Slot {
        start: 0,
        value_len: 0,
        name_len: 0,
        value_at: 0,
        tail: 0,
        kind: HeaderKind::Via,
    };

    #[inline]
    pub(super) fn header(&self) -> Header {
        let value = Span {
            start: self.start + u32::from(self.value_at),
            len: self.value_len,
        };
        Header {
            kind: self.kind,
            name: Span {
                start: self.start,
                len: u32::from(self.name_len),
            },
            value,
            whole: Span {
                start: self.start,
                len: u32::from(self.value_at) + self.value_len + u32::from(self.tail),
            },
        }
    }
}
