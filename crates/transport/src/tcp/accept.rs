//! The task of a listener.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};

use super::{Tcp, connection::Phase, counters::count, options::TcpOptions, read};
use crate::{Direction, Proto, SocketId};

/// How long to wait when the process has no descriptor left.
const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until the task is aborted.
pub(super) async fn run(tcp: Arc<Tcp>, socket: SocketId, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => accepted(&tcp, socket, stream, peer),
            Err(_) => tokio::time::sleep(ERROR_PAUSE).await,
        }
    }
}

fn accepted(tcp: &Arc<Tcp>, socket: SocketId, stream: TcpStream, peer: SocketAddr) {
    if !tcp.has_room(peer.ip()) {
        count(&tcp.tallies.local_reject);
        return;
    }
    // A peer that is gone already has no local address either.
    let Ok(local) = stream.local_addr() else {
        return;
    };
    set_options(&stream, &tcp.options);
    count(&tcp.tallies.passive_open);
    let conn = tcp.new_connection(Proto::Tcp, peer, Some(socket), Direction::Accepted);
    conn.attach(stream, local);
    conn.outgoing.lock().phase = Phase::Open;
    tcp.table.insert(&conn);
    let (tcp, guard) = (Arc::clone(tcp), tcp.live.enter());
    tokio::spawn(async move {
        tcp.inbound.opened(&conn.info());
        let reason = read::run(&tcp, &conn).await;
        tcp.finish(&conn, reason);
        drop(guard);
    });
}

/// Options of an established stream. Refusal is no reason to lose the peer.
pub(super) fn set_options(stream: &TcpStream, options: &TcpOptions) {
    let _ = stream.set_nodelay(true);
    let Some(wanted) = options.keepalive else {
        return;
    };
    let mut keepalive = TcpKeepalive::new();
    if let Some(idle) = wanted.idle {
        keepalive = keepalive.with_time(idle);
    }
    if let Some(interval) = wanted.interval {
        keepalive = keepalive.with_interval(interval);
    }
    if let Some(probes) = wanted.count {
        keepalive = keepalive.with_retries(probes);
    }
    let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
}
