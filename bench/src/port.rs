//! One end of the traffic: a datagram socket or a stream, neither of which ever blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;

use crate::text;

/// Bytes of datagrams that may wait.
const RECEIVE_BUFFER: usize = 8 << 20;

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
    /// With what has not become a message yet, and what the server has not read yet.
    Stream(TcpStream, Vec<u8>, Vec<u8>),
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
        Ok(Self::Stream(stream, Vec::new(), Vec::new()))
    }

    /// The socket, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Datagrams(socket) => socket.as_fd(),
            Self::Stream(stream, ..) => stream.as_fd(),
        }
    }

    /// Sends a message. A datagram that does not leave is as good as lost on its way.
    pub(crate) fn send(&mut self, message: &[u8]) {
        match self {
            Self::Datagrams(socket) => {
                let _ = socket.send(message);
            }
            Self::Stream(_, _, waiting) => {
                waiting.extend_from_slice(message);
                self.flush();
            }
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

    /// The next message that is there.
    pub(crate) fn receive(&mut self, message: &mut Vec<u8>) -> io::Result<bool> {
        match self {
            Self::Datagrams(socket) => {
                message.resize(65_536, 0);
                let length = match socket.recv(message) {
                    Ok(length) => length,
                    // The server is not there (yet).
                    Err(e) if e.kind() == ErrorKind::ConnectionRefused => return Ok(false),
                    Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
                    Err(e) => return Err(e),
                };
                message.truncate(length);
                Ok(true)
            }
            Self::Stream(stream, input, _) => {
                let mut chunk = [0; 16_384];
                loop {
                    if let Some(length) = text::framed(input) {
                        message.clear();
                        message.extend(input.drain(..length));
                        return Ok(true);
                    }
                    match stream.read(&mut chunk) {
                        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                        Ok(length) => input.extend_from_slice(&chunk[..length]),
                        Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
                        Err(e) => return Err(e),
                    }
                }
            }
        }
    }
}
