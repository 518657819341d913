//! Those who wait for one lock, longest first.

use std::collections::VecDeque;
use std::task::Waker;

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// The queue.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: VecDeque<(Ticket, Waker)>,
    next: u64,
}

impl Queue {
    /// Joins the end, or has the place that is there already woken by another waker.
    pub(crate) fn join(&mut self, ticket: &mut Option<Ticket>, waker: &Waker) {
        let place = self.waiting.iter_mut().find(|(t, _)| Some(*t) == *ticket);
        if let Some((_, old)) = place {
            old.clone_from(waker);
            return;
        }
        let new = Ticket(self.next);
        self.next += 1;
        self.waiting.push_back((new, waker.clone()));
        *ticket = Some(new);
    }

    /// Gives up a place.
    pub(crate) fn leave(&mut self, ticket: Option<Ticket>) {
        self.waiting.retain(|(t, _)| Some(*t) != ticket);
    }

    /// Whose turn it is.
    pub(crate) fn first(&self) -> Option<Waker> {
        self.waiting.front().map(|(_, waker)| waker.clone())
    }
}
