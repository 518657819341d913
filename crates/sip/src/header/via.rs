//! `Via` (RFC 3261 §20.42): the path a request took, topmost hop first.

use super::params::{Param, Params, Style};
use super::{HeaderError, Problem};
use crate::chars::{is_space, is_token, skip_space};
use crate::folded::FoldedName;
use crate::{Span, scan};

/// One element of a Via header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Via {
    /// The element from the protocol name to the end of its last parameter.
    pub whole: Span,
    /// `2.0`.
    pub version: Span,
    /// `UDP`, `TCP`, …
    pub transport: Span,
    /// Host of sent-by; an IPv6 address with its brackets.
    pub host: Span,
    /// Port of sent-by, if given.
    pub port: Option<u16>,
    /// Text of that port; empty if absent.
    pub port_span: Span,
    /// All parameters.
    pub params: Params,
    /// `branch`.
    pub branch: Option<Span>,
    /// `received`.
    pub received: Option<Span>,
    /// `rport`: the value is empty in a request that asks for it.
    pub rport: Option<Span>,
    /// `i`: the connection identifier Kamailio adds for stream transports.
    pub i: Option<Span>,
    /// `alias` (RFC 5923) stands.
    pub alias: bool,
    /// `maddr`.
    pub maddr: Option<Span>,
    /// Where the next element of the same header starts, if a comma followed.
    pub next: Option<u32>,
}

impl Via {
    /// Parses the element at the start of `span`.
    pub fn parse(buf: &[u8], span: Span) -> Result<Via, HeaderError> {
        let end = span.end().min(buf.len());
        let start = skip_space(buf, span.start(), end);
        if let Some(via) = Via::parse_plain(buf, start, end) {
            return Ok(via);
        }
        let (version, pos) = protocol(buf, start, end)?;
        let (transport, pos) = word(buf, pos, end, b' ')?;
        let host_start = pos;
        let host_end = if buf.get(host_start) == Some(&b'[') {
            scan::find(buf, host_start, end, [b']']).unwrap_or(end) + 1
        } else {
            scan::host_end(buf, host_start, end)
        };
        if host_end > end || host_end == host_start {
            return Err(HeaderError::at(Problem::Host, host_start));
        }
        let mut pos = skip_space(buf, host_end, end);
        let mut port_span = Span::of(host_end, host_end);
        let mut port_number = None;
        if pos < end && buf[pos] == b':' {
            let port_start = skip_space(buf, pos + 1, end);
            (port_number, pos) = port(buf, port_start, end)?;
            port_span = Span::of(port_start, pos);
        }
        let mut via = Via {
            whole: Span::of(start, pos.max(host_end)),
            version,
            transport,
            host: Span::of(host_start, host_end),
            port: port_number,
            port_span,
            ..Via::EMPTY
        };
        let pick = |param: &Param| via.pick(buf, param);
        let (params, stop) = Params::parse_picking(buf, pos, end, Style::Via, pick)?;
        if !params.is_empty() {
            via.whole = Span::of(start, params.span.end());
        }
        via.params = params;
        let (_, stop) = comment(buf, stop, end)?;
        via.next = (stop < end).then(|| stop as u32 + 1);
        Ok(via)
    }

    /// Parses an element as nearly everybody writes it: alone in its header, no IPv6 address, one
    /// space before the host and no other white space, no quotes.
    ///
    /// What it gives is what [`Via::parse`] would otherwise; `None` leaves the element to that.
    #[inline]
    fn parse_plain(buf: &[u8], start: usize, end: usize) -> Option<Via> {
        let text = buf.get(start..end)?;
        if text.first_chunk() != Some(b"SIP/2.0/") {
            return None;
        }
        let transport_len = text[8..].iter().position(|c| !is_token(*c))?;
        let transport_end = start + 8 + transport_len;
        let host_start = transport_end + 1;
        let host_end = scan::host_end(buf, host_start, end);
        if transport_len == 0 || buf[transport_end] != b' ' || host_end == host_start {
            return None;
        }
        let mut via = Via {
            version: Span::of(start + 4, start + 7),
            transport: Span::of(start + 8, transport_end),
            host: Span::of(host_start, host_end),
            port_span: Span::of(host_end, host_end),
            ..Via::EMPTY
        };
        let mut pos = host_end;
        if pos < end && buf[pos] == b':' {
            (via.port, pos) = port(buf, host_end + 1, end).ok()?;
            via.port_span = Span::of(host_end + 1, pos);
        }
        let pick = |param: &Param| via.pick(buf, param);
        let params = Params::parse_plain(buf, pos, end, Style::Via, pick)?;
        via.params = params;
        via.whole = Span::of(start, end);
        Some(via)
    }

    /// An element without anything in it.
    const EMPTY: Via = Via {
        whole: Span::NONE,
        version: Span::NONE,
        transport: Span::NONE,
        host: Span::NONE,
        port: None,
        port_span: Span::NONE,
        params: Params::EMPTY,
        branch: None,
        received: None,
        rport: None,
        i: None,
        alias: false,
        maddr: None,
        next: None,
    };

