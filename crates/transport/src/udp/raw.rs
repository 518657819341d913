//! Datagrams over IPv4 that leave by a raw socket, in pieces of a size of our choice
//! (`udp4_raw`, `udp4_raw_mtu`).
//!
//! Ordinary sockets are faster, since they take many datagrams with one call, and what they send is
//! the same. So the raw one serves only for what they cannot do: to cut a datagram that the
//! interface would take whole, and to send one with no hops at all.

use std::{
    io::{self, IoSlice},
    net::{Ipv4Addr, SocketAddrV4},
    sync::atomic::{AtomicU16, AtomicU32, Ordering},
};

use ahash::RandomState;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Bytes of the header of IPv4, without options.
const IP_HEADER: usize = 20;
/// Bytes of the header of UDP.
const UDP_HEADER: usize = 8;
/// What an offset of a piece is counted in.
const UNIT: usize = 8;
/// The largest packet of IPv4.
const LARGEST: usize = 65_535;
/// "More pieces follow", beside the offset.
const MORE: u16 = 0x2000;

/// How datagrams over IPv4 leave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RawOptions {
    /// Bytes of a packet, with its headers, above which a datagram is cut; one below 29 leaves
    /// everything whole.
    pub mtu: u16,
    /// How many routers it may pass.
    pub hops: u8,
}

impl RawOptions {
    /// Whether a datagram of so many bytes needs the raw socket.
    fn concern(self, length: usize) -> bool {
        self.hops == 0 || self.piece(length).is_some()
    }

    /// Bytes that a packet carries at most, if a datagram of so many is cut.
    fn piece(self, length: usize) -> Option<usize> {
        let (headers, mtu) = (IP_HEADER + UDP_HEADER, usize::from(self.mtu));
        let is_cut = mtu > headers && length + headers > mtu;
        is_cut.then(|| (mtu - IP_HEADER) / UNIT * UNIT)
    }
}

/// The raw socket that all sockets of IPv4 share, and how it is used now.
#[derive(Debug)]
pub(crate) struct Raw {
    socket: Socket,
    tos: u8,
    /// [`RawOptions`], as [`pack`] writes them.
    options: AtomicU32,
    numbers: RandomState,
    number: AtomicU16,
}

impl Raw {
    /// A raw socket, which needs the privilege CAP_NET_RAW. It is not used yet.
    pub(crate) fn open(tos: u8, free_bind: bool) -> io::Result<Self> {
        let protocol = Protocol::from(libc::IPPROTO_RAW);
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(protocol))?;
        socket.set_header_included_v4(true)?;
        socket.set_freebind_v4(free_bind)?;
        crate::udp::set_path_mtu_discovery(&socket, true, false)?;
        Ok(Self {
            socket,
            tos,
            options: AtomicU32::new(pack(None)),
            numbers: RandomState::new(),
            number: AtomicU16::new(0),
        })
    }

    /// Uses it so from now on.
    pub(crate) fn change(&self, options: Option<RawOptions>) {
        self.options.store(pack(options), Ordering::Relaxed);
    }

    /// The options, if a datagram of so many bytes has to go this way.
    pub(super) fn concerned(&self, length: usize) -> Option<RawOptions> {
        unpack(self.options.load(Ordering::Relaxed)).filter(|options| options.concern(length))
    }

    /// Sends a datagram without ever blocking.
    pub(super) fn send(
        &self,
        options: RawOptions,
        from: SocketAddrV4,
        to: SocketAddrV4,
        payload: &[u8],
    ) -> io::Result<()> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        let name = SockAddr::from(to);
        let datagram = Datagram {
            tos: self.tos,
            number: self.next_number(to),
            from,
            to,
            payload,
        };
        let too_long = || io::Error::from_raw_os_error(libc::EMSGSIZE);
        for piece in datagram.pieces(options).ok_or_else(too_long)? {
            let parts = [IoSlice::new(piece.head()), IoSlice::new(piece.body)];
            self.socket
                .send_to_vectored_with_flags(&parts, &name, flags)?;
        }
        Ok(())
    }

    /// A number that tells the pieces of one datagram from those of others: nobody else can foresee
    /// it, and none comes again soon. For 0 the system would choose one for each piece.
    fn next_number(&self, to: SocketAddrV4) -> u16 {
        let count = self.number.fetch_add(1, Ordering::Relaxed);
        let start = self.numbers.hash_one(to);
        (start as u16).wrapping_add(count).max(1)
    }
}

