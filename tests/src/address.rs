//! Loopback addresses: each server and each agent gets one of its own.
//!
//! All addresses have the form `127.xxx.yyy.zzz` with three digits per part, so that lengths
//! (and with them Content-Length) are the same on both sides of a comparison.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::scenario::Family;

/// The port of a server under test, unless its family shares one address.
pub const SERVER_PORT: u16 = 5060;
/// The port of an agent.
pub const AGENT_PORT: u16 = 5070;
/// The first local port an agent connects from over TCP.
pub const CONNECT_PORT: u16 = 15_070;
/// On IPv6, where all share one address, an agent connects from its port plus this.
pub const V6_CONNECT_OFFSET: u16 = 10_000;

const FIRST: u32 = 101;
const COUNT: u32 = 148;

/// The second part of this process's addresses, held by a socket for as long as we live.
static BLOCK: LazyLock<(u8, UdpSocket)> = LazyLock::new(|| {
    let start = std::process::id();
    (0..COUNT)
        .find_map(|step| {
            let part = u8::try_from(FIRST + (start + step) % COUNT).ok()?;
            let lock = UdpSocket::bind((Ipv4Addr::new(127, part, 250, 250), 5059)).ok()?;
            Some((part, lock))
        })
        .expect("no free loopback block: are 148 test runs going on?")
});
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An address and port nobody else in this process uses.
pub fn allocate(family: Family, port: u16) -> SocketAddr {
    match family {
        Family::V4 => {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let part = |n: u32| u8::try_from(FIRST + n % COUNT).unwrap_or(101);
            SocketAddr::new(
                Ipv4Addr::new(127, BLOCK.0, part(n / COUNT), part(n)).into(),
                port,
            )
        }
        Family::V6 => free_port(),
    }
}

/// A port of the one IPv6 loopback address that is free for both UDP and TCP. It stays below the
/// ephemeral range (also with [`V6_CONNECT_OFFSET`] added) and always has five digits.
fn free_port() -> SocketAddr {
    loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = u16::try_from((std::process::id() * 64 + n) % 10_000).unwrap_or(0);
        let addr = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 12_000 + offset);
        if UdpSocket::bind(addr).is_ok() && TcpListener::bind(addr).is_ok() {
            return addr;
        }
    }
}
