//! The packets of IPv4 that pass the loopback interface, as they are on the way: a socket would get
//! them put together.

use std::io::Read;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

const PROTOCOL_TCP: u8 = 6;
const PROTOCOL_UDP: u8 = 17;
/// "Ethernet" type of IPv4.
const IPV4: u16 = 0x0800;

/// Watches all packets of a network; it takes the privilege for that.
pub struct Watch(Socket);

/// What is of interest about one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Packet {
    /// Whose it is.
    pub from: Ipv4Addr,
    /// Bytes with the header.
    pub length: usize,
    /// Hops that are left.
    pub hops: u8,
    /// It must not be cut.
    pub whole: bool,
    /// More pieces follow.
    pub more: bool,
    /// Where in the datagram it belongs.
    pub offset: usize,
    /// Whether it is of TCP, and then what it says.
    pub segment: Option<Segment>,
}

/// What a packet of TCP says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segment {
    /// The port that it goes to.
    pub port: u16,
    /// The connection is opened or ended.
    pub is_control: bool,
    /// Bytes of data.
    pub data: usize,
}

impl Watch {
    /// Begins to watch.
    pub fn start() -> Result<Self, String> {
        let protocol = Protocol::from(i32::from(IPV4.to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol));
        let socket = socket.map_err(|e| format!("packets: {e}"))?;
        let limit = Some(Duration::from_millis(20));
        socket
            .set_read_timeout(limit)
            .map_err(|e| format!("packets: {e}"))?;
        Ok(Self(socket))
    }

    /// Which packets of those that are asked for passed since the last call, until it is `enough` or
    /// the time is over.
    pub fn packets(
        &mut self,
        asked: impl Fn(&Packet) -> bool,
        limit: Duration,
        enough: impl Fn(&[Packet]) -> bool,
    ) -> Vec<Packet> {
        let deadline = Instant::now() + limit;
        let mut packets = Vec::new();
        let mut buffer = vec![0; 70_000];
        while !enough(&packets) && Instant::now() < deadline {
            // An error is the end of a short wait.
            let Ok(length) = self.0.read(&mut buffer) else {
                continue;
            };
            let packet = Packet::read(&buffer[..length]);
            packets.extend(packet.filter(&asked));
        }
        packets
    }
}

impl Packet {
    fn read(bytes: &[u8]) -> Option<Self> {
        let header = bytes.get(..20)?;
        let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let place = word(6);
        let rest = bytes.get(usize::from(header[0] & 15) * 4..)?;
        let segment = match header[9] {
            PROTOCOL_TCP => Some(Segment::read(rest)?),
            PROTOCOL_UDP => None,
            _ => return None,
        };
        Some(Self {
            from: Ipv4Addr::new(header[12], header[13], header[14], header[15]),
            length: usize::from(word(2)),
            hops: header[8],
            whole: place & 0x4000 != 0,
            more: place & 0x2000 != 0,
            offset: usize::from(place & 0x1fff) * 8,
            segment,
        })
    }
}

impl Segment {
    fn read(bytes: &[u8]) -> Option<Self> {
        let header = usize::from(bytes.get(12)? >> 4) * 4;
        // FIN, SYN and RST.
        let is_control = bytes.get(13)? & 7 != 0;
        Some(Self {
            port: u16::from_be_bytes([bytes[2], bytes[3]]),
            is_control,
            data: bytes.len().checked_sub(header)?,
        })
    }
}
