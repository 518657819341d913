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

    /// The parts of any URI; `None` when it is none.
    pub fn uri_of(&mut self, text: &Bytes) -> Option<Uri> {
        let known = self.known.find(text);
        known.unwrap_or_else(|| self.known.add(text.clone()))
    }

    /// The request URI as it stands now; `None` when it is no URI.
    pub fn request_uri_parts(&mut self) -> Option<UriRef<'_>> {
        let uri = self.known_request_uri();
        let text = self.request_uri_text();
        uri.map(|uri| UriRef { text, uri })
    }

    /// As [`Self::request_uri_parts`]; calls `complain` when it is no URI.
    pub fn request_uri_parts_or(&mut self, complain: impl FnOnce(&mut Self)) -> Option<UriRef<'_>> {
        let uri = self.known_request_uri();
        if uri.is_none() {
            complain(self);
        }
        let text = self.request_uri_text();
        uri.map(|uri| UriRef { text, uri })
    }

    fn known_request_uri(&mut self) -> Option<Uri> {
        let known = self.known.find(self.request_uri_text());
        known.unwrap_or_else(|| {
            let text = self.request_uri();
            self.known.add(text)
        })
    }

    /// The text of the request URI as it stands now.
    fn request_uri_text(&self) -> &[u8] {
        match &self.target.uri {
            Some(uri) => uri,
            None => self.msg.request_uri(),
        }
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
