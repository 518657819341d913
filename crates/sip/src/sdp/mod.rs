//! SDP (RFC 8866), read only: where the addresses and ports of media stand.

mod body;

pub use body::find;

use crate::Span;
use crate::chars::{decimal, trim};

/// A `c=` or `o=` address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address {
    /// Whether it is IPv6 (`IP6`).
    pub is_ipv6: bool,
    /// The address without a TTL suffix.
    pub host: Span,
}

/// Which way media flows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    /// `a=sendrecv`, or nothing said.
    #[default]
    SendRecv,
    /// `a=sendonly`
    SendOnly,
    /// `a=recvonly`
    RecvOnly,
    /// `a=inactive`
    Inactive,
}

/// One `m=` section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Media {
    /// The section from `m=` to the next one, line ends included.
    pub whole: Span,
    /// `audio`, `video`, …
    pub kind: Span,
    /// The port as written, without a `/count`.
    pub port_span: Span,
    /// The port.
    pub port: u16,
    /// `RTP/AVP`, …
    pub protocol: Span,
    /// The formats (payload types) as one text.
    pub formats: Span,
    /// The section's own `c=`.
    pub connection: Option<Address>,
    /// Direction, taken from the session if the section says nothing.
    pub direction: Direction,
}

/// A session description. Spans are relative to the text it was parsed from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sdp {
    /// Address in `o=`.
    pub origin: Option<Address>,
    /// Session name (`s=`).
    pub name: Option<Span>,
    /// The session's `c=`.
    pub connection: Option<Address>,
    /// Direction for sections that say nothing.
    pub direction: Direction,
    /// The `m=` sections, in order.
    pub media: Vec<Media>,
}

/// Why a text is no session description.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdpError {
    /// It does not begin with `v=`.
    #[error("no version line")]
    Version,
    /// An `m=` line is malformed.
    #[error("bad media line")]
    Media,
    /// An `o=` or `c=` line is malformed.
    #[error("bad address line")]
    Address,
    /// More than [`Sdp::MAX_MEDIA`] `m=` sections.
    #[error("too many media sections")]
    TooManyMedia,
}

impl Sdp {
    /// Most `m=` sections that are looked at.
    pub const MAX_MEDIA: usize = 256;

    /// Parses the description that fills `span`.
    pub fn parse(buf: &[u8], span: Span) -> Result<Sdp, SdpError> {
        let mut sdp = Sdp::default();
        let mut lines = Lines {
            buf,
            pos: span.start(),
            end: span.end().min(buf.len()),
        };
        if !lines
            .clone()
            .next()
            .is_some_and(|l| l.get(buf).starts_with(b"v="))
        {
            return Err(SdpError::Version);
        }
        while let Some(line) = lines.next() {
            sdp.take_line(buf, line)?;
            if let Some(media) = sdp.media.last_mut() {
                media.whole = Span::of(media.whole.start(), lines.pos);
            }
        }
        Ok(sdp)
    }

