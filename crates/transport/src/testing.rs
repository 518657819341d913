//! What the tests of this crate share: a recording [`Inbound`], a line framer,
//! and a running transport on loopback.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::{
    CloseReason, Config, ConnId, ConnInfo, Frame, Framer, Inbound, ListenAddress, Proto, SocketId,
    Transport, Undelivered,
};

/// Longer than anything may take on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A call of [`Inbound`].
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    Datagram(SocketId, SocketAddr, Option<IpAddr>, Vec<u8>),
    Message(ConnId, Vec<u8>),
    Opened(ConnId, SocketAddr),
    Closed(ConnId, CloseReason),
    Undelivered(Option<u128>, CloseReason),
}

/// Sends every call to the test. A message `panic` panics.
pub(crate) struct Recorder(Mutex<Sender<Event>>);

impl Recorder {
    fn tell(&self, event: Event) {
        // The test may have ended already.
        let _ = self.0.lock().unwrap().send(event);
    }
}

impl Inbound for Recorder {
    fn datagram(&self, socket: SocketId, peer: SocketAddr, local: Option<IpAddr>, buf: &[u8]) {
        assert!(buf != b"panic", "as the test asked");
        self.tell(Event::Datagram(socket, peer, local, buf.to_vec()));
    }

    fn stream(&self, conn: &ConnInfo, message: Bytes) {
        assert!(&message[..] != b"panic\n", "as the test asked");
        self.tell(Event::Message(conn.id, message.to_vec()));
    }

    fn opened(&self, conn: &ConnInfo) {
        self.tell(Event::Opened(conn.id, conn.peer));
    }

    fn closed(&self, conn: &ConnInfo, reason: CloseReason) {
        self.tell(Event::Closed(conn.id, reason));
    }

    fn undelivered(&self, report: &Undelivered) {
        self.tell(Event::Undelivered(report.token, report.reason));
    }
}

/// A message is a line; an empty line `\r\n` is a keepalive answered with
/// `pong\n`; spaces before a line are skipped; a zero byte is an error; `#`
/// begins a message of sixteen bytes.
pub(crate) struct Lines;

impl Framer for Lines {
    fn frame(&self, _: &ConnInfo, buffer: &[u8], seen: usize) -> Frame {
        match buffer[0] {
            b' ' => return Frame::Skip(1),
            0 => return Frame::Error,
            b'#' if buffer.len() < 16 => return Frame::NeedMore { at_least: 16 },
            b'#' => return Frame::Message(16),
            _ => {}
        }
        if buffer.starts_with(b"\r\n") {
            let reply = b"pong\n";
            return Frame::Keepalive { len: 2, reply };
        }
        match buffer[seen..].iter().position(|byte| *byte == b'\n') {
            Some(end) => Frame::Message(seen + end + 1),
            None => Frame::NeedMore { at_least: 0 },
        }
    }
}

/// A running transport and what it reports.
pub(crate) struct Rig {
    pub(crate) transport: Arc<Transport>,
    events: Receiver<Event>,
    _runtime: Runtime,
}

impl Rig {
    /// A transport with one socket of a protocol on a free port.
    pub(crate) fn new(proto: Proto, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            listen: vec![ListenAddress::new(proto, "127.0.0.1:0".parse().unwrap())],
            ..Config::default()
        };
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (sender, events) = channel();
        let transport = Arc::new(Transport::bind(config).unwrap());
        let recorder = Arc::new(Recorder(Mutex::new(sender)));
        transport
            .start(runtime.handle().clone(), recorder, Arc::new(Lines))
            .unwrap();
        Self {
            transport,
            events,
            _runtime: runtime,
        }
    }

    pub(crate) fn tcp() -> Self {
        Self::new(Proto::Tcp, |_| {})
    }

    /// The address of the first socket.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.transport.sockets()[0].addr
    }

    /// The next report.
    pub(crate) fn next(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("no event came")
    }

    /// The next report that `wanted` accepts; others are passed over.
    pub(crate) fn wait<T>(&self, wanted: impl Fn(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next()) {
                return found;
            }
        }
    }

    /// A client's stream to the first socket, and our identity of it.
    pub(crate) fn dial(&self) -> (TcpStream, ConnId) {
        let stream = TcpStream::connect(self.addr()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let local = stream.local_addr().unwrap();
        let id = self.wait(|event| match event {
            Event::Opened(id, peer) if peer == local => Some(id),
            _ => None,
        });
        (stream, id)
    }

    /// The next message.
    pub(crate) fn message(&self) -> (ConnId, Vec<u8>) {
        self.wait(|event| match event {
            Event::Message(id, bytes) => Some((id, bytes)),
            _ => None,
        })
    }

    /// Why a connection was closed.
    pub(crate) fn closed(&self, conn: ConnId) -> CloseReason {
        self.wait(|event| match event {
            Event::Closed(id, reason) if id == conn => Some(reason),
            _ => None,
        })
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.transport.stop(Duration::ZERO);
    }
}

/// Reads exactly so many bytes.
pub(crate) fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads to the end, whether in order or by a reset.
pub(crate) fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// Writes bytes.
pub(crate) fn write(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).unwrap();
}