    /// Notes a parameter if every hop asks for it.
    #[inline]
    fn pick(&mut self, buf: &[u8], param: &Param) {
        const BRANCH: FoldedName = FoldedName::of(b"branch");
        const RPORT: FoldedName = FoldedName::of(b"rport");
        const RECEIVED: FoldedName = FoldedName::of(b"received");
        const MADDR: FoldedName = FoldedName::of(b"maddr");
        const ALIAS: FoldedName = FoldedName::of(b"alias");
        const I: FoldedName = FoldedName::of(b"i");
        let name = param.folded_name(buf);
        let value = Some(param.value_or_empty());
        match param.name.len {
            6 if name == BRANCH => self.branch = value,
            5 if name == RPORT => self.rport = value,
            8 if name == RECEIVED => self.received = value,
            1 if name == I => self.i = value,
            5 if name == ALIAS => self.alias = true,
            5 if name == MADDR => self.maddr = value,
            _ => {}
        }
    }

    /// `SIP`, in whatever case.
    pub fn protocol(&self) -> Span {
        Span::of(self.whole.start(), self.whole.start() + 3)
    }

    /// What stands in parentheses behind the parameters (RFC 2543), without them; `end` is where
    /// the header ends.
    pub fn comment(&self, buf: &[u8], end: usize) -> Option<Span> {
        let start = skip_space(buf, self.whole.end(), end);
        comment(buf, start, end).ok()?.0
    }

    /// Where parameter `name` stands, from behind its semicolon, with the white space around it:
    /// what Kamailio replaces when it gives the parameter a new value.
    ///
    /// Of several with that name it is the last one, as it is for the fields of this type.
    ///
    /// `element_end` is where the element ends (at the comma or the end of the header).
    pub fn param_extent(&self, buf: &[u8], name: &[u8], element_end: usize) -> Option<Span> {
        let picked = match name {
            b"rport" => Some(self.rport?),
            b"received" => Some(self.received?),
            _ => None,
        };
        let plain = picked.and_then(|value| plain_start(buf, name, value).zip(Some(value.end())));
        let (start, end) = match plain {
            Some(found) => found,
            None => self.search_extent(buf, name)?,
        };
        Some(Span::of(start, skip_space(buf, end, element_end)))
    }

    /// Where the last parameter called `name` stands, from behind its semicolon to its end.
    fn search_extent(&self, buf: &[u8], name: &[u8]) -> Option<(usize, usize)> {
        let named = |p: &Param| p.name.get(buf).eq_ignore_ascii_case(name);
        let param = self.params.iter(buf).filter(named).last()?;
        let before = Span::of(self.whole.start(), param.whole.start());
        let semicolon = before.get(buf).iter().rposition(|c| *c == b';')?;
        let value_end = param.value.map_or(0, Span::end);
        let end = param.whole.end().max(value_end);
        Some((self.whole.start() + semicolon + 1, end))
    }

    /// Where a parameter is inserted: at the first semicolon, or behind host and port.
    pub fn params_start(&self) -> usize {
        if self.params.is_empty() {
            self.whole.end()
        } else {
            self.params.span.start()
        }
    }

    /// The branch begins with the RFC 3261 magic cookie.
    pub fn is_rfc3261(&self, buf: &[u8]) -> bool {
        self.branch
            .is_some_and(|b| b.get(buf).starts_with(b"z9hG4bK"))
    }
}

