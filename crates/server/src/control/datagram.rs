//! Datagram control sockets: one request, one answer.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::control::{Answering, ControlAddress, ControlAnswer, ControlPeer, ControlService};
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::task::JoinSet;

use super::{MOST_ANSWERS, answer, stream};

/// Longest datagram of a unix socket that is taken.
const LONGEST: usize = 65_536;

/// How long a client's full queue may hold up its answer.
const WRITE_TIME: Duration = Duration::from_secs(2);

/// Pause after a failed receive.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn bind_unix(path: &Path) -> io::Result<UnixDatagram> {
    UnixDatagram::bind(path)
}

pub(super) fn bind_udp(host: &str, port: u16) -> io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind(&*stream::addresses(host, port)?)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

pub(super) async fn serve_unix(
    socket: UnixDatagram,
    local: ControlAddress,
    service: Arc<dyn ControlService>,
) {
    let socket = Arc::new(socket);
    let mut waiting = JoinSet::new();
    let mut buffer = vec![0; LONGEST];
    let peer = ControlPeer {
        local,
        host: None,
        port: None,
    };
    loop {
        let Ok((len, from)) = socket.recv_from(&mut buffer).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let answer = answer(&service, buffer.get(..len).unwrap_or_default(), &peer);
        // A client without a name cannot be answered.
        let Some(path) = from.as_pathname().map(Path::to_owned) else {
            continue;
        };
        match answer {
            Answering::Now(answer) => send_unix(&socket, answer, path).await,
            Answering::Later(later) => {
                let socket = Arc::clone(&socket);
                wait(&mut waiting, async move {
                    send_unix(&socket, later.await, path).await;
                });
            }
        }
    }
}

async fn send_unix(socket: &UnixDatagram, answer: ControlAnswer, to: PathBuf) {
    if !answer.bytes.is_empty() {
        let _ = tokio::time::timeout(WRITE_TIME, socket.send_to(&answer.bytes, to)).await;
    }
}

/// Lets an answer come beside the requests that follow, unless too many do.
fn wait(waiting: &mut JoinSet<()>, answer: impl Future<Output = ()> + Send + 'static) {
    while waiting.try_join_next().is_some() {}
    if waiting.len() < MOST_ANSWERS {
        waiting.spawn(answer);
    }
}

pub(super) async fn serve_udp(
    socket: UdpSocket,
    local: ControlAddress,
    service: Arc<dyn ControlService>,
) {
    let socket = Arc::new(socket);
    let mut waiting = JoinSet::new();
    let mut buffer = vec![0; LONGEST];
    loop {
        let Ok((len, from)) = socket.recv_from(&mut buffer).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let peer = ControlPeer {
            local: local.clone(),
            host: Some(from.ip().to_string()),
            port: Some(from.port()),
        };
        match answer(&service, buffer.get(..len).unwrap_or_default(), &peer) {
            Answering::Now(answer) => send_udp(&socket, answer, from).await,
            Answering::Later(later) => {
                let socket = Arc::clone(&socket);
                wait(&mut waiting, async move {
                    send_udp(&socket, later.await, from).await;
                });
            }
        }
    }
}

async fn send_udp(socket: &UdpSocket, answer: ControlAnswer, to: SocketAddr) {
    if !answer.bytes.is_empty() {
        let _ = socket.send_to(&answer.bytes, to).await;
    }
}
