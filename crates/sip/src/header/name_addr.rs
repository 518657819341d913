//! `From`, `To` and everything of the form `"Name" <uri>;params` (RFC 3261 §20.10, §25.1).

use super::params::{Param, Params, Style};
use super::{HeaderError, Problem};
use crate::chars::{is_space, quoted_end, skip_space};
use crate::folded::FoldedName;
use crate::{Span, scan};

/// A name-addr or addr-spec with its header parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameAddr {
    /// The element without surrounding white space, parameters included.
    pub whole: Span,
    /// Display name as written, quotes included; empty if absent.
    pub display: Span,
    /// The URI without its angle brackets.
    pub uri: Span,
    /// Whether the URI stood in angle brackets.
    pub bracketed: bool,
    /// Header parameters.
    pub params: Params,
    /// `tag`, if there is one.
    pub tag: Option<Span>,
}

impl NameAddr {
    /// Parses the single address that fills `span` (From, To, Refer-To).
    pub fn parse(buf: &[u8], span: Span) -> Result<NameAddr, HeaderError> {
        let one = NameAddr::parse_picking(buf, span, Style::Address, |_| {});
        one.map(|(addr, _)| addr)
    }

    /// Parses the first address of a list; the position returned is at the comma or the end.
    pub fn parse_element(buf: &[u8], span: Span) -> Result<(NameAddr, usize), HeaderError> {
        NameAddr::parse_picking(buf, span, Style::List, |_| {})
    }

    /// As the others; `pick` is shown every parameter.
    #[inline]
    pub(crate) fn parse_picking(
        buf: &[u8],
        span: Span,
        style: Style,
        mut pick: impl FnMut(&Param),
    ) -> Result<(NameAddr, usize), HeaderError> {
        let end = span.end().min(buf.len());
        let start = skip_space(buf, span.start(), end);
        if let Some(addr) = NameAddr::parse_plain(buf, start, end, style, &mut pick) {
            return Ok((addr, end));
        }
        let (display, uri, after, bracketed) = address(buf, start, end, style)?;
        // The last one counts, as in Kamailio.
        let mut tag = None;
        let (params, stop) = Params::parse_picking(buf, after, end, style, |param| {
            pick_tag(&mut tag, buf, param);
            pick(param);
        })?;
        let last = if params.is_empty() {
            after
        } else {
            params.span.end()
        };
        let addr = NameAddr {
            whole: Span::of(start, last),
            display,
            uri,
            bracketed,
            params,
            tag: tag.filter(|value| !value.is_empty()),
        };
        Ok((addr, stop))
    }

    /// Parses an address as nearly everybody writes it: in angle brackets, nothing escaped, and
    /// its parameters without white space or quotes.
    ///
    /// What it gives is what [`NameAddr::parse_picking`] would; `None` leaves the address to that.
    #[inline]
    fn parse_plain(
        buf: &[u8],
        start: usize,
        end: usize,
        style: Style,
        pick: &mut impl FnMut(&Param),
    ) -> Option<NameAddr> {
        let (display, open) = match *buf.get(start)? {
            b'<' => (Span::of(start, start), start),
            b'"' => {
                let close = scan::find(buf, start + 1, end, [b'"', b'\\'])?;
                let open = skip_space(buf, close + 1, end);
                if buf[close] != b'"' || open == end || buf[open] != b'<' {
                    return None;
                }
                (Span::of(start, close + 1), open)
            }
            _ => return None,
        };
        let close = scan::find_or_low(buf, open, end, b'>')?;
        let uri = Span::of(open + 1, close);
        if buf[close] != b'>' || uri.is_empty() {
            return None;
        }
        let after = close + 1;
        let mut tag = None;
        let params = Params::parse_plain(buf, after, end, style, |param| {
            pick_tag(&mut tag, buf, param);
            pick(param);
        })?;
        Some(NameAddr {
            whole: Span::of(start, end),
            display,
            uri,
            bracketed: true,
            params,
            tag: tag.filter(|value| !value.is_empty()),
        })
    }

