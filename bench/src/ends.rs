//! Both ends of the traffic: callers and callees, and waiting for what they receive.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::port::{Port, Transport};

/// The first port of callers and of callees: those of one number belong together.
pub(crate) const FIRST_PORT: u16 = 20_000;

/// The token of the listener.
const LISTENER: u64 = u64::MAX;
/// Set in the tokens of callees.
const CALLEE: u64 = 1 << 32;

/// Where everybody is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The server under load.
    pub(crate) server: SocketAddr,
    /// The callers' address.
    pub(crate) callers: Ipv4Addr,
    /// The callees' address.
    pub(crate) callees: Ipv4Addr,
    /// How the callers reach the server.
    pub(crate) from: Transport,
    /// How the server reaches the callees.
    pub(crate) to: Transport,
    /// How many callers and callees there are; one over TCP.
    pub(crate) peers: u16,
}

impl Place {
    /// Whether anybody sends by a stream.
    fn has_streams(&self) -> bool {
        self.from == Transport::Tcp || self.to == Transport::Tcp
    }
}

/// Who received something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Caller(usize),
    Callee(usize),
}

/// The sockets.
pub(crate) struct Ends {
    epoll: Epoll,
    listener: Option<TcpListener>,
    callers: Vec<Port>,
    callees: Vec<Port>,
    ready: Vec<EpollEvent>,
    has_streams: bool,
}

impl Ends {
    /// Binds and connects them all. The server must be up if anything goes over TCP.
    pub(crate) fn open(place: &Place) -> io::Result<Self> {
        let mut ends = Self {
            epoll: Epoll::new(EpollCreateFlags::empty())?,
            listener: None,
            callers: Vec::new(),
            callees: Vec::new(),
            ready: vec![EpollEvent::empty(); 256],
            has_streams: place.has_streams(),
        };
        for number in 0..place.peers {
            let address = |host: Ipv4Addr| SocketAddr::from((host, FIRST_PORT + number));
            let port = match place.from {
                Transport::Udp => Port::datagrams(address(place.callers), place.server)?,
                Transport::Tcp => Port::stream(TcpStream::connect(place.server)?)?,
            };
            ends.watch(&port, u64::from(number))?;
            ends.callers.push(port);
            match place.to {
                Transport::Udp => {
                    let port = Port::datagrams(address(place.callees), place.server)?;
                    ends.watch(&port, CALLEE | u64::from(number))?;
                    ends.callees.push(port);
                }
                Transport::Tcp if number == 0 => {
                    let listener = TcpListener::bind(address(place.callees))?;
                    listener.set_nonblocking(true)?;
                    let event = EpollEvent::new(EpollFlags::EPOLLIN, LISTENER);
                    ends.epoll.add(&listener, event)?;
                    ends.listener = Some(listener);
                }
                Transport::Tcp => {}
            }
        }
        Ok(ends)
    }

    fn watch(&self, port: &Port, token: u64) -> io::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token);
        Ok(self.epoll.add(port.fd(), event)?)
    }

    /// Sends a message of one side.
    pub(crate) fn send(&mut self, side: Side, message: &[u8]) {
        let port = match side {
            Side::Caller(number) => {
                let count = self.callers.len().max(1);
                self.callers.get_mut(number % count)
            }
            Side::Callee(number) => self.callees.get_mut(number),
        };
        if let Some(port) = port {
            port.send(message);
        }
    }

    /// Waits, at most so many milliseconds, and gathers who has something to receive.
    pub(crate) fn wait(&mut self, millis: u16, sides: &mut Vec<Side>) -> io::Result<()> {
        sides.clear();
        if self.has_streams {
            for port in self.callers.iter_mut().chain(&mut self.callees) {
                port.flush();
            }
        }
        let count = match self.epoll.wait(&mut self.ready, EpollTimeout::from(millis)) {
            Ok(count) => count,
            Err(nix::Error::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        for index in 0..count {
            let token = self.ready[index].data();
            if token == LISTENER {
                self.accept()?;
            } else if token & CALLEE != 0 {
                sides.push(Side::Callee((token & !CALLEE) as usize));
            } else {
                sides.push(Side::Caller(token as usize));
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        let Some(listener) = &self.listener else {
            return Ok(());
        };
        match listener.accept() {
            Ok((stream, _)) => {
                let port = Port::stream(stream)?;
                self.watch(&port, CALLEE | self.callees.len() as u64)?;
                self.callees.push(port);
                Ok(())
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Takes the next message that a side has; returns its length.
    pub(crate) fn receive(&mut self, side: Side, message: &mut [u8]) -> io::Result<Option<usize>> {
        let port = match side {
            Side::Caller(number) => self.callers.get_mut(number),
            Side::Callee(number) => self.callees.get_mut(number),
        };
        port.map_or(Ok(None), |port| port.receive(message))
    }
}
