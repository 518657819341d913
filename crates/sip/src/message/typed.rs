//! Headers of a message as types: the essential ones parsed with the message, the others on first
//! use and kept.

use std::sync::OnceLock;

use super::index::Index;
use super::{Headers, Message};
use crate::Span;
use crate::header::{
    CSeq, Contacts, ContentType, Credentials, HeaderError, HeaderKind, NameAddr, Route, Via, number,
};

/// What a typed header accessor gives: absent, understood or malformed.
pub type Found<'m, T> = Option<Result<&'m T, HeaderError>>;

/// What a header said: absent, understood, or malformed.
type Said<T> = Option<Result<T, HeaderError>>;

/// Headers without which no message can be matched, forwarded or answered: whoever receives one
/// asks for them, so that parsing them later, in a place that threads may share, would only cost
/// more.
#[derive(Debug, Default)]
pub(super) struct Essentials {
    via1: Said<Via>,
    from: Said<NameAddr>,
    to: Said<NameAddr>,
    cseq: Said<CSeq>,
}

/// What a header said that is there, when it was first asked for.
type Kept<T> = OnceLock<Result<T, HeaderError>>;

/// Headers that not every message is asked for.
#[derive(Debug, Default)]
pub(super) struct Typed {
    via2: Kept<Via>,
    contacts: Kept<Contacts>,
    routes: Kept<Vec<Route>>,
    record_routes: Kept<Vec<Route>>,
    paths: Kept<Vec<Route>>,
    content_type: Kept<ContentType>,
}

fn said<T>(said: &Said<T>) -> Found<'_, T> {
    said.as_ref().map(|r| r.as_ref().map_err(|e| *e))
}

impl Essentials {
    /// Notes what these headers say.
    pub(super) fn parse(&mut self, buf: &[u8], index: &Index) {
        // No `map`: what is parsed goes to its place without a stop.
        if let Some(via) = index.first(HeaderKind::Via) {
            self.via1 = Some(Via::parse(buf, via.value));
        }
        if let Some(from) = index.first(HeaderKind::From) {
            self.from = Some(NameAddr::parse(buf, from.value));
        }
        if let Some(to) = index.first(HeaderKind::To) {
            self.to = Some(NameAddr::parse(buf, to.value));
        }
        if let Some(cseq) = index.first(HeaderKind::CSeq) {
            self.cseq = Some(CSeq::parse(buf, cseq.value));
        }
    }
}

