//! The floor: a program that receives and sends the same messages and does nothing else.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;

use crate::ends::FIRST_PORT;
use crate::port::Port;

/// Environment variable that turns this program into the floor.
const ROLE: &str = "FERROSIP_LOAD_FLOOR";

/// What this process is to be, if it is to be the floor.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// The variable that makes a floor of this program: it listens at an address and relays between
/// callers and callees; the callees may be reached by TCP. Without them it answers the sender.
pub(crate) fn environment(
    listen: SocketAddr,
    peers: Option<(IpAddr, IpAddr, bool)>,
) -> (&'static str, String) {
    let role = match peers {
        Some((callers, callees, tcp)) => format!("{listen},{callers},{callees},{tcp}"),
        None => listen.to_string(),
    };
    (ROLE, role)
}

/// Runs until killed.
pub(crate) fn run(role: &str) -> io::Result<()> {
    // A run that is killed takes its floor with it.
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let bad = || io::Error::other("bad floor");
    let mut parts = role.split(',');
    let listen: SocketAddr = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    let datagrams = UdpSocket::bind(listen)?;
    let Some(callers) = parts.next() else {
        return echo(&datagrams);
    };
    let callers: IpAddr = callers.parse().map_err(|_| bad())?;
    let callees: IpAddr = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    if parts.next() == Some("true") {
        streams(&datagrams, &TcpListener::bind(listen)?, callees)
    } else {
        relay(&datagrams, callers, callees)
    }
}

fn echo(socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        socket.send_to(&buffer[..length], from)?;
    }
}

/// Between the callers and callees of one number, all by datagrams.
fn relay(socket: &UdpSocket, callers: IpAddr, callees: IpAddr) -> io::Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let message = &buffer[..length];
        let other = if from.ip() == callers {
            callees
        } else {
            callers
        };
        if message.starts_with(b"INVITE") {
            socket.send_to(trying(message).as_slice(), from)?;
        }
        socket.send_to(message, SocketAddr::new(other, from.port()))?;
    }
}

/// A proxy's 100: one more message to the caller.
fn trying(request: &[u8]) -> Vec<u8> {
    let mut reply = Vec::with_capacity(512);
    crate::text::reply(&mut reply, request, "100 Trying", "", "");
    reply
}

/// From one caller, by datagrams or a stream, to one callee by a stream, and back.
fn streams(datagrams: &UdpSocket, listener: &TcpListener, callees: IpAddr) -> io::Result<()> {
    datagrams.set_nonblocking(true)?;
    let mut caller: Option<Port> = None;
    let mut callee: Option<Port> = None;
    let mut source = None;
    let mut message = Vec::new();
    loop {
        let mut fds = vec![
            PollFd::new(datagrams.as_fd(), PollFlags::POLLIN),
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
        ];
        let ports = [&caller, &callee];
        let open = ports.into_iter().flatten();
        fds.extend(open.map(|port| PollFd::new(port.fd(), PollFlags::POLLIN)));
        poll(&mut fds, PollTimeout::NONE)?;
        if fds[1].any() == Some(true) {
            caller = Some(Port::stream(listener.accept()?.0)?);
        }
        message.resize(65_536, 0);
        while let Ok((length, from)) = datagrams.recv_from(&mut message) {
            source = Some(from);
            if message.starts_with(b"INVITE") {
                datagrams.send_to(&trying(&message[..length]), from)?;
            }
            connected(&mut callee, callees)?.send(&message[..length]);
        }
        while let Some(port) = &mut caller
            && port.receive(&mut message)?
        {
            if message.starts_with(b"INVITE") {
                port.send(&trying(&message));
            }
            connected(&mut callee, callees)?.send(&message);
        }
        while let Some(port) = &mut callee
            && port.receive(&mut message)?
        {
            match (&mut caller, source) {
                (Some(port), _) => port.send(&message),
                (None, Some(to)) => {
                    datagrams.send_to(&message, to)?;
                }
                (None, None) => {}
            }
        }
    }
}

fn connected(callee: &mut Option<Port>, host: IpAddr) -> io::Result<&mut Port> {
    if callee.is_none() {
        let stream = TcpStream::connect(SocketAddr::new(host, FIRST_PORT))?;
        *callee = Some(Port::stream(stream)?);
    }
    callee.as_mut().ok_or_else(|| io::Error::other("no callee"))
}
