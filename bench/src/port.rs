//! One end of the traffic: a datagram socket or a stream, neither of which ever blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;

use crate::text;

/// Bytes that may wait to be received.
const RECEIVE_BUFFER: usize = 8 << 20;
/// The longest message.
pub(crate) const LARGEST: usize = 65_536;

/// The transport of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

impl Transport {
    /// As it stands in a Via.
    pub(crate) fn via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }

    /// The URI parameter that asks for it.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
        }
    }
}

/// A socket that talks to the server.
pub(crate) enum Port {
    /// Connected to the server.
    Datagrams(UdpSocket),
    /// With what has not become a message yet, and what has not been written yet.
    Stream(TcpStream, Input, Vec<u8>),
}

/// Bytes of a stream that have not become messages yet.
pub(crate) struct Input {
    bytes: Vec<u8>,
    /// Where those begin that nobody has taken.
    start: usize,
    end: usize,
}

impl Input {
    fn new() -> Self {
        Self {
            bytes: vec![0; LARGEST],
            start: 0,
            end: 0,
        }
    }

    /// Moves the next message out, if it is all there.
    fn take(&mut self, message: &mut [u8]) -> Option<usize> {
        let rest = self.bytes.get(self.start..self.end)?;
        let length = text::framed(rest)?;
        message.get_mut(..length)?.copy_from_slice(&rest[..length]);
        self.start += length;
        Some(length)
    }

    /// Reads more behind what is there.
    fn fill(&mut self, stream: &mut TcpStream) -> io::Result<usize> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let length = stream.read(&mut self.bytes[self.end..])?;
        self.end += length;
        Ok(length)
    }
}

impl Port {
    /// A datagram socket at an address of ours.
    pub(crate) fn datagrams(ours: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(ours)?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        // What arrives while the other end is served must not be lost. Where that is not allowed,
        // the usual size has to do.
        let _ = setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER);
        Ok(Self::Datagrams(socket))
    }

    /// An established connection.
    pub(crate) fn stream(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        // As for datagrams: a server drops what its peer does not read for long.
        let _ = setsockopt(&stream, RcvBufForce, &RECEIVE_BUFFER);
        Ok(Self::Stream(stream, Input::new(), Vec::new()))
    }

    /// The socket, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Datagrams(socket) => socket.as_fd(),
            Self::Stream(stream, ..) => stream.as_fd(),
        }
    }

    /// Sends a message; by a stream, with the next [`flush`](Self::flush). A datagram that does not
    /// leave is as good as lost on its way.
    pub(crate) fn send(&mut self, message: &[u8]) {
        match self {
            Self::Datagrams(socket) => {
                let _ = socket.send(message);
            }
            Self::Stream(_, _, waiting) => waiting.extend_from_slice(message),
        }
    }

    /// Sends what waits.
    pub(crate) fn flush(&mut self) {
        if let Self::Stream(stream, _, waiting) = self
            && !waiting.is_empty()
            && let Ok(sent) = stream.write(waiting)
        {
            waiting.drain(..sent);
        }
    }

    /// Takes the next message that is there; returns its length.
    pub(crate) fn receive(&mut self, message: &mut [u8]) -> io::Result<Option<usize>> {
        match self {
            Self::Datagrams(socket) => match socket.recv(message) {
                Ok(length) => Ok(Some(length)),
                // The server is not there (yet).
                Err(e) if e.kind() == ErrorKind::ConnectionRefused => Ok(None),
                Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(None),
                Err(e) => Err(e),
            },
            Self::Stream(stream, input, _) => loop {
                if let Some(length) = input.take(message) {
                    return Ok(Some(length));
                }
                match input.fill(stream) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(_) => {}
                    Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(None),
                    Err(e) => return Err(e),
                }
            },
        }
    }
}
