//! The floor: a program that receives and sends the same datagrams and does nothing else.

use std::io;
use std::net::{SocketAddr, UdpSocket};

/// Environment variable that turns this program into the floor.
pub(crate) const ROLE: &str = "FERROSIP_LOAD_FLOOR";

/// Where the floor listens and whom it relays between; without peers it answers the sender.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Runs until killed. `role` is `listen,caller,callee` or `listen`.
pub(crate) fn run(role: String) -> io::Result<()> {
    let parts: Vec<SocketAddr> = role.split(',').filter_map(|a| a.parse().ok()).collect();
    let Some(listen) = parts.first() else {
        return Err(io::Error::other("bad floor address"));
    };
    let socket = UdpSocket::bind(listen)?;
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let message = &buffer[..length];
        match parts.get(1..3) {
            Some([caller, callee]) => {
                if message.starts_with(b"INVITE") {
                    // A proxy's 100: one more datagram to the caller.
                    socket.send_to(b"SIP/2.0 100 Trying\r\n\r\n", caller)?;
                }
                socket.send_to(message, if from == *caller { callee } else { caller })?;
            }
            _ => {
                socket.send_to(message, from)?;
            }
        }
    }
}