/// A set of options in one word, so that a reader sees one set.
fn pack(options: Option<RawOptions>) -> u32 {
    options.map_or(0, |options| {
        1 << 24 | u32::from(options.hops) << 16 | u32::from(options.mtu)
    })
}

fn unpack(word: u32) -> Option<RawOptions> {
    let [is_set, hops, high, low] = word.to_be_bytes();
    (is_set != 0).then(|| RawOptions {
        mtu: u16::from_be_bytes([high, low]),
        hops,
    })
}

struct Datagram<'a> {
    tos: u8,
    number: u16,
    from: SocketAddrV4,
    to: SocketAddrV4,
    payload: &'a [u8],
}

/// A packet: its headers, of which the first piece has two, and what of the payload it carries.
struct Piece<'a> {
    headers: [u8; IP_HEADER + UDP_HEADER],
    headers_length: usize,
    body: &'a [u8],
}

impl Piece<'_> {
    fn head(&self) -> &[u8] {
        &self.headers[..self.headers_length]
    }
}

impl<'a> Datagram<'a> {
    /// The packets that carry it; `None` if IPv4 can carry no such datagram.
    fn pieces(&self, options: RawOptions) -> Option<impl Iterator<Item = Piece<'a>>> {
        let total = UDP_HEADER + self.payload.len();
        if IP_HEADER + total > LARGEST {
            return None;
        }
        let size = options.piece(self.payload.len()).unwrap_or(total);
        let udp_header = self.udp_header(u16::try_from(total).ok()?);
        let (from, to) = (*self.from.ip(), *self.to.ip());
        let (tos, number, payload) = (self.tos, self.number, self.payload);
        Some((0..total).step_by(size).map(move |offset| {
            let end = (offset + size).min(total);
            let place = offset / UNIT;
            // Both fit, as the whole does.
            let place = u16::try_from(place).unwrap_or(u16::MAX);
            let length = u16::try_from(IP_HEADER + end - offset).unwrap_or(u16::MAX);
            let more = if end < total { MORE } else { 0 };
            let mut headers = [0; IP_HEADER + UDP_HEADER];
            headers[0] = 0x45;
            headers[1] = tos;
            headers[2..4].copy_from_slice(&length.to_be_bytes());
            headers[4..6].copy_from_slice(&number.to_be_bytes());
            headers[6..8].copy_from_slice(&(place | more).to_be_bytes());
            headers[8] = options.hops;
            headers[9] = libc::IPPROTO_UDP as u8;
            // The system computes the sum over this header, bytes 10 and 11.
            headers[12..16].copy_from_slice(&from.octets());
            headers[16..20].copy_from_slice(&to.octets());
            headers[IP_HEADER..].copy_from_slice(&udp_header);
            let is_first = offset == 0;
            Piece {
                headers,
                headers_length: if is_first {
                    IP_HEADER + UDP_HEADER
                } else {
                    IP_HEADER
                },
                body: &payload[offset.saturating_sub(UDP_HEADER)..end - UDP_HEADER],
            }
        }))
    }

    fn udp_header(&self, total: u16) -> [u8; UDP_HEADER] {
        let mut header = [0; UDP_HEADER];
        header[0..2].copy_from_slice(&self.from.port().to_be_bytes());
        header[2..4].copy_from_slice(&self.to.port().to_be_bytes());
        header[4..6].copy_from_slice(&total.to_be_bytes());
        let mut sum = Sum::default();
        sum.add(&self.from.ip().octets());
        sum.add(&self.to.ip().octets());
        sum.add(&[0, libc::IPPROTO_UDP as u8]);
        sum.add(&total.to_be_bytes());
        sum.add(&header);
        sum.add(self.payload);
        header[6..8].copy_from_slice(&sum.checksum().to_be_bytes());
        header
    }
}

