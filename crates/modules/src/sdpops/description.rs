//! The session description of a message, as spans of the message.

use sip::{Message, Span};

/// Most streams that are looked at.
const MAX_STREAMS: usize = 256;

/// A session description.
pub(super) struct Description {
    /// All of it.
    pub(super) whole: Span,
    /// The number in `o=` that grows with each change.
    pub(super) version: Span,
    /// Whether the session's own address is IPv6; `None`: only streams have addresses.
    pub(super) is_ipv6: Option<bool>,
    pub(super) streams: Vec<Stream>,
}

/// One stream: an `m=` line and what follows it.
pub(super) struct Stream {
    /// From `m=` to the next stream.
    pub(super) whole: Span,
    pub(super) kind: Span,
    /// Without the number of ports.
    pub(super) port: Span,
    pub(super) transport: Span,
    /// What follows the transport, with the blank before it.
    pub(super) formats: Span,
    has_address: bool,
    inactive: bool,
}

/// Why there is no description.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum NotSdp {
    /// The message has no body.
    #[error("the message has no body")]
    Empty,
    /// The body is of another type.
    #[error("the body is no SDP")]
    OtherType,
    /// `v=` does not come first.
    #[error("the SDP has no version")]
    Version,
    /// There is no proper `o=`.
    #[error("the SDP has no proper origin")]
    Origin,
    /// A `c=` cannot be read, or a stream has no address.
    #[error("the SDP lacks an address")]
    Address,
    /// There are no streams, or an `m=` cannot be read, or there are too many.
    #[error("the SDP lacks proper streams")]
    Streams,
}

impl Description {
    /// The description in a message.
    pub(super) fn of(msg: &Message) -> Result<Self, NotSdp> {
        if msg.body_span().is_empty() {
            return Err(NotSdp::Empty);
        }
        let whole = sip::sdp::find(msg).ok_or(NotSdp::OtherType)?;
        // As in Kamailio, the line end before the next part's boundary counts.
        let end = match msg.raw().get(whole.end()..) {
            Some([b'\r', b'\n', ..]) => whole.end() + 2,
            _ => whole.end(),
        };
        Self::parse(msg.raw(), Span::of(whole.start(), end))
    }

    fn parse(buf: &[u8], whole: Span) -> Result<Self, NotSdp> {
        let mut version = None;
        let mut session_address = None;
        let mut streams: Vec<Stream> = Vec::new();
        let mut started = false;
        for (line, end) in lines(buf, whole) {
            let text = line.get(buf);
            if !started {
                match text {
                    [] => continue,
                    [b'v', b'=', ..] => started = true,
                    _ => return Err(NotSdp::Version),
                }
            }
            match (text, streams.last_mut()) {
                ([b'm', b'=', ..], _) => {
                    if streams.len() >= MAX_STREAMS {
                        return Err(NotSdp::Streams);
                    }
                    streams.push(Stream::parse(buf, line).ok_or(NotSdp::Streams)?);
                }
                ([b'c', b'=', ..], stream) => {
                    let is_ipv6 = address(buf, line).ok_or(NotSdp::Address)?;
                    match stream {
                        Some(stream) => stream.has_address = true,
                        None => session_address = Some(is_ipv6),
                    }
                }
                ([b'o', b'=', ..], None) => {
                    version = Some(origin_version(buf, line).ok_or(NotSdp::Origin)?);
                }
                (b"a=inactive", Some(stream)) => stream.inactive = true,
                _ => {}
            }
            if let Some(stream) = streams.last_mut() {
                stream.whole = Span::of(stream.whole.start(), end);
            }
        }
        if streams.is_empty() {
            return Err(NotSdp::Streams);
        }
        if session_address.is_none() && !streams.iter().all(|s| s.has_address) {
            return Err(NotSdp::Address);
        }
        Ok(Self {
            whole,
            version: version.ok_or(NotSdp::Origin)?,
            is_ipv6: session_address,
            streams,
        })
    }
}

impl Stream {
    /// `m=audio 49170/2 RTP/AVP 0 8`.
    fn parse(buf: &[u8], line: Span) -> Option<Self> {
        let mut words = words(buf, Span::of(line.start() + 2, line.end()));
        let (kind, ports, transport) = (words.next()?, words.next()?, words.next()?);
        let digits = ports.get(buf).iter().take_while(|c| **c != b'/').count();
        Some(Self {
            whole: line,
            kind,
            port: Span::of(ports.start(), ports.start() + digits),
            transport,
            formats: Span::of(transport.end(), line.end()),
            has_address: false,
            inactive: false,
        })
    }

    /// Whether media flows: its port is not 0 and it is not marked inactive.
    pub(super) fn is_active(&self, buf: &[u8]) -> bool {
        let port = self.port.get(buf);
        let is_number = !port.is_empty() && port.iter().all(u8::is_ascii_digit);
        is_number && port.iter().any(|c| *c != b'0') && !self.inactive
    }
}

/// The lines of a span without their ends, each with where the next one starts.
pub(super) fn lines(buf: &[u8], whole: Span) -> impl Iterator<Item = (Span, usize)> {
    let mut start = whole.start();
    let limit = whole.end().min(buf.len());
    std::iter::from_fn(move || {
        let rest = buf.get(start..limit).filter(|rest| !rest.is_empty())?;
        let next = memchr::memchr(b'\n', rest).map_or(limit, |at| start + at + 1);
        let text = buf.get(start..next)?;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let line = Span::of(start, start + text.len());
        start = next;
        Some((line, next))
    })
}

/// The words of a span.
fn words(buf: &[u8], span: Span) -> impl Iterator<Item = Span> {
    let text = span.get(buf);
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text.get(at..)?.iter().take_while(|c| **c == b' ').count();
        let len = text.get(at..)?.iter().take_while(|c| **c != b' ').count();
        let word = Span::of(span.start() + at, span.start() + at + len);
        at += len;
        (len > 0).then_some(word)
    })
}

/// Whether `c=IN IP6 …` names IPv6.
fn address(buf: &[u8], line: Span) -> Option<bool> {
    let mut words = words(buf, Span::of(line.start() + 2, line.end()));
    let (net, family, _host) = (words.next()?, words.next()?, words.next()?);
    match (net.get(buf), family.get(buf)) {
        (b"IN", b"IP4") => Some(false),
        (b"IN", b"IP6") => Some(true),
        _ => None,
    }
}

/// The third word of `o=alice 2890844526 2890844526 IN IP4 host`.
fn origin_version(buf: &[u8], line: Span) -> Option<Span> {
    let words: Vec<Span> = words(buf, Span::of(line.start() + 2, line.end()))
        .take(6)
        .collect();
    (words.len() == 6).then(|| words[2])
}