    /// The display name without its quotes; escapes are left as written.
    pub fn unquoted_display<'b>(&self, buf: &'b [u8]) -> &'b [u8] {
        let text = self.display.get(buf);
        match text {
            [b'"', inner @ .., b'"'] => inner,
            _ => text,
        }
    }
}

/// Notes the value of a parameter that is a tag.
#[inline]
fn pick_tag(tag: &mut Option<Span>, buf: &[u8], param: &Param) {
    const TAG: FoldedName = FoldedName::of(b"tag");
    if param.name.len == 3 && param.folded_name(buf) == TAG {
        *tag = Some(param.value_or_empty());
    }
}

/// Display, URI, position behind the address, and whether it was bracketed.
fn address(
    buf: &[u8],
    start: usize,
    end: usize,
    style: Style,
) -> Result<(Span, Span, usize, bool), HeaderError> {
    let mut pos = start;
    loop {
        pos = scan::find(buf, pos, end, [b'"', b'<', b';', b',']).unwrap_or(end);
        if pos == end {
            break;
        }
        match buf[pos] {
            b'"' => {
                pos = quoted_end(buf, pos, end).ok_or(HeaderError::at(Problem::Quote, pos))?;
            }
            b'<' => {
                let close = scan::find(buf, pos, end, [b'>'])
                    .ok_or(HeaderError::at(Problem::Bracket, pos))?;
                let uri = Span::of(pos + 1, close).trim(buf);
                if uri.is_empty() {
                    return Err(HeaderError::at(Problem::Uri, pos));
                }
                return Ok((Span::of(start, pos).trim(buf), uri, close + 1, true));
            }
            b',' if style == Style::Address => pos += 1,
            _ => break,
        }
    }
    // No angle bracket: an addr-spec, whose parameters are the header's (RFC 3261 §20.10).
    // Kamailio takes any word for a URI here and complains only when the URI is needed.
    let uri = Span::of(start, pos).trim(buf);
    let is_word = !uri
        .get(buf)
        .iter()
        .any(|c| is_space(*c) || matches!(c, b'"' | b'>'));
    if uri.is_empty() || !is_word {
        return Err(HeaderError::at(Problem::Uri, start));
    }
    Ok((Span::of(start, start), uri, uri.end(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NameAddr, HeaderError> {
        NameAddr::parse(text.as_bytes(), Span::of(0, text.len()))
    }

    #[test]
    fn forms() {
        for (text, display, uri, tag) in [
            (
                "Bob <sip:bob@biloxi.com>;tag=a6c85cf",
                "Bob",
                "sip:bob@biloxi.com",
                Some("a6c85cf"),
            ),
            (
                "\"A. <Bell>\" <sip:a@b;x=y> ;tag=a48s",
                "\"A. <Bell>\"",
                "sip:a@b;x=y",
                Some("a48s"),
            ),
            (
                "sip:+12125551212@phone2net.com;tag=887s",
                "",
                "sip:+12125551212@phone2net.com",
                Some("887s"),
            ),
            ("<sip:a@b>", "", "sip:a@b", None),
            (
                " Anonymous <sip:c8oqz84zk7z@privacy.org> ; tag = hyh8 ;x",
                "Anonymous",
                "sip:c8oqz84zk7z@privacy.org",
                Some("hyh8"),
            ),
        ] {
            let addr = parse(text).unwrap();
            let get = |s: Span| std::str::from_utf8(s.get(text.as_bytes())).unwrap();
            assert_eq!(
                (get(addr.display), get(addr.uri), addr.tag.map(get)),
                (display, uri, tag)
            );
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "<sip:a@b",
            "\"open <sip:a@b>",
            "x sip:a@b",
            "<sip:a@b>;;tag=1",
            "<sip:a@b>,<sip:c@d>",
            "sip:a@b>;tag=1",
            "<>",
            "<sip:a@b> junk",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
