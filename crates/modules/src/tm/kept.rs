//! The message of a transaction's request: parsed while replies are awaited, its bytes alone in the
//! wait state, which may last a hundred times longer. What a late reply or an operator names it by is
//! found without parsing it again.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use sip::{HeaderKind, Message, Span, StartLine, Tolerance};

/// A message that may have been put away.
pub(crate) enum KeptMessage {
    /// In use.
    Parsed(Arc<Message>),
    /// Put away.
    Unparsed(Box<Unparsed>),
}

/// What a message is parsed from, and how.
pub(crate) struct Unparsed {
    pub(crate) bytes: Bytes,
    pub(crate) tolerance: Tolerance,
    pub(crate) names: Names,
}

/// What a message that was put away is found by.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    method: Span,
    call_id: Span,
    cseq: Option<u32>,
}

impl KeptMessage {
    /// The message; one that was put away is parsed anew.
    pub(crate) fn get(&self) -> Cow<'_, Arc<Message>> {
        match self {
            Self::Parsed(msg) => Cow::Borrowed(msg),
            Self::Unparsed(kept) => Cow::Owned(kept.parse()),
        }
    }

    /// What is left of one that was put away.
    pub(crate) fn unparsed(&self) -> Option<&Unparsed> {
        match self {
            Self::Parsed(_) => None,
            Self::Unparsed(kept) => Some(kept),
        }
    }

    /// Gives back what parsing made.
    pub(crate) fn put_away(&mut self, tolerance: &Tolerance) {
        if let Self::Parsed(msg) = self {
            let call_id = msg.first(HeaderKind::CallId);
            *self = Self::Unparsed(Box::new(Unparsed {
                bytes: msg.raw().clone(),
                tolerance: *tolerance,
                names: Names {
                    method: method_span(msg),
                    call_id: call_id.map(|header| header.value).unwrap_or_default(),
                    cseq: cseq_number(msg),
                },
            }));
        }
    }

    pub(crate) fn method_text(&self) -> &[u8] {
        match self {
            Self::Parsed(msg) => msg.method_text(),
            Self::Unparsed(kept) => kept.text(kept.names.method),
        }
    }

    /// The Call-ID; empty when there is none.
    pub(crate) fn call_id(&self) -> &[u8] {
        match self {
            Self::Parsed(msg) => msg.call_id().unwrap_or_default(),
            Self::Unparsed(kept) => kept.text(kept.names.call_id),
        }
    }

    pub(crate) fn cseq_number(&self) -> Option<u32> {
        match self {
            Self::Parsed(msg) => cseq_number(msg),
            Self::Unparsed(kept) => kept.names.cseq,
        }
    }
}

fn method_span(msg: &Message) -> Span {
    match *msg.start_line() {
        StartLine::Request { method_span, .. } => method_span,
        StartLine::Reply { .. } => Span::default(),
    }
}

fn cseq_number(msg: &Message) -> Option<u32> {
    Some(msg.cseq()?.ok()?.number)
}

impl Unparsed {
    fn text(&self, span: Span) -> &[u8] {
        span.get(&self.bytes)
    }

    fn parse(&self) -> Arc<Message> {
        // What could be read once can be read again.
        Message::parse_shared(self.bytes.clone(), &self.tolerance)
            .unwrap_or_else(|(_, bytes)| Arc::new(Message::opaque(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_named_alike_in_both_states() {
        let text = b"\r\nMESSAGE sip:a@h.test SIP/2.0\r\nVia: SIP/2.0/UDP h.test;branch=z9hG4bKa\r\n\
            From: <sip:a@h.test>;tag=1\r\nTo: <sip:b@h.test>\r\nI: call 1\r\nCSeq: 00071 MESSAGE\r\n\r\n";
        let tolerance = Tolerance::default();
        let msg = Message::parse_shared(Bytes::from_static(text), &tolerance).map_err(|_| ());
        let mut kept = KeptMessage::Parsed(msg.unwrap());
        for _ in 0..2 {
            assert_eq!(kept.method_text(), b"MESSAGE");
            assert_eq!(kept.call_id(), b"call 1");
            assert_eq!(kept.cseq_number(), Some(71));
            assert_eq!(&kept.get().raw()[..], text);
            kept.put_away(&tolerance);
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_names() {
        let mut kept = KeptMessage::Parsed(Arc::new(Message::opaque(Bytes::from_static(b"?"))));
        for _ in 0..2 {
            assert_eq!((kept.call_id(), kept.cseq_number()), (&b""[..], None));
            kept.put_away(&Tolerance::default());
        }
    }
}
