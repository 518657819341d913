//! A test endpoint: a UDP socket, a TCP listener and the connections it has.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::sync::Notify;

use crate::address::{CONNECT_PORT, V6_CONNECT_OFFSET};
use crate::message::text;

/// How a message travelled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Link {
    /// A datagram.
    Udp,
    /// A connection the agent opened, by number.
    Opened(u16),
    /// A connection the server opened, by number.
    Accepted(u16),
}

/// Something an agent received.
#[derive(Clone, Debug)]
pub struct Received {
    /// When.
    pub time: Instant,
    /// By which way.
    pub link: Link,
    /// Where a datagram came from.
    pub source: Option<SocketAddr>,
    /// The whole message; empty when the server closed the connection.
    pub text: String,
}

/// A test endpoint.
pub struct Agent {
    /// Where it listens, over UDP and TCP.
    pub addr: SocketAddr,
    /// Whether it sends its own requests over TCP.
    pub tcp: bool,
    udp: Arc<UdpSocket>,
    shared: Arc<Shared>,
    connection: Option<u16>,
    held: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Vec<Received>>,
    arrived: Notify,
    writers: Mutex<HashMap<u16, OwnedWriteHalf>>,
    connections: Mutex<u16>,
}

impl Agent {
    /// Opens the sockets and starts to listen.
    pub async fn open(addr: SocketAddr, tcp: bool) -> std::io::Result<Self> {
        let udp = Arc::new(UdpSocket::bind(addr).await?);
        let shared = Arc::new(Shared::default());
        tokio::spawn(read_datagrams(Arc::clone(&udp), Arc::clone(&shared)));
        tokio::spawn(accept(listen(addr)?, Arc::clone(&shared)));
        Ok(Self {
            addr,
            tcp,
            udp,
            shared,
            connection: None,
            held: Vec::new(),
        })
    }

    /// Keeps bytes back until the next [`Agent::send`].
    pub fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Sends to the server, over the agent's own transport or (`link`) where a request came from.
    /// `cuts` are offsets at which a stream is paused.
    pub async fn send(
        &mut self,
        server: SocketAddr,
        link: Option<Link>,
        bytes: &[u8],
        cuts: &[usize],
    ) -> std::io::Result<()> {
        let link = match link {
            Some(link) => link,
            None if self.tcp => Link::Opened(self.connect(server).await?),
            None => Link::Udp,
        };
        let mut data = std::mem::take(&mut self.held);
        data.extend_from_slice(bytes);
        match link {
            Link::Udp => self.udp.send_to(&data, server).await.map(|_| ()),
            Link::Opened(id) | Link::Accepted(id) => self.write(id, &data, cuts).await,
        }
    }

    /// Closes the connection the agent opened.
    pub fn close(&mut self) {
        if let Some(id) = self.connection.take() {
            lock(&self.shared.writers).remove(&id);
        }
    }

    /// Everything received so far.
    pub fn inbox(&self) -> Vec<Received> {
        lock(&self.shared.inbox).clone()
    }

    /// Waits until something arrives.
    pub async fn arrival(&self) {
        self.shared.arrived.notified().await;
    }

    async fn connect(&mut self, server: SocketAddr) -> std::io::Result<u16> {
        if let Some(id) = self.connection
            && lock(&self.shared.writers).contains_key(&id)
        {
            return Ok(id);
        }
        let id = self.shared.next_connection();
        let socket = match self.addr {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        let port = match self.addr {
            SocketAddr::V4(_) => CONNECT_PORT + id,
            SocketAddr::V6(addr) => addr.port() + V6_CONNECT_OFFSET,
        };
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::new(self.addr.ip(), port))?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        lock(&self.shared.writers).insert(id, writer);
        tokio::spawn(read_stream(
            reader,
            Link::Opened(id),
            Arc::clone(&self.shared),
        ));
        self.connection = Some(id);
        Ok(id)
    }

    async fn write(&self, id: u16, data: &[u8], cuts: &[usize]) -> std::io::Result<()> {
        let Some(mut writer) = lock(&self.shared.writers).remove(&id) else {
            return Err(std::io::ErrorKind::NotConnected.into());
        };
        let mut from = 0;
        for &cut in cuts {
            writer.write_all(&data[from..cut.min(data.len())]).await?;
            tokio::time::sleep(Duration::from_millis(60)).await;
            from = cut.min(data.len());
        }
        writer.write_all(&data[from..]).await?;
        lock(&self.shared.writers).insert(id, writer);
        Ok(())
    }
}

impl Shared {
    fn push(&self, link: Link, source: Option<SocketAddr>, text: String) {
        lock(&self.inbox).push(Received {
            time: Instant::now(),
            link,
            source,
            text,
        });
        self.arrived.notify_one();
    }

    fn next_connection(&self) -> u16 {
        let mut count = lock(&self.connections);
        *count += 1;
        *count
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(16)?;
    TcpListener::from_std(socket.into())
}

async fn read_datagrams(socket: Arc<UdpSocket>, shared: Arc<Shared>) {
    let mut buffer = vec![0; 65_536];
    loop {
        // An error here is the echo of an ICMP message about something sent: not ours to judge.
        if let Ok((length, source)) = socket.recv_from(&mut buffer).await {
            shared.push(Link::Udp, Some(source), text(&buffer[..length]));
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let id = shared.next_connection();
        let (reader, writer) = stream.into_split();
        lock(&shared.writers).insert(id, writer);
        tokio::spawn(read_stream(reader, Link::Accepted(id), Arc::clone(&shared)));
    }
}

async fn read_stream(mut reader: OwnedReadHalf, link: Link, shared: Arc<Shared>) {
    let mut pending = String::new();
    let mut buffer = vec![0; 65_536];
    loop {
        while let Some(length) = frame(&pending) {
            let rest = pending.split_off(
                pending
                    .char_indices()
                    .nth(length)
                    .map_or(pending.len(), |(i, _)| i),
            );
            shared.push(link, None, std::mem::replace(&mut pending, rest));
        }
        match reader.read(&mut buffer).await {
            Ok(length) if length > 0 => pending.push_str(&text(&buffer[..length])),
            _ => break,
        }
    }
    if !pending.is_empty() {
        shared.push(link, None, pending);
    }
    shared.push(link, None, String::new());
    if let Link::Opened(id) | Link::Accepted(id) = link {
        lock(&shared.writers).remove(&id);
    }
}

/// Length of the first whole message of a stream, in characters.
fn frame(stream: &str) -> Option<usize> {
    if stream.starts_with("\r\n") {
        return Some(2);
    }
    let (head, _) = stream.split_once("\r\n\r\n")?;
    let mut body = 0;
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if matches!(
            name.trim().to_ascii_lowercase().as_str(),
            "content-length" | "l"
        ) {
            body = value.trim().parse().unwrap_or(0);
        }
    }
    let length = head.chars().count() + 4 + body;
    (stream.chars().count() >= length).then_some(length)
}