/// The sum of RFC 768 over parts of which all but the last have an even length.
#[derive(Default)]
struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            self.0 += u64::from(u16::from_be_bytes([pair[0], low]));
        }
    }

    fn checksum(&self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        // 0 would mean that there is none.
        match !(sum as u16) {
            0 => u16::MAX,
            checksum => checksum,
        }
    }
}

/// Whether a raw socket can send from an address: it has to be one of this machine.
pub(super) fn is_source(address: Ipv4Addr) -> bool {
    !address.is_unspecified() && !address.is_multicast()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FROM: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 5060);
    const TO: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 7), 5070);

    fn packets(payload: &[u8], options: RawOptions) -> Vec<Vec<u8>> {
        let datagram = Datagram {
            tos: 0x10,
            number: 77,
            from: FROM,
            to: TO,
            payload,
        };
        let pieces = datagram.pieces(options).unwrap();
        pieces.map(|p| [p.head(), p.body].concat()).collect()
    }

    fn lengths(payload: usize, mtu: u16) -> Vec<usize> {
        let options = RawOptions { mtu, hops: 64 };
        let packets = packets(&vec![b'x'; payload], options);
        packets.iter().map(Vec::len).collect()
    }

    /// What Kamailio 5.6 sends.
    #[test]
    fn sizes_of_pieces() {
        assert_eq!(lengths(602, 300), [300, 300, 70]);
        assert_eq!(lengths(661, 307), [300, 300, 129]);
        assert_eq!(lengths(13, 35), [28, 28, 25]);
        assert_eq!(lengths(661, 28), [689]);
        assert_eq!(lengths(661, 689), [689]);
        assert_eq!(lengths(661, 688), [684, 25]);
    }

    #[test]
    fn what_goes_by_the_raw_socket() {
        let options = |mtu, hops| RawOptions { mtu, hops };
        assert!(!options(300, 9).concern(272));
        assert!(options(300, 9).concern(273));
        assert!(!options(28, 9).concern(60_000));
        assert!(options(1500, 0).concern(1));
    }

    #[test]
    fn options_come_back() {
        for options in [
            None,
            Some(RawOptions {
                mtu: 0xfeff,
                hops: 0xff,
            }),
        ] {
            assert_eq!(unpack(pack(options)), options);
        }
    }

    #[test]
    fn more_than_ip_can_carry() {
        let payload = vec![0; LARGEST - IP_HEADER - UDP_HEADER + 1];
        let datagram = |payload| Datagram {
            tos: 0,
            number: 1,
            from: FROM,
            to: TO,
            payload,
        };
        let options = RawOptions {
            mtu: 1500,
            hops: 64,
        };
        assert!(datagram(&payload[..]).pieces(options).is_none());
        assert!(datagram(&payload[1..]).pieces(options).is_some());
    }

    proptest! {
        #[test]
        fn pieces_make_the_datagram(
            payload in proptest::collection::vec(any::<u8>(), 0..5000),
            mtu in 29..3000_u16,
            hops: u8,
        ) {
            let packets = packets(&payload, RawOptions { mtu, hops });
            let mut whole = Vec::new();
            for (index, packet) in packets.iter().enumerate() {
                prop_assert!(packet.len() <= usize::from(mtu));
                prop_assert_eq!(&packet[2..4], &(packet.len() as u16).to_be_bytes());
                prop_assert_eq!((packet[1], packet[8], packet[9]), (0x10, hops, 17));
                prop_assert_eq!(&packet[4..6], &77_u16.to_be_bytes());
                let place = u16::from_be_bytes([packet[6], packet[7]]);
                prop_assert_eq!(place & MORE != 0, index + 1 < packets.len());
                prop_assert_eq!(usize::from(place & !MORE) * UNIT, whole.len());
                whole.extend_from_slice(&packet[IP_HEADER..]);
            }
            prop_assert_eq!(&whole[UDP_HEADER..], &payload[..]);
            // A right sum makes the sum over all that it covers, and over itself, all ones.
            let mut sum = Sum::default();
            sum.add(&FROM.ip().octets());
            sum.add(&TO.ip().octets());
            sum.add(&[0, 17]);
            sum.add(&(whole.len() as u16).to_be_bytes());
            sum.add(&whole);
            prop_assert_eq!(sum.checksum(), u16::MAX);
        }
    }
}