impl Message {
    /// What a header says; parsed now if nobody asked before. The header must be there.
    fn found<T>(
        &self,
        kept: fn(&Typed) -> &Kept<T>,
        parse: impl FnOnce() -> Result<T, HeaderError>,
    ) -> Found<'_, T> {
        let typed = self.typed.get_or_init(Box::default);
        let said = kept(typed).get_or_init(parse);
        Some(said.as_ref().map_err(|e| *e))
    }

    /// The topmost Via element.
    pub fn via1(&self) -> Found<'_, Via> {
        said(&self.essentials.via1)
    }

    /// The Via element below the topmost, in the same header or the next.
    pub fn via2(&self) -> Found<'_, Via> {
        let next = match self.via1()? {
            Ok(via) => via.next,
            Err(_) => None,
        };
        let span = match next {
            Some(next) => Span::of(next as usize, self.first(HeaderKind::Via)?.value.end()),
            None => self.index.second_via()?.value,
        };
        self.found(|typed| &typed.via2, || Via::parse(&self.buf, span))
    }

    /// All Via elements from the top. After an error in a header, the next header follows.
    pub fn vias(&self) -> Vias<'_> {
        Vias {
            message: self,
            header: 0,
            next: None,
        }
    }

    /// The From header.
    pub fn from(&self) -> Found<'_, NameAddr> {
        said(&self.essentials.from)
    }

    /// The To header.
    pub fn to(&self) -> Found<'_, NameAddr> {
        said(&self.essentials.to)
    }

    /// The first header of `kind` as an address with parameters (Refer-To, P-Asserted-Identity,
    /// …); parsed anew on each call.
    pub fn name_addr(&self, kind: HeaderKind) -> Option<Result<NameAddr, HeaderError>> {
        self.first(kind)
            .map(|h| NameAddr::parse(&self.buf, h.value))
    }

    /// The CSeq header.
    pub fn cseq(&self) -> Found<'_, CSeq> {
        said(&self.essentials.cseq)
    }

    /// The Call-ID.
    pub fn call_id(&self) -> Option<&[u8]> {
        self.value(HeaderKind::CallId)
    }

    /// The From tag, if From is well formed and has one.
    pub fn from_tag(&self) -> Option<&[u8]> {
        self.from()?.ok()?.tag.map(|t| self.text(t))
    }

    /// The To tag, if To is well formed and has one.
    pub fn to_tag(&self) -> Option<&[u8]> {
        self.to()?.ok()?.tag.map(|t| self.text(t))
    }

    /// The number in Max-Forwards.
    pub fn max_forwards(&self) -> Option<Result<u32, HeaderError>> {
        self.number(HeaderKind::MaxForwards)
    }

    /// The number in Content-Length.
    pub fn content_length(&self) -> Option<Result<u32, HeaderError>> {
        self.number(HeaderKind::ContentLength)
    }

    /// The number in Expires.
    pub fn expires(&self) -> Option<Result<u32, HeaderError>> {
        self.number(HeaderKind::Expires)
    }

    /// The number at the start of the first header of `kind`.
    pub fn number(&self, kind: HeaderKind) -> Option<Result<u32, HeaderError>> {
        self.first(kind).map(|h| number::parse(&self.buf, h.value))
    }

    /// The contacts of all Contact headers.
    pub fn contacts(&self) -> Found<'_, Contacts> {
        self.first(HeaderKind::Contact)?;
        let values = self.all(HeaderKind::Contact).map(|h| h.value);
        self.found(
            |typed| &typed.contacts,
            || Contacts::parse(&self.buf, values),
        )
    }

    /// The routes of all Route headers.
    pub fn routes(&self) -> Found<'_, Vec<Route>> {
        self.route_list(HeaderKind::Route, |typed| &typed.routes)
    }

    /// The routes of all Record-Route headers.
    pub fn record_routes(&self) -> Found<'_, Vec<Route>> {
        self.route_list(HeaderKind::RecordRoute, |typed| &typed.record_routes)
    }

    /// The routes of all Path headers.
    pub fn paths(&self) -> Found<'_, Vec<Route>> {
        self.route_list(HeaderKind::Path, |typed| &typed.paths)
    }

    fn route_list(
        &self,
        kind: HeaderKind,
        kept: fn(&Typed) -> &Kept<Vec<Route>>,
    ) -> Found<'_, Vec<Route>> {
        self.first(kind)?;
        self.found(kept, || {
            let mut list = Vec::new();
            let headers = self.headers().iter().enumerate();
            for (index, header) in headers.filter(|(_, header)| header.kind == kind) {
                // MAX_HEADERS keeps the index far below u16::MAX.
                Route::parse_list(&self.buf, index as u16, header.value, &mut list)?;
            }
            Ok(list)
        })
    }

    /// The credentials or challenges in all headers of `kind` (Authorization, …); parsed anew
    /// on each call.
    pub fn credentials(
        &self,
        kind: HeaderKind,
    ) -> impl Iterator<Item = Result<Credentials, HeaderError>> {
        self.all(kind)
            .map(|h| Credentials::parse(&self.buf, h.value))
    }

    /// The Content-Type header.
    pub fn content_type(&self) -> Option<Result<&ContentType, HeaderError>> {
        let value = self.first(HeaderKind::ContentType)?.value;
        let parse = || ContentType::parse(&self.buf, value);
        self.found(|typed| &typed.content_type, parse)
    }
}

/// All Via elements of a message, see [`Message::vias`].
#[derive(Clone, Debug)]
pub struct Vias<'m> {
    message: &'m Message,
    /// Index of the header that holds the next element, or from which to look for it.
    header: usize,
    /// Where the next element starts, if inside a header.
    next: Option<u32>,
}

impl Iterator for Vias<'_> {
    type Item = Result<Via, HeaderError>;

    fn next(&mut self) -> Option<Result<Via, HeaderError>> {
        let headers: Headers<'_> = self.message.headers();
        let mut header = headers.get(self.header)?;
        while header.kind != HeaderKind::Via {
            self.header += 1;
            header = headers.get(self.header)?;
        }
        let value = header.value;
        let start = self.next.map_or(value.start(), |next| next as usize);
        let via = Via::parse(&self.message.buf, Span::of(start, value.end()));
        self.next = via.as_ref().ok().and_then(|v| v.next);
        if self.next.is_none() {
            self.header += 1;
        }
        Some(via)
    }
}
