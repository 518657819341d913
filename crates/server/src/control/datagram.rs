//! Datagram control sockets: one request, one answer.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::control::{ControlAddress, ControlPeer, ControlService};
use tokio::net::{UdpSocket, UnixDatagram};

use super::{answer, stream};

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
        let reply = answer(&service, buffer.get(..len).unwrap_or_default(), &peer);
        // A client without a name cannot be answered.
        if let Some(path) = from.as_pathname()
            && !reply.bytes.is_empty()
        {
            let _ = tokio::time::timeout(WRITE_TIME, socket.send_to(&reply.bytes, path)).await;
        }
    }
}

pub(super) async fn serve_udp(
    socket: UdpSocket,
    local: ControlAddress,
    service: Arc<dyn ControlService>,
) {
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
        let reply = answer(&service, buffer.get(..len).unwrap_or_default(), &peer);
        if !reply.bytes.is_empty() {
            let _ = socket.send_to(&reply.bytes, from).await;
        }
    }
}
