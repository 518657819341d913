//! The floor: a program that receives and sends the same messages and does nothing else.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::sockopt::ReusePort;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, bind, setsockopt, socket,
};

use crate::ends::FIRST_PORT;
use crate::port::{LARGEST, Port};

/// Environment variable that turns this program into the floor.
const ROLE: &str = "FERROSIP_LOAD_FLOOR";

/// What this process is to be, if it is to be the floor.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// What a floor does.
pub(crate) struct Floor {
    pub(crate) listen: SocketAddr,
    /// Threads that receive datagrams.
    pub(crate) workers: usize,
    /// They all receive from one socket, or each from its own (`SO_REUSEPORT`).
    pub(crate) shares: bool,
    /// Between whom it relays; the callees may be reached by TCP. Without them it answers the
    /// sender.
    pub(crate) relays: Option<(IpAddr, IpAddr, bool)>,
}

impl Floor {
    /// The variable that makes a floor of this program.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        let (listen, workers, shares) = (self.listen, self.workers, self.shares);
        let mut role = format!("{listen},{workers},{shares}");
        if let Some((callers, callees, tcp)) = self.relays {
            role.push_str(&format!(",{callers},{callees},{tcp}"));
        }
        (ROLE, role)
    }

    fn read(role: &str) -> Option<Self> {
        let mut parts = role.split(',');
        let listen = parts.next()?.parse().ok()?;
        let workers = parts.next()?.parse().ok()?;
        let shares = parts.next()?.parse().ok()?;
        let relays = match (parts.next(), parts.next(), parts.next()) {
            (Some(callers), Some(callees), Some(tcp)) => Some((
                callers.parse().ok()?,
                callees.parse().ok()?,
                tcp.parse().ok()?,
            )),
            _ => None,
        };
        Some(Self {
            listen,
            workers,
            shares,
            relays,
        })
    }

    /// The sockets of the threads.
    fn sockets(&self) -> io::Result<Vec<UdpSocket>> {
        if self.shares {
            let socket = UdpSocket::bind(self.listen)?;
            return (0..self.workers).map(|_| socket.try_clone()).collect();
        }
        (0..self.workers)
            .map(|_| {
                let kind = (SockType::Datagram, SockFlag::SOCK_CLOEXEC);
                let fd = socket(AddressFamily::Inet, kind.0, kind.1, None)?;
                setsockopt(&fd, ReusePort, &true)?;
                bind(fd.as_raw_fd(), &SockaddrStorage::from(self.listen))?;
                Ok(fd.into())
            })
            .collect()
    }
}

/// Runs until killed.
pub(crate) fn run(role: &str) -> io::Result<()> {
    // A run that is killed takes its floor with it.
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let floor = Floor::read(role).ok_or_else(|| io::Error::other("bad floor"))?;
    let sockets = floor.sockets()?;
    if let Some((_, callees, true)) = floor.relays {
        return streams(&sockets[0], &TcpListener::bind(floor.listen)?, callees);
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = sockets
            .iter()
            .map(|socket| match floor.relays {
                Some((callers, callees, _)) => scope.spawn(move || relay(socket, callers, callees)),
                None => scope.spawn(move || echo(socket)),
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            let ended = thread.join();
            ended.map_err(|_| io::Error::other("a thread ended"))?
        })
    })
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
    crate::text::reply(&mut reply, request, "100 Trying", "", b"");
    reply
}

/// From one caller, by datagrams or a stream, to one callee by a stream, and back.
fn streams(datagrams: &UdpSocket, listener: &TcpListener, callees: IpAddr) -> io::Result<()> {
    datagrams.set_nonblocking(true)?;
    let mut caller: Option<Port> = None;
    let mut callee: Option<Port> = None;
    let mut source = None;
    let mut buffer = vec![0; LARGEST];
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
        while let Ok((length, from)) = datagrams.recv_from(&mut buffer) {
            let message = &buffer[..length];
            source = Some(from);
            if message.starts_with(b"INVITE") {
                datagrams.send_to(&trying(message), from)?;
            }
            send(connected(&mut callee, callees)?, message);
        }
        while let Some(port) = &mut caller
            && let Some(length) = port.receive(&mut buffer)?
        {
            let message = &buffer[..length];
            if message.starts_with(b"INVITE") {
                send(port, &trying(message));
            }
            send(connected(&mut callee, callees)?, message);
        }
        while let Some(port) = &mut callee
            && let Some(length) = port.receive(&mut buffer)?
        {
            let message = &buffer[..length];
            match (&mut caller, source) {
                (Some(port), _) => send(port, message),
                (None, Some(to)) => {
                    datagrams.send_to(message, to)?;
                }
                (None, None) => {}
            }
        }
    }
}

/// A call of the system for each message.
fn send(port: &mut Port, message: &[u8]) {
    port.send(message);
    port.flush();
}

fn connected(callee: &mut Option<Port>, host: IpAddr) -> io::Result<&mut Port> {
    if callee.is_none() {
        let stream = TcpStream::connect(SocketAddr::new(host, FIRST_PORT))?;
        *callee = Some(Port::stream(stream)?);
    }
    callee.as_mut().ok_or_else(|| io::Error::other("no callee"))
}
