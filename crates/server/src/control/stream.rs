//! Stream control sockets: requests one after the other on each connection.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::control::{ControlAddress, ControlFrame, ControlPeer, ControlService};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinSet;

use super::{Clients, answer};

/// How long a client may take to read an answer.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// Pause after a failed accept, so that a lack of descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    UnixListener::bind(path)
}

pub(super) fn bind_tcp(host: &str, port: u16) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(&*addresses(host, port)?)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// The addresses that a host of a control address means.
pub(super) fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let host = if host.is_empty() || host == "*" {
        "0.0.0.0"
    } else {
        host
    };
    Ok((host, port).to_socket_addrs()?.collect())
}

pub(super) async fn serve_unix(
    listener: UnixListener,
    local: ControlAddress,
    clients: Clients,
    service: Arc<dyn ControlService>,
) {
    let mut running = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        while running.try_join_next().is_some() {}
        let peer = ControlPeer {
            local: local.clone(),
            host: None,
            port: None,
        };
        running.spawn(converse(
            stream,
            peer,
            clients.clone(),
            Arc::clone(&service),
        ));
    }
}

pub(super) async fn serve_tcp(
    listener: TcpListener,
    local: ControlAddress,
    clients: Clients,
    service: Arc<dyn ControlService>,
) {
    let mut running = JoinSet::new();
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        while running.try_join_next().is_some() {}
        let peer = ControlPeer {
            local: local.clone(),
            host: Some(from.ip().to_string()),
            port: Some(from.port()),
        };
        running.spawn(converse(
            stream,
            peer,
            clients.clone(),
            Arc::clone(&service),
        ));
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: ControlPeer,
    clients: Clients,
    service: Arc<dyn ControlService>,
) {
    let Some(_visit) = clients.enter(peer.clone()) else {
        return;
    };
    let mut buffer = Vec::new();
    loop {
        while !buffer.is_empty() {
            match service.frame(&buffer) {
                ControlFrame::NeedMore => break,
                ControlFrame::Skip(len) => {
                    buffer.drain(..len.clamp(1, buffer.len()));
                }
                ControlFrame::Request(len) => {
                    let request: Vec<u8> = buffer.drain(..len.clamp(1, buffer.len())).collect();
                    let answer = answer(&service, &request, &peer).wait().await;
                    let written =
                        tokio::time::timeout(WRITE_TIME, stream.write_all(&answer.bytes)).await;
                    if answer.close || !matches!(written, Ok(Ok(()))) {
                        return;
                    }
                }
            }
        }
        if buffer.len() > service.max_request() {
            return;
        }
        match stream.read_buf(&mut buffer).await {
            Ok(count) if count > 0 => {}
            _ => return,
        }
    }
}
