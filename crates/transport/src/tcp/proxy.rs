//! The header of the PROXY protocol, with which a balancer says whose connection it hands on
//! (versions 1 and 2 of the specification of HAProxy; the addresses of streams only).
//!
//! A connection without a header is taken as it is, as Kamailio does: who may write a header may
//! as well leave it out.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::{io::AsyncReadExt, net::TcpStream};

/// How the second version begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// How the first version begins.
const WORD: &[u8; 6] = b"PROXY ";

/// The longest line of the first version, with its end.
const LONGEST_LINE: usize = 107;

/// More is not waited for: additions of the second version may be long, but we read none.
const LONGEST: usize = 4096;

/// What the front of a connection is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Front {
    /// A header may still come.
    Partial,
    /// No header.
    Absent,
    /// A header.
    Header {
        /// Its length.
        len: usize,
        /// Who the balancer's peer is; absent when the balancer speaks for itself or does not
        /// know.
        source: Option<SocketAddr>,
    },
    /// Something that begins as a header and is none.
    Bad,
}

/// Looks at the front of a connection.
#[must_use]
pub fn parse(bytes: &[u8]) -> Front {
    if begins(bytes, SIGNATURE) {
        return binary(bytes).unwrap_or(Front::Partial);
    }
    if begins(bytes, WORD) {
        return line(bytes);
    }
    Front::Absent
}

/// Whether bytes are the beginning of a mark, or begin with it.
fn begins(bytes: &[u8], mark: &[u8]) -> bool {
    let common = bytes.len().min(mark.len());
    bytes[..common] == mark[..common]
}

/// The second version; nothing when more must come.
fn binary(bytes: &[u8]) -> Option<Front> {
    let (head, rest) = bytes.split_first_chunk::<16>()?;
    let [.., version, family, high, low] = *head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let len = head.len() + length;
    if len > LONGEST {
        return Some(Front::Bad);
    }
    let body = rest.get(..length)?;
    let source = match (version, family) {
        (0x20, _) => None,
        (0x21, 0x11) => {
            let Some(addresses) = body.first_chunk::<12>() else {
                return Some(Front::Bad);
            };
            let [a, b, c, d, .., p, q, _, _] = *addresses;
            Some((IpAddr::from([a, b, c, d]), u16::from_be_bytes([p, q])))
        }
        (0x21, 0x21) => {
            let (Some(source), Some(port)) = (
                body.first_chunk::<16>(),
                body.get(32..36).and_then(<[u8]>::first_chunk::<2>),
            ) else {
                return Some(Front::Bad);
            };
            Some((IpAddr::from(*source), u16::from_be_bytes(*port)))
        }
        _ => return Some(Front::Bad),
    };
    let source = source.map(SocketAddr::from);
    Some(Front::Header { len, source })
}

/// The first version.
fn line(bytes: &[u8]) -> Front {
    let searched = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = searched.windows(2).position(|pair| pair == b"\r\n") else {
        return match searched.len() {
            LONGEST_LINE => Front::Bad,
            _ => Front::Partial,
        };
    };
    let words = std::str::from_utf8(&searched[WORD.len()..end]);
    let Some(source) = words.ok().and_then(source) else {
        return Front::Bad;
    };
    Front::Header {
        len: end + 2,
        source,
    }
}

