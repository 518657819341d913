//! `Via` (RFC 3261 §20.42): the path a request took, topmost hop first.

use super::params::{Param, Params, Style};
use super::{HeaderError, Problem};
use crate::Span;
use crate::chars::{is_host, is_space, is_token, port, skip_space};

/// One element of a Via header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Via {
    /// The element from the protocol name to the end of its last parameter.
    pub whole: Span,
    /// `SIP`.
    pub protocol: Span,
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
        let (protocol, version, pos) = protocol(buf, start, end)?;
        let (transport, pos) = word(buf, pos, end, b' ')?;
        let host_start = pos;
        let mut host_end = host_start;
        if buf.get(host_start) == Some(&b'[') {
            while host_end < end && buf[host_end] != b']' {
                host_end += 1;
            }
            host_end += 1;
        } else {
            while host_end < end && is_host(buf[host_end]) {
                host_end += 1;
            }
        }
        if host_end > end || host_end == host_start {
            return Err(HeaderError::at(Problem::Host, host_start));
        }
        let mut pos = skip_space(buf, host_end, end);
        let mut port_span = Span::of(host_end, host_end);
        let mut port_number = None;
        if pos < end && buf[pos] == b':' {
            let port_start = skip_space(buf, pos + 1, end);
            pos = port_start;
            while pos < end && buf[pos].is_ascii_digit() {
                pos += 1;
            }
            port_span = Span::of(port_start, pos);
            port_number = port(port_span.get(buf));
            if port_number.is_none() {
                return Err(HeaderError::at(Problem::Port, port_start));
            }
        }
        let (params, stop) = Params::parse(buf, pos, end, Style::Via)?;
        let next = (stop < end).then(|| stop as u32 + 1);
        let last = if params.is_empty() {
            pos.max(host_end)
        } else {
            params.span.end()
        };
        let whole = Span::of(start, last);
        let mut via = Via {
            whole,
            protocol,
            version,
            transport,
            host: Span::of(host_start, host_end),
            port: port_number,
            port_span,
            params,
            branch: None,
            received: None,
            rport: None,
            i: None,
            alias: false,
            maddr: None,
            next,
        };
        via.note_params(buf);
        Ok(via)
    }

    /// Picks the parameters that every hop asks for.
    fn note_params(&mut self, buf: &[u8]) {
        for param in self.params.iter() {
            let value = param
                .value
                .unwrap_or(Span::of(param.name.end(), param.name.end()));
            let name = param.name.get(buf);
            let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
            match name.len() {
                1 if is(b"i") => self.i = Some(value),
                5 if is(b"rport") => self.rport = Some(value),
                5 if is(b"maddr") => self.maddr = Some(value),
                5 if is(b"alias") => self.alias = true,
                6 if is(b"branch") => self.branch = Some(value),
                8 if is(b"received") => self.received = Some(value),
                _ => {}
            }
        }
    }

    /// Where parameter `name` stands, from behind its semicolon, with the white space around it:
    /// what Kamailio replaces when it gives the parameter a new value.
    ///
    /// Of several with that name it is the last one, as it is for the fields of this type.
    ///
    /// `element_end` is where the element ends (at the comma or the end of the header).
    pub fn param_extent(&self, buf: &[u8], name: &[u8], element_end: usize) -> Option<Span> {
        let named = |p: &&Param| p.name.get(buf).eq_ignore_ascii_case(name);
        let param = self.params.iter().filter(named).last()?;
        let before = Span::of(self.whole.start(), param.whole.start());
        let semicolon = before.get(buf).iter().rposition(|c| *c == b';')?;
        let value_end = param.value.map_or(0, Span::end);
        let end = skip_space(buf, param.whole.end().max(value_end), element_end);
        Some(Span::of(self.whole.start() + semicolon + 1, end))
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

/// `SIP` and `2.0`, and the position behind the slash that follows them.
fn protocol(buf: &[u8], start: usize, end: usize) -> Result<(Span, Span, usize), HeaderError> {
    // As nearly everybody writes it.
    if buf
        .get(start..end)
        .is_some_and(|text| text.starts_with(b"SIP/2.0/"))
    {
        let behind = skip_space(buf, start + 8, end);
        return Ok((
            Span::of(start, start + 3),
            Span::of(start + 4, start + 7),
            behind,
        ));
    }
    let (protocol, pos) = word(buf, start, end, b'/')?;
    let (version, pos) = word(buf, pos, end, b'/')?;
    if !protocol.get(buf).eq_ignore_ascii_case(b"SIP") || version.get(buf) != b"2.0" {
        return Err(HeaderError::at(Problem::Protocol, start));
    }
    Ok((protocol, version, pos))
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
        assert_eq!(get(via.protocol), "SIP");
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
