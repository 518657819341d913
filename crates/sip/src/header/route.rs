//! `Route`, `Record-Route` and `Path` (RFC 3261 §20.30, §20.34; RFC 3327).

use super::{HeaderError, NameAddr, Problem};
use crate::Span;
use crate::chars::skip_space;

/// One route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Address and parameters.
    pub addr: NameAddr,
    /// Index of the header (in `Message::headers`) that holds it.
    pub header: u16,
    /// Where the next route of the same header starts, if there is one.
    pub next: Option<u32>,
}

impl Route {
    /// Appends the comma-separated routes under `value` to `list`.
    pub fn parse_list(
        buf: &[u8],
        header: u16,
        value: Span,
        list: &mut Vec<Route>,
    ) -> Result<(), HeaderError> {
        let end = value.end().min(buf.len());
        let mut pos = skip_space(buf, value.start(), end);
        loop {
            let (addr, stop) = NameAddr::parse_element(buf, Span::of(pos, end))?;
            if !addr.bracketed {
                return Err(HeaderError::at(Problem::Bracket, pos));
            }
            let next = (stop < end).then(|| skip_space(buf, stop + 1, end));
            list.push(Route {
                addr,
                header,
                next: next.map(|n| n as u32),
            });
            match next {
                Some(next) => pos = next,
                None => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_in_one_header() {
        let text = b"<sip:p1.example.com;lr>, \"x\" <sip:p2,b@example.com;lr>;p=1 ,<sip:p3>";
        let mut list = Vec::new();
        Route::parse_list(text, 3, Span::of(0, text.len()), &mut list).unwrap();
        let uris: Vec<&[u8]> = list.iter().map(|r| r.addr.uri.get(text)).collect();
        assert_eq!(
            uris,
            [
                &b"sip:p1.example.com;lr"[..],
                b"sip:p2,b@example.com;lr",
                b"sip:p3"
            ]
        );
        assert_eq!(list[0].next, Some(25));
        assert_eq!(list[2].next, None);
    }
    /// Each was shown to Kamailio 5.6.3.
    #[test]
    fn refused() {
        for text in ["", "sip:p;lr", "<sip:p>,", "<sip:p>x", "<sip:p;lr>;x=1;"] {
            let span = Span::of(0, text.len());
            assert!(
                Route::parse_list(text.as_bytes(), 0, span, &mut Vec::new()).is_err(),
                "{text}"
            );
        }
    }
}
