//! REGISTER: new bindings and refreshes, a window of them at a time.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::text;

/// Requests in flight at a time: enough that the server never waits, few enough that nothing is
/// lost.
const WINDOW: usize = 32;

/// Registers `count` users at `server`, each as `round` of its series; returns how many were
/// answered.
pub(crate) fn run(
    server: SocketAddr,
    client: SocketAddr,
    count: usize,
    round: usize,
) -> io::Result<usize> {
    let socket = UdpSocket::bind(client)?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut buffer = vec![0; 65_536];
    let (mut sent, mut answered) = (0, 0);
    while answered < count {
        while sent < count && sent - answered < WINDOW {
            socket.send_to(&request(server, client, sent, round), server)?;
            sent += 1;
        }
        match socket.recv(&mut buffer) {
            Ok(length) => {
                // The floor sends the request itself back.
                let message = &buffer[..length];
                if text::status(message).is_none_or(|s| s == 200) {
                    answered += 1;
                } else {
                    return Err(io::Error::other(
                        String::from_utf8_lossy(text::first_line(message)).into_owned(),
                    ));
                }
            }
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                // What is missing now is lost: loopback drops only when a queue overflows.
                if sent == count {
                    break;
                }
                answered = sent;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(answered)
}

fn request(server: SocketAddr, client: SocketAddr, user: usize, round: usize) -> Vec<u8> {
    format!(
        "REGISTER sip:{server} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {client};branch=z9hG4bK{round:x}r{user:x}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:user{user}@{server}>;tag=f{user:x}\r\n\
         To: <sip:user{user}@{server}>\r\n\
         Call-ID: reg-{user:x}@load\r\n\
         CSeq: {} REGISTER\r\n\
         Contact: <sip:user{user}@{client}>\r\n\
         Expires: 3600\r\n\
         User-Agent: load\r\n\
         Content-Length: 0\r\n\r\n",
        round + 1
    )
    .into_bytes()
}
