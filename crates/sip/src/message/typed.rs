//! Headers of a message as types: parsed on first use and kept.

use super::{Kept, Message};
use crate::Span;
use crate::header::{
    CSeq, Contacts, ContentType, Credentials, HeaderError, HeaderKind, NameAddr, Route, Via, number,
};

/// What a typed header accessor gives: absent, understood or malformed.
pub type Found<'m, T> = Option<Result<&'m T, HeaderError>>;

fn found<T>(
    kept: &Kept<T>,
    parse: impl FnOnce() -> Option<Result<T, HeaderError>>,
) -> Found<'_, T> {
    kept.get_or_init(parse)
        .as_ref()
        .map(|r| r.as_ref().map_err(|e| *e))
}

impl Message {
    /// The topmost Via element.
    pub fn via1(&self) -> Found<'_, Via> {
        found(&self.typed.via1, || {
            self.first(HeaderKind::Via)
                .map(|h| Via::parse(&self.buf, h.value))
        })
    }

    /// The Via element below the topmost, in the same header or the next.
    pub fn via2(&self) -> Found<'_, Via> {
        found(&self.typed.via2, || {
            let mut below = self.vias();
            // The one on top is parsed already: only where it ends matters.
            below.pass_over(&self.via1()?);
            below.next()
        })
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
        found(&self.typed.from, || self.name_addr(HeaderKind::From))
    }

    /// The To header.
    pub fn to(&self) -> Found<'_, NameAddr> {
        found(&self.typed.to, || self.name_addr(HeaderKind::To))
    }

    /// The first header of `kind` as an address with parameters (Refer-To, P-Asserted-Identity,
    /// …); parsed anew on each call.
    pub fn name_addr(&self, kind: HeaderKind) -> Option<Result<NameAddr, HeaderError>> {
        self.first(kind)
            .map(|h| NameAddr::parse(&self.buf, h.value))
    }

    /// The CSeq header.
    pub fn cseq(&self) -> Found<'_, CSeq> {
        found(&self.typed.cseq, || {
            self.first(HeaderKind::CSeq)
                .map(|h| CSeq::parse(&self.buf, h.value))
        })
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
        found(&self.typed.contacts, || {
            self.first(HeaderKind::Contact)?;
            Some(Contacts::parse(
                &self.buf,
                self.all(HeaderKind::Contact).map(|h| h.value),
            ))
        })
    }

    /// The routes of all Route headers.
    pub fn routes(&self) -> Found<'_, Vec<Route>> {
        found(&self.typed.routes, || self.route_list(HeaderKind::Route))
    }

    /// The routes of all Record-Route headers.
    pub fn record_routes(&self) -> Found<'_, Vec<Route>> {
        found(&self.typed.record_routes, || {
            self.route_list(HeaderKind::RecordRoute)
        })
    }

    /// The routes of all Path headers.
    pub fn paths(&self) -> Found<'_, Vec<Route>> {
        found(&self.typed.paths, || self.route_list(HeaderKind::Path))
    }

    fn route_list(&self, kind: HeaderKind) -> Option<Result<Vec<Route>, HeaderError>> {
        self.first(kind)?;
        let mut list = Vec::new();
        for (index, header) in self
            .headers
            .iter()
            .enumerate()
            .filter(|(_, h)| h.kind == kind)
        {
            // MAX_HEADERS keeps the index far below u16::MAX.
            if let Err(error) = Route::parse_list(&self.buf, index as u16, header.value, &mut list)
            {
                return Some(Err(error));
            }
        }
        Some(Ok(list))
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
        let kept = found(&self.typed.content_type, || {
            let header = self.first(HeaderKind::ContentType)?;
            Some(ContentType::parse(&self.buf, header.value).map(Box::new))
        });
        kept.map(|r| r.map(|boxed| &**boxed))
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
        let headers = self.message.headers();
        while headers
            .get(self.header)
            .is_some_and(|h| h.kind != HeaderKind::Via)
        {
            self.header += 1;
        }
        let value = headers.get(self.header)?.value;
        let start = self.next.map_or(value.start(), |next| next as usize);
        let via = Via::parse(&self.message.buf, Span::of(start, value.end()));
        self.step(via.as_ref().ok().and_then(|v| v.next));
        Some(via)
    }
}

impl Vias<'_> {
    /// As `next`, when what the first element of the message says is known.
    fn pass_over(&mut self, first: &Result<&Via, HeaderError>) {
        let headers = self.message.headers();
        let via = headers.iter().position(|h| h.kind == HeaderKind::Via);
        self.header = via.unwrap_or(headers.len());
        self.step(first.ok().and_then(|v| v.next));
    }

    /// Goes on behind an element: in its header, if another follows there, or in the next one.
    fn step(&mut self, next: Option<u32>) {
        self.next = next;
        if next.is_none() {
            self.header += 1;
        }
    }
}