/// Who the peer is, by the words of a line; nothing inside when it does not say.
#[allow(
    clippy::option_option,
    reason = "a wrong line is not one that says nothing"
)]
fn source(words: &str) -> Option<Option<SocketAddr>> {
    let mut words = words.split(' ');
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(None);
    }
    let address = |text: &str| -> Option<IpAddr> {
        match family {
            "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let source = address(words.next()?)?;
    let _destination = address(words.next()?)?;
    let from = port(words.next()?)?;
    let _to = port(words.next()?)?;
    words
        .next()
        .is_none()
        .then_some(Some(SocketAddr::new(source, from)))
}

/// A number without sign.
fn port(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// What came first on a connection.
pub(super) struct Greeting {
    /// Whose connection it is, if a header says so.
    pub(super) source: Option<SocketAddr>,
    /// What was read behind the header.
    pub(super) rest: Vec<u8>,
}

/// Reads until it is clear whether a header stands in front, and all of it.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Greeting> {
    let mut bytes = Vec::with_capacity(256);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match parse(&bytes) {
            Front::Partial => {}
            Front::Bad => return Err(io::ErrorKind::InvalidData.into()),
            Front::Absent => {
                return Ok(Greeting {
                    source: None,
                    rest: bytes,
                });
            }
            Front::Header { len, source } => {
                let rest = bytes.split_off(len);
                return Ok(Greeting { source, rest });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v2(version: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [SIGNATURE.as_slice(), &[version, family], &length, body].concat()
    }

    fn header(bytes: &[u8]) -> Option<Option<SocketAddr>> {
        let whole = [bytes, b"OPTIONS"].concat();
        match parse(&whole) {
            Front::Header { len, source } => {
                assert_eq!(len, bytes.len());
                Some(source)
            }
            other => {
                assert_ne!(other, Front::Absent, "{bytes:?}");
                None
            }
        }
    }

    #[test]
    fn lines() {
        let known = |text: &str| Some(Some(text.parse::<SocketAddr>().unwrap()));
        let of = |text: &str| header(text.as_bytes());
        assert_eq!(
            of("PROXY TCP4 10.1.2.3 10.9.9.9 1111 2222\r\n"),
            known("10.1.2.3:1111")
        );
        assert_eq!(
            of("PROXY TCP6 2001:db8::1 ::2 1 65535\r\n"),
            known("[2001:db8::1]:1")
        );
        assert_eq!(of("PROXY UNKNOWN\r\n"), Some(None));
        assert_eq!(of("PROXY UNKNOWN a b c d e\r\n"), Some(None));
        for wrong in [
            "PROXY TCP4 10.1.2.300 10.9.9.9 1111 2222\r\n",
            "PROXY TCP4 10.1.2.3 10.9.9.9 99999 2222\r\n",
            "PROXY TCP4 10.1.2.3 10.9.9.9 +1 2222\r\n",
            "PROXY  TCP4 10.1.2.3 10.9.9.9 1111 2222\r\n",
            "PROXY TCP4 2001:db8::1 ::2 1111 2222\r\n",
            "PROXY UDP4 10.1.2.3 10.9.9.9 1111 2222\r\n",
            "PROXY TCP4 10.1.2.3 10.9.9.9 1111\r\n",
            "PROXY TCP4 10.1.2.3 10.9.9.9 1111 2222 \r\n",
            "PROXY \r\n",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(parse(b"PROXY TCP4 10.1.2.3\n"), Front::Partial);
        assert_eq!(
            parse(&[b"PROXY ".as_slice(), &[b'x'; 101]].concat()),
            Front::Bad
        );
    }

    #[test]
    fn binary_headers() {
        let v4 = [10, 1, 2, 3, 10, 9, 9, 9, 4, 87, 8, 174];
        let mut v6 = [0; 36];
        v6[15] = 1;
        v6[33] = 7;
        let source = |text: &str| Some(Some(text.parse().unwrap()));
        assert_eq!(header(&v2(0x21, 0x11, &v4)), source("10.1.2.3:1111"));
        let longer = [v4.as_slice(), b"\x04\0\x03abc"].concat();
        assert_eq!(header(&v2(0x21, 0x11, &longer)), source("10.1.2.3:1111"));
        assert_eq!(header(&v2(0x21, 0x21, &v6)), source("[::1]:7"));
        assert_eq!(header(&v2(0x20, 0, &[])), Some(None));
        assert_eq!(header(&v2(0x20, 0x11, &v4)), Some(None));
        for wrong in [
            v2(0x31, 0x11, &v4),
            v2(0x22, 0x11, &v4),
            v2(0x21, 0, &[]),
            v2(0x21, 0x12, &v4),
            v2(0x21, 0x11, &v4[..11]),
            v2(0x21, 0x21, &v6[..35]),
            v2(0x21, 0x31, &[0; 216]),
            v2(0x21, 0x11, &[0; 4096]),
        ] {
            assert_eq!(header(&wrong), None);
        }
    }

    proptest! {
        /// Pieces give what the whole gives: a header is never seen too early, nor a wrong one
        /// taken for none.
        #[test]
        fn a_front_is_judged_once(
            front in prop_oneof![
                Just(SIGNATURE.to_vec()), Just(WORD.to_vec()), Just(Vec::new()),
                Just(b"PROXY TCP4 1.2.3.4 5.6.7.8 9 10".to_vec()),
                Just(v2(0x21, 0x11, &[9; 12])),
            ],
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let bytes = [front, rest].concat();
            let mut judged = None;
            for end in 1..=bytes.len() {
                let now = parse(&bytes[..end]);
                match judged {
                    None if now == Front::Partial => {}
                    None => judged = Some(now),
                    Some(before) => prop_assert_eq!(now, before),
                }
                if let Front::Header { len, .. } = now {
                    prop_assert!(len <= end);
                }
            }
        }
    }
}
