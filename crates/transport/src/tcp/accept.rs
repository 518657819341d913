//! The task of a listener.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};

use super::{Tcp, connection::Phase, counters::count, options::TcpOptions, proxy, read};
use crate::{Direction, Proto, SocketId, sockopt::IntOption};

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
    set_options(&stream, &tcp.options.load());
    if tcp.options.load().proxy_protocol {
        tcp.greeting.fetch_add(1, Ordering::Relaxed);
        let tcp = Arc::clone(tcp);
        tokio::spawn(async move { greeted(&tcp, socket, stream, peer, local).await });
        return;
    }
    begin(tcp, socket, stream, (peer, local), Vec::new());
}

/// Waits for the header of the PROXY protocol, which says who the peer is.
async fn greeted(
    tcp: &Arc<Tcp>,
    socket: SocketId,
    mut stream: TcpStream,
    peer: SocketAddr,
    local: SocketAddr,
) {
    let limit = tcp.options.load().wait_data;
    let greeting = tokio::time::timeout(limit, proxy::read(&mut stream)).await;
    tcp.greeting.fetch_sub(1, Ordering::Relaxed);
    let Ok(Ok(greeting)) = greeting else {
        count(&tcp.tallies.local_reject);
        // The peer shall see at once that this is no silence.
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return;
    };
    let peer = greeting.source.unwrap_or(peer);
    if tcp.has_room(peer.ip()) {
        begin(tcp, socket, stream, (peer, local), greeting.rest);
    } else {
        count(&tcp.tallies.local_reject);
    }
}

/// A connection is there. `early` are bytes that were read already.
fn begin(
    tcp: &Arc<Tcp>,
    socket: SocketId,
    stream: TcpStream,
    (peer, local): (SocketAddr, SocketAddr),
    early: Vec<u8>,
) {
    count(&tcp.tallies.passive_open);
    let conn = tcp.new_connection(Proto::Tcp, peer, Some(socket), Direction::Accepted);
    conn.attach(stream, local);
    conn.outgoing.lock().phase = Phase::Open;
    tcp.table.insert(&conn, tcp.options.load().peer_taken);
    let (tcp, guard) = (Arc::clone(tcp), tcp.live.enter());
    tokio::spawn(async move {
        tcp.inbound.opened(&conn.info());
        let reason = read::run(&tcp, &conn, &early).await;
        tcp.finish(&conn, reason);
        drop(guard);
    });
}

/// What limits the opening and the end of a stream. Refusal costs nothing but the limit.
pub(crate) fn set_limits(socket: &socket2::Socket, options: &TcpOptions) {
    if let Some(count) = options.syn_count {
        let _ = IntOption::SYN_COUNT.set(socket, count);
    }
    if let Some(seconds) = options.linger2 {
        let _ = IntOption::LINGER2.set(socket, seconds);
    }
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
