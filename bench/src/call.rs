//! Record-routed calls: INVITE, 180, 200, ACK, BYE, 200, with both ends played here.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::text;

/// Calls in progress at a time.
const WINDOW: usize = 16;

/// The two ends of the calls.
pub(crate) struct Ends {
    /// The proxy under load.
    pub(crate) server: SocketAddr,
    /// The calling side's address.
    pub(crate) caller: SocketAddr,
    /// The called side's address.
    pub(crate) callee: SocketAddr,
}

/// Makes `count` calls; returns how many were answered and hung up.
pub(crate) fn run(ends: &Ends, count: usize, round: usize) -> io::Result<usize> {
    let callee = UdpSocket::bind(ends.callee)?;
    let caller = UdpSocket::bind(ends.caller)?;
    caller.set_read_timeout(Some(Duration::from_millis(500)))?;
    callee.set_read_timeout(Some(Duration::from_millis(100)))?;
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let answering = scope.spawn(|| answer(ends, &callee, &stop));
        let done = place(ends, &caller, count, round);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        answering
            .join()
            .map_err(|_| io::Error::other("the called side panicked"))??;
        done
    })
}

/// The called side: answers what comes until told to stop.
fn answer(ends: &Ends, socket: &UdpSocket, stop: &std::sync::atomic::AtomicBool) -> io::Result<()> {
    let mut buffer = vec![0; 65_536];
    let contact = format!("Contact: <sip:callee@{}>\r\n", ends.callee);
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        let length = match socket.recv(&mut buffer) {
            Ok(length) => length,
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                continue;
            }
            Err(e) => return Err(e),
        };
        let request = &buffer[..length];
        if request.starts_with(b"INVITE") {
            socket.send_to(
                &text::reply(request, "180 Ringing", "callee", &contact),
                ends.server,
            )?;
            socket.send_to(
                &text::reply(request, "200 OK", "callee", &contact),
                ends.server,
            )?;
        } else if request.starts_with(b"BYE") {
            socket.send_to(&text::reply(request, "200 OK", "callee", ""), ends.server)?;
        }
    }
    Ok(())
}

/// The calling side.
fn place(ends: &Ends, socket: &UdpSocket, count: usize, round: usize) -> io::Result<usize> {
    let mut buffer = vec![0; 65_536];
    let mut open: HashMap<Vec<u8>, usize> = HashMap::new();
    let (mut started, mut done) = (0, 0);
    while done < count {
        while started < count && open.len() < WINDOW {
            let (id, invite) = invite(ends, started, round);
            socket.send_to(&invite, ends.server)?;
            open.insert(id, started);
            started += 1;
        }
        let length = match socket.recv(&mut buffer) {
            Ok(length) => length,
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                // Calls that stand still are given up; they count as failed.
                if open.is_empty() && started == count {
                    break;
                }
                open.clear();
                if started == count {
                    break;
                }
                continue;
            }
            Err(e) => return Err(e),
        };
        let reply = &buffer[..length];
        if text::status(reply) != Some(200) {
            continue;
        }
        let Some(id) = text::value(reply, "Call-ID") else {
            continue;
        };
        let Some(call) = open.get(id).copied() else {
            continue;
        };
        let is_bye = text::value(reply, "CSeq").is_some_and(|c| c.ends_with(b"BYE"));
        if is_bye {
            open.remove(id);
            done += 1;
        } else {
            socket.send_to(&in_dialog(ends, reply, "ACK", 1, call, round), ends.server)?;
            socket.send_to(&in_dialog(ends, reply, "BYE", 2, call, round), ends.server)?;
        }
    }
    Ok(done)
}

const SDP: &str = "v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 6000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";

fn invite(ends: &Ends, call: usize, round: usize) -> (Vec<u8>, Vec<u8>) {
    let id = format!("call-{round:x}-{call:x}@load");
    let text = format!(
        "INVITE sip:callee@{callee} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {caller};branch=z9hG4bKi{round:x}c{call:x}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:caller@{caller}>;tag=f{call:x}\r\n\
         To: <sip:callee@{callee}>\r\n\
         Call-ID: {id}\r\n\
         CSeq: 1 INVITE\r\n\
         Contact: <sip:caller@{caller}>\r\n\
         Content-Type: application/sdp\r\n\
         Content-Length: {length}\r\n\r\n{SDP}",
        callee = ends.callee,
        caller = ends.caller,
        length = SDP.len(),
    );
    (id.into_bytes(), text.into_bytes())
}

/// A request in the dialog that a 200 made: its Record-Route becomes the Route set.
fn in_dialog(
    ends: &Ends,
    reply: &[u8],
    method: &str,
    cseq: u32,
    call: usize,
    round: usize,
) -> Vec<u8> {
    let mut out = format!(
        "{method} sip:callee@{} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{method}{round:x}c{call:x}\r\n",
        ends.callee, ends.caller
    )
    .into_bytes();
    let routes: Vec<&[u8]> = text::lines(reply, "Record-Route").collect();
    for route in routes.iter().rev() {
        out.extend_from_slice(b"Route");
        out.extend_from_slice(route.get("Record-Route".len()..).unwrap_or_default());
    }
    out.extend_from_slice(b"Max-Forwards: 70\r\n");
    for name in ["From", "To", "Call-ID"] {
        for line in text::lines(reply, name) {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(format!("CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n").as_bytes());
    out
}
