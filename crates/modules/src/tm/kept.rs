//! The message of a transaction's request: parsed while replies are awaited, its bytes alone in the
//! wait state, which may last a hundred times longer.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use sip::{Message, Tolerance};

/// A message that may have been put away.
pub(crate) enum KeptMessage {
    /// In use.
    Parsed(Arc<Message>),
    /// Put away.
    Unparsed(Box<Unparsed>),
}

/// What a message is parsed from, and how.
pub(crate) struct Unparsed {
    bytes: Bytes,
    tolerance: Tolerance,
}

impl KeptMessage {
    /// The message; one that was put away is parsed anew.
    pub(crate) fn get(&self) -> Cow<'_, Arc<Message>> {
        match self {
            Self::Parsed(msg) => Cow::Borrowed(msg),
            Self::Unparsed(kept) => Cow::Owned(kept.parse()),
        }
    }

    /// Gives back what parsing made.
    pub(crate) fn put_away(&mut self, tolerance: &Tolerance) {
        if let Self::Parsed(msg) = self {
            *self = Self::Unparsed(Box::new(Unparsed {
                bytes: msg.raw().clone(),
                tolerance: *tolerance,
            }));
        }
    }
}

impl Unparsed {
    fn parse(&self) -> Arc<Message> {
        // What could be read once can be read again.
        Message::parse_shared(self.bytes.clone(), &self.tolerance)
            .unwrap_or_else(|(_, bytes)| Arc::new(Message::opaque(bytes)))
    }
}
