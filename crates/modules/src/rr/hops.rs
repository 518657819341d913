//! The Route headers of a request, element by element, and taking elements out.
//!
//! A header is parsed when its first element is asked for: a malformed one further down hurts only
//! whoever comes that far.

use sip::header::{HeaderError, Route};
use sip::{Edits, HeaderKind, Message, Span};

/// The elements of the Route headers in order.
pub(super) struct Hops<'m> {
    msg: &'m Message,
    /// Elements of the present header, in reverse.
    list: Vec<Route>,
    /// Index of the header to look at next.
    header: usize,
}

impl<'m> Hops<'m> {
    pub(super) fn of(msg: &'m Message) -> Self {
        Self {
            msg,
            list: Vec::new(),
            header: 0,
        }
    }
}

impl Iterator for Hops<'_> {
    type Item = Result<Route, HeaderError>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.msg.has(HeaderKind::Route) {
            return None;
        }
        loop {
            if let Some(route) = self.list.pop() {
                return Some(Ok(route));
            }
            let header = self.msg.headers().get(self.header)?;
            let index = self.header;
            self.header += 1;
            if header.kind != HeaderKind::Route {
                continue;
            }
            // The parser limits the number of headers far below this.
            let number = u16::try_from(index).ok()?;
            if let Err(error) =
                Route::parse_list(self.msg.raw(), number, header.value, &mut self.list)
            {
                self.list.clear();
                return Some(Err(error));
            }
            self.list.reverse();
        }
    }
}

/// Takes out elements that are the first of their headers: `routes` in order.
pub(super) fn remove_first(edits: &mut Edits, msg: &Message, routes: &[Route]) {
    for (index, route) in routes.iter().enumerate() {
        // Only the first element of each header acts, for all that go from it.
        if index > 0 && routes[index - 1].header == route.header {
            continue;
        }
        let Some(header) = msg.headers().get(usize::from(route.header)) else {
            continue;
        };
        let last = routes[index..]
            .iter()
            .take_while(|r| r.header == route.header)
            .last()
            .unwrap_or(route);
        match last.next {
            Some(next) => edits.delete(Span::of(route.addr.whole.start(), next as usize)),
            None => edits.delete(header.whole),
        }
    }
}

/// The very last element, with the end of the one before it in the same header.
pub(super) fn last(msg: &Message) -> Option<(Route, Option<usize>)> {
    let (index, header) = msg
        .headers()
        .iter()
        .enumerate()
        .rev()
        .find(|(_, h)| h.kind == HeaderKind::Route)?;
    let mut list = Vec::new();
    Route::parse_list(
        msg.raw(),
        u16::try_from(index).ok()?,
        header.value,
        &mut list,
    )
    .ok()?;
    let last = list.pop()?;
    Some((last, list.pop().map(|r| r.addr.whole.end())))
}

/// Takes out the very last element, see [`last`].
pub(super) fn remove_last(
    edits: &mut Edits,
    msg: &Message,
    route: &Route,
    previous_end: Option<usize>,
) {
    match previous_end {
        Some(end) => edits.delete(Span::of(end, route.addr.whole.end())),
        None => {
            if let Some(header) = msg.headers().get(usize::from(route.header)) {
                edits.delete(header.whole);
            }
        }
    }
}
