//! What was found out about a message while it is in work, so that a script which asks again and
//! again pays once.

use std::net::IpAddr;

use bytes::Bytes;
use sip::{Span, Uri, UriRef};

use super::Context;
use crate::net::AddressText;

/// How many URIs are remembered: those of From, To and the request line, and one that comes and
/// goes.
const URIS: usize = 4;

/// See the module.
#[derive(Default)]
pub(super) struct Known {
    /// URIs by where they stand; a handle on the text keeps anything else from standing there.
    uris: Vec<(Bytes, Option<Uri>)>,
    source: Option<(IpAddr, AddressText)>,
}

impl Known {
    /// The parts of a URI that was taken apart before.
    fn find(&self, text: &[u8]) -> Option<Option<Uri>> {
        let is_it = |known: &Bytes| known.as_ptr() == text.as_ptr() && known.len() == text.len();
        let found = self.uris.iter().find(|(known, _)| is_it(known));
        found.map(|(_, parts)| *parts)
    }

    fn add(&mut self, text: Bytes) -> Option<Uri> {
        let parts = Uri::parse(&text).ok();
        if self.uris.len() == URIS {
            self.uris.pop();
        }
        self.uris.push((text, parts));
        parts
    }
}

impl Context {
    /// The URI at a place of the message; `None` when it is none.
    pub fn uri_at(&mut self, span: Span) -> Option<UriRef<'_>> {
        let uri = match self.known.find(self.msg.text(span)) {
            Some(known) => known,
            None => self.known.add(self.msg.slice(span)),
        };
        let text = self.msg.text(span);
        uri.map(|uri| UriRef { text, uri })
    }

    /// The request URI as it stands now; `None` when it is no URI.
    pub fn request_uri_parts(&mut self) -> Option<UriRef<'_>> {
        if self.target.uri.is_none() {
            return self.uri_at(self.msg.request_uri_span());
        }
        let text = self.target.uri.as_ref()?;
        let uri = match self.known.find(text) {
            Some(known) => known,
            None => self.known.add(text.clone()),
        };
        uri.map(|uri| UriRef { text, uri })
    }

    /// The address that the message came from, as text.
    pub fn source_text(&mut self) -> &[u8] {
        let address = self.received.source.ip();
        let is_other = |known: &Option<(IpAddr, _)>| known.as_ref().is_none_or(|k| k.0 != address);
        if is_other(&self.known.source) {
            self.known.source = Some((address, AddressText::new(address)));
        }
        self.known
            .source
            .as_ref()
            .map_or(b"", |known| known.1.as_bytes())
    }
}