/// The comment that may stand at `pos`, without its parentheses, and where it leads: to a comma or
/// to `end`.
fn comment(buf: &[u8], pos: usize, end: usize) -> Result<(Option<Span>, usize), HeaderError> {
    let text = buf.get(pos..end).unwrap_or_default();
    if text.first() != Some(&b'(') {
        return Ok((None, pos));
    }
    let mut depth = 0usize;
    let close = text.iter().position(|c| {
        match c {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let close = pos + close.ok_or(HeaderError::at(Problem::Param, pos))?;
    let stop = skip_space(buf, close + 1, end);
    if stop < end && buf[stop] != b',' {
        return Err(HeaderError::at(Problem::Param, stop));
    }
    let start = skip_space(buf, pos + 1, close);
    Ok((Some(Span::of(start, close)), stop))
}

/// Where the parameter `name` starts whose value is given, if no white space or quote stands
/// between its semicolon and the value.
fn plain_start(buf: &[u8], name: &[u8], value: Span) -> Option<usize> {
    let before = buf.get(..value.start())?;
    let before = before.strip_suffix(b"=").unwrap_or(before);
    let start = before.len().checked_sub(name.len())?;
    let (before, found) = before.split_at(start);
    (before.last() == Some(&b';') && found.eq_ignore_ascii_case(name)).then_some(start)
}

/// Where `2.0` stands behind `SIP`, and the position behind the slash that follows.
fn protocol(buf: &[u8], start: usize, end: usize) -> Result<(Span, usize), HeaderError> {
    // As nearly everybody writes it.
    if buf
        .get(start..end)
        .is_some_and(|text| text.starts_with(b"SIP/2.0/"))
    {
        let behind = skip_space(buf, start + 8, end);
        return Ok((Span::of(start + 4, start + 7), behind));
    }
    let (protocol, pos) = word(buf, start, end, b'/')?;
    let (version, pos) = word(buf, pos, end, b'/')?;
    if !protocol.get(buf).eq_ignore_ascii_case(b"SIP") || version.get(buf) != b"2.0" {
        return Err(HeaderError::at(Problem::Protocol, start));
    }
    Ok((version, pos))
}

/// The port at `start`, and the position behind it.
fn port(buf: &[u8], start: usize, end: usize) -> Result<(Option<u16>, usize), HeaderError> {
    let mut number = 0;
    let mut pos = start;
    while pos < end && buf[pos].is_ascii_digit() && pos - start < 6 {
        number = number * 10 + u32::from(buf[pos] - b'0');
        pos += 1;
    }
    match u16::try_from(number) {
        Ok(number) if (1..=5).contains(&(pos - start)) => Ok((Some(number), pos)),
        _ => Err(HeaderError::at(Problem::Port, start)),
    }
}

/// A token up to `stop` (or white space before it), and the position of what follows.
///
/// `stop` of SP means that white space itself ends the token.
fn word(buf: &[u8], pos: usize, end: usize, stop: u8) -> Result<(Span, usize), HeaderError> {
    let mut token_end = pos;
    while token_end < end && is_token(buf[token_end]) {
        token_end += 1;
    }
    let token = Span::of(pos, token_end);
    if token.is_empty() || token_end >= end {
        return Err(HeaderError::at(Problem::Protocol, token_end));
    }
    let after = skip_space(buf, token_end, end);
    if stop == b' ' {
        if is_space(buf[token_end]) {
            return Ok((token, after));
        }
    } else if after < end && buf[after] == stop {
        return Ok((token, skip_space(buf, after + 1, end)));
    }
    Err(HeaderError::at(Problem::Protocol, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Via, HeaderError> {
        Via::parse(text.as_bytes(), Span::of(0, text.len()))
    }

    #[test]
    fn all_parts() {
        let text = "SIP / 2.0 / UDP  first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1, SIP/2.0/TCP b";
        let via = parse(text).unwrap();
        let get = |s: Span| std::str::from_utf8(s.get(text.as_bytes())).unwrap();
        assert_eq!(get(via.protocol()), "SIP");
        assert_eq!(get(via.version), "2.0");
        assert_eq!(get(via.transport), "UDP");
        assert_eq!(get(via.host), "first.example.com");
        assert_eq!(via.port, Some(4000));
        assert_eq!(get(via.branch.unwrap()), "z9hG4bKa7c6a8dlze.1");
        assert_eq!(get(via.maddr.unwrap()), "224.2.0.1");
        let second = Via::parse(
            text.as_bytes(),
            Span::of(via.next.unwrap() as usize, text.len()),
        )
        .unwrap();
        assert_eq!(get(second.host), "b");
        assert_eq!(second.port, None);
        assert!(second.next.is_none());
    }

    #[test]
    fn ipv6_and_empty_rport() {
        let text = "SIP/2.0/UDP [2001:db8::9:1]:5070;rport;branch=z9hG4bKas3-111";
        let via = parse(text).unwrap();
        assert_eq!(via.host.get(text.as_bytes()), b"[2001:db8::9:1]");
        assert_eq!(via.port, Some(5070));
        assert!(via.rport.unwrap().is_empty());
        assert!(via.is_rfc3261(text.as_bytes()));
    }

    #[test]
    fn a_comment_ends_an_element() {
        for (text, expected) in [
            ("SIP/2.0/UDP h;branch=x (c (d) e)", Some("c (d) e")),
            (
                "SIP/2.0/UDP h:5070;branch=x;rport ( c ) , SIP/2.0/UDP b",
                Some("c "),
            ),
            ("SIP/2.0/UDP h (c)", Some("c")),
            ("SIP/2.0/UDP h;branch=x ()", Some("")),
            ("SIP/2.0/UDP h;branch=x", None),
        ] {
            let via = parse(text).unwrap();
            let shown = via.comment(text.as_bytes(), text.len());
            let shown = shown.map(|span| span.get(text.as_bytes()));
            assert_eq!(shown, expected.map(str::as_bytes), "{text}");
            assert_eq!(via.next.is_some(), text.contains(','), "{text}");
        }
        for text in [
            "SIP/2.0/UDP h;branch=x (c",
            "SIP/2.0/UDP h;branch=x (c) d",
            "SIP/2.0/UDP h (c);branch=x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "SIP/2.0",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ",
            "SIP/2.0/UDP [::1",
            "SIP/2.0/UDP h:99999",
            "SIP/2.0/UDP h:x",
            "SIP/3.0/UDP h",
            "HTTP/1.1/TCP h",
            "junk",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
