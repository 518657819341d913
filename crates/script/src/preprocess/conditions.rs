//! `#!ifdef … #!else … #!endif`, nested.

use crate::source::Origin;

/// One conditional part that is open.
pub(super) struct Open {
    pub(super) directive: &'static str,
    pub(super) origin: Origin,
    /// The part around it is taken.
    outer: bool,
    /// This branch is taken, if the part around it is.
    holds: bool,
}

/// The conditional parts around the current place, outermost first.
#[derive(Default)]
pub(super) struct Conditions {
    open: Vec<Open>,
}

impl Conditions {
    pub(super) fn is_skipping(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| !(open.outer && open.holds))
    }

    pub(super) fn begin(&mut self, directive: &'static str, origin: Origin, holds: bool) {
        let outer = !self.is_skipping();
        self.open.push(Open {
            directive,
            origin,
            outer,
            holds,
        });
    }

    /// `#!else`; false when nothing is open.
    pub(super) fn otherwise(&mut self) -> bool {
        let Some(open) = self.open.last_mut() else {
            return false;
        };
        open.holds = !open.holds;
        true
    }

    /// `#!endif`; false when nothing is open.
    pub(super) fn end(&mut self) -> bool {
        self.open.pop().is_some()
    }

    pub(super) fn take_open(&mut self) -> Vec<Open> {
        std::mem::take(&mut self.open)
    }
}
