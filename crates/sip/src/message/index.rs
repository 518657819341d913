//! Which headers a message has: where the first one of each kind stands.

use super::ParseError;
use super::slots::{Headers, Slot, Slots};
use crate::header::{Header, HeaderKind};

/// The headers of a message, and where to find them by kind.
#[derive(Debug)]
pub(super) struct Index {
    slots: Slots,
    /// By kind: 0 if there is none, else one more than the index of the first header; [`FAR`] if
    /// that is more than a byte holds.
    firsts: [u8; 64],
    /// Index of the second Via header.
    second_via: Option<u16>,
    /// Index of the first header that is malformed or repeats one that may stand only once.
    suspect: Option<u16>,
    /// Whether most headers that may stand only once may be repeated.
    pub(super) repeats: bool,
}

/// Somewhere behind.
const FAR: u8 = u8::MAX;

impl Default for Index {
    #[inline]
    fn default() -> Index {
        const { assert!(HeaderKind::COUNT <= 64, "every kind has its place") };
        Index {
            slots: Slots::default(),
            firsts: [0; 64],
            second_via: None,
            suspect: None,
            repeats: false,
        }
    }
}

impl Index {
    /// Adds a header, unless there are too many.
    #[inline]
    pub(super) fn push(&mut self, slot: Slot) -> Result<(), ParseError> {
        let index = self.slots.push(slot)?;
        let first = &mut self.firsts[slot.kind as usize % 64];
        if *first == 0 {
            *first = (index + 1).min(usize::from(FAR)) as u8;
            if slot.kind == HeaderKind::Malformed {
                self.note_suspect(index);
            }
        } else if slot.kind == HeaderKind::Via {
            self.second_via = self.second_via.or(Some(index as u16));
        } else if slot.kind.is_singleton()
            && (!self.repeats || slot.kind == HeaderKind::MaxForwards)
        {
            self.note_suspect(index);
        }
        Ok(())
    }

    fn note_suspect(&mut self, index: usize) {
        self.suspect = self.suspect.or(Some(index as u16));
    }

    #[inline]
    pub(super) fn headers(&self) -> Headers<'_> {
        self.slots.view()
    }

    #[inline]
    pub(super) fn has(&self, kind: HeaderKind) -> bool {
        self.firsts[kind as usize % 64] != 0
    }

    #[inline]
    pub(super) fn first(&self, kind: HeaderKind) -> Option<Header> {
        match self.firsts[kind as usize % 64] {
            0 => None,
            FAR => self.all(kind).next(),
            near => self.slots.get(usize::from(near) - 1).map(Slot::header),
        }
    }

    /// All headers of one kind.
    #[inline]
    pub(super) fn all(
        &self,
        kind: HeaderKind,
    ) -> impl DoubleEndedIterator<Item = Header> + Clone + '_ {
        let from = match self.firsts[kind as usize % 64] {
            0 => usize::MAX,
            near => usize::from(near) - 1,
        };
        self.headers().from(from).of_kind(kind)
    }

    pub(super) fn second_via(&self) -> Option<Header> {
        self.headers().get(usize::from(self.second_via?))
    }

    pub(super) fn suspect(&self) -> Option<Header> {
        self.headers().get(usize::from(self.suspect?))
    }
}