    fn take_line(&mut self, buf: &[u8], line: Span) -> Result<(), SdpError> {
        let text = line.get(buf);
        let (Some(kind), Some(b'=')) = (text.first(), text.get(1)) else {
            return Ok(());
        };
        let value = Span::of(line.start() + 2, line.end());
        let media = self.media.last_mut();
        match (kind, media) {
            (b'm', _) => {
                if self.media.len() >= Sdp::MAX_MEDIA {
                    return Err(SdpError::TooManyMedia);
                }
                self.media
                    .push(media_line(buf, line, value, self.direction)?);
            }
            (b'c', Some(media)) => media.connection = Some(address(buf, value, 0)?),
            (b'c', None) => self.connection = Some(address(buf, value, 0)?),
            (b'o', None) => self.origin = Some(address(buf, value, 3)?),
            (b's', None) => self.name = Some(value),
            (b'a', media) => {
                if let Some(direction) = direction(value.get(buf)) {
                    match media {
                        Some(media) => media.direction = direction,
                        None => self.direction = direction,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The address at which `media` is received: its own `c=` or the session's.
    pub fn address_of(&self, media: &Media) -> Option<Address> {
        media.connection.or(self.connection)
    }
}

/// Lines without their ends.
#[derive(Clone)]
struct Lines<'b> {
    buf: &'b [u8],
    pos: usize,
    end: usize,
}

impl Iterator for Lines<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let start = self.pos;
        let rest = self.buf.get(start..self.end)?;
        if rest.is_empty() {
            return None;
        }
        let line_end = memchr::memchr(b'\n', rest).map_or(self.end, |lf| start + lf);
        self.pos = (line_end + 1).min(self.end);
        let line = Span::of(start, line_end);
        let cr = line.get(self.buf).last() == Some(&b'\r');
        Some(Span::of(start, line_end - usize::from(cr)))
    }
}

/// The words of `span`.
fn words(buf: &[u8], span: Span) -> impl Iterator<Item = Span> {
    let text = span.get(buf);
    let mut pos = 0;
    std::iter::from_fn(move || {
        while matches!(text.get(pos), Some(b' ' | b'\t')) {
            pos += 1;
        }
        let start = pos;
        while !matches!(text.get(pos), None | Some(b' ' | b'\t')) {
            pos += 1;
        }
        (pos > start).then(|| Span::of(span.start() + start, span.start() + pos))
    })
}

/// `IN IP4 host` behind `skip` words.
fn address(buf: &[u8], value: Span, skip: usize) -> Result<Address, SdpError> {
    let mut words = words(buf, value).skip(skip);
    let (Some(net), Some(family), Some(host)) = (words.next(), words.next(), words.next()) else {
        return Err(SdpError::Address);
    };
    let is_ipv6 = family.get(buf).eq_ignore_ascii_case(b"IP6");
    let known = is_ipv6 || family.get(buf).eq_ignore_ascii_case(b"IP4");
    if !known || !net.get(buf).eq_ignore_ascii_case(b"IN") {
        return Err(SdpError::Address);
    }
    let len = host.get(buf).iter().take_while(|c| **c != b'/').count();
    Ok(Address {
        is_ipv6,
        host: Span::of(host.start(), host.start() + len),
    })
}

/// `audio 49170/2 RTP/AVP 0 8`.
fn media_line(
    buf: &[u8],
    line: Span,
    value: Span,
    direction: Direction,
) -> Result<Media, SdpError> {
    let mut words = words(buf, value);
    let (Some(kind), Some(ports), Some(protocol)) = (words.next(), words.next(), words.next())
    else {
        return Err(SdpError::Media);
    };
    let len = ports.get(buf).iter().take_while(|c| **c != b'/').count();
    let port_span = Span::of(ports.start(), ports.start() + len);
    let port = decimal(port_span.get(buf)).and_then(|p| u16::try_from(p).ok());
    Ok(Media {
        whole: line,
        kind,
        port_span,
        port: port.ok_or(SdpError::Media)?,
        protocol,
        formats: Span::of(protocol.end(), value.end()).trim(buf),
        connection: None,
        direction,
    })
}

fn direction(attribute: &[u8]) -> Option<Direction> {
    match trim(attribute) {
        b"sendrecv" => Some(Direction::SendRecv),
        b"sendonly" => Some(Direction::SendOnly),
        b"recvonly" => Some(Direction::RecvOnly),
        b"inactive" => Some(Direction::Inactive),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"v=0\r\no=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\na=sendonly\r\nm=audio 49172/2 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/SAVP 31\nc=IN IP6 ff15::101/3\na=inactive";

    #[test]
    fn addresses_ports_directions() {
        let sdp = Sdp::parse(TEXT, Span::of(0, TEXT.len())).unwrap();
        assert_eq!(
            sdp.origin.unwrap().host.get(TEXT),
            b"client.atlanta.example.com"
        );
        let [audio, video] = &sdp.media[..] else {
            panic!("two sections")
        };
        assert_eq!(
            (audio.port, audio.kind.get(TEXT), audio.formats.get(TEXT)),
            (49172, &b"audio"[..], &b"0 8"[..])
        );
        assert_eq!(
            (audio.direction, video.direction),
            (Direction::SendOnly, Direction::Inactive)
        );
        assert_eq!(
            sdp.address_of(audio).unwrap().host.get(TEXT),
            b"192.0.2.101"
        );
        let own = sdp.address_of(video).unwrap();
        assert_eq!((own.is_ipv6, own.host.get(TEXT)), (true, &b"ff15::101"[..]));
        assert!(audio.whole.get(TEXT).ends_with(b"PCMU/8000\r\n"));
        assert_eq!(video.protocol.get(TEXT), b"RTP/SAVP");
        assert_eq!(video.whole.end(), TEXT.len());
    }

    #[test]
    fn refused() {
        for (text, error) in [
            ("", SdpError::Version),
            ("x=0\r\n", SdpError::Version),
            ("v=0\nm=audio", SdpError::Media),
            ("v=0\nm=audio 99999 RTP/AVP 0", SdpError::Media),
            ("v=0\nc=IN IP4", SdpError::Address),
            ("v=0\nc=IN IP7 x", SdpError::Address),
        ] {
            assert_eq!(
                Sdp::parse(text.as_bytes(), Span::of(0, text.len())),
                Err(error),
                "{text}"
            );
        }
    }
}
