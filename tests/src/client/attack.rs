//! Hostile traffic, sent from a thread until it is told to stop.

use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use fastrand::Rng;

/// Messages that an attack sends at most: it ends by itself.
const MOST: u64 = 200_000;
/// Between two messages: what matters is what is in them, and a test build is slow.
const PAUSE: Duration = Duration::from_millis(1);

/// An attack that runs.
pub struct Attack {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Attack {
    /// Sends datagrams from a place; `next` makes each of them.
    pub fn datagrams(
        from: SocketAddr,
        to: SocketAddr,
        mut next: impl FnMut(u64, &mut Rng) -> Vec<u8> + Send + 'static,
    ) -> Result<Self, String> {
        let socket = UdpSocket::bind(from).map_err(|e| format!("{from}: {e}"))?;
        Ok(Self::run(move |number, dice| {
            // What does not fit into a datagram or the queue is lost, as on any network.
            let _ = socket.send_to(&next(number, dice), to);
        }))
    }

    /// Opens a connection for each step and writes to all that are open; the server may close
    /// them, they are not opened again.
    pub fn streams(
        from: SocketAddr,
        to: SocketAddr,
        most: usize,
        mut next: impl FnMut(u64, &mut Rng) -> Vec<u8> + Send + 'static,
    ) -> Self {
        let mut open: Vec<TcpStream> = Vec::new();
        let mut tried = 0;
        Self::run(move |number, dice| {
            if tried < most {
                tried += 1;
                open.extend(connect(from, to));
            }
            let bytes = next(number, dice);
            open.retain_mut(|stream| match stream.write(&bytes) {
                Ok(_) => true,
                Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
            });
        })
    }

    fn run(mut step: impl FnMut(u64, &mut Rng) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&sent));
        let thread = std::thread::spawn(move || {
            // The same attack sends the same bytes in each run.
            let mut dice = Rng::with_seed(1);
            for number in 0..MOST {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                step(number, &mut dice);
                count.store(number + 1, Ordering::Relaxed);
                std::thread::sleep(PAUSE);
            }
        });
        Self {
            stop,
            sent,
            thread: Some(thread),
        }
    }

    /// Ends it and says how many steps it made.
    pub fn stop(mut self) -> u64 {
        self.end();
        self.sent.load(Ordering::Relaxed)
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so by itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        self.end();
    }
}

fn connect(from: SocketAddr, to: SocketAddr) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).ok()?;
    let local = SocketAddr::new(from.ip(), 0);
    socket.bind(&local.into()).ok()?;
    socket
        .connect_timeout(&to.into(), Duration::from_millis(200))
        .ok()?;
    socket.set_nonblocking(true).ok()?;
    Some(socket.into())
}
