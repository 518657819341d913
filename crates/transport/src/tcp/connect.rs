//! The task of a connection that we open.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{
    Tcp,
    accept::set_options,
    connection::{Connection, Phase},
    counters::count,
    drain, read,
};
use crate::{CloseReason, live::LiveGuard};

/// Connects, writes what was queued meanwhile, and reads until the end.
pub(super) async fn run(
    tcp: Arc<Tcp>,
    conn: Arc<Connection>,
    bind: Option<SocketAddr>,
    guard: LiveGuard,
) {
    let reason = match establish(&tcp, &conn, bind).await {
        Ok(()) => {
            tcp.inbound.opened(&conn.info());
            read::run(&tcp, &conn).await
        }
        Err(reason) => reason,
    };
    tcp.finish(&conn, reason);
    drop(guard);
}

async fn establish(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    bind: Option<SocketAddr>,
) -> Result<(), CloseReason> {
    let attempt = timeout(
        tcp.options.connect_timeout,
        connect(conn.peer, bind, tcp.options.tos),
    );
    tokio::pin!(attempt);
    let stream = loop {
        tokio::select! {
            result = &mut attempt => break result,
            () = conn.signal.notified() => {
                if let Some(reason) = conn.close_requested() {
                    return Err(reason);
                }
            }
        }
    };
    let failed = |error: io::Error| CloseReason::ConnectFailed(error.kind());
    let stream = stream
        .map_err(|_| CloseReason::ConnectTimeout)?
        .map_err(failed)?;
    let local = stream.local_addr().map_err(failed)?;
    set_options(&stream, &tcp.options);
    conn.attach(stream, local);
    conn.touch(tcp.now());
    count(&tcp.tallies.connect_success);
    let mut outgoing = conn.outgoing.lock();
    outgoing.phase = Phase::Open;
    outgoing.draining = true;
    drop(outgoing);
    tcp.handle
        .spawn(drain::run(Arc::clone(tcp), Arc::clone(conn)));
    Ok(())
}

async fn connect(
    peer: SocketAddr,
    bind: Option<SocketAddr>,
    tos: Option<u8>,
) -> io::Result<TcpStream> {
    let socket = if peer.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(tos) = tos {
        // As on the listeners; an odd value must not cost the connection.
        let _ = if peer.is_ipv4() {
            socket.set_tos_v4(tos.into())
        } else {
            socket.set_tclass_v6(tos.into())
        };
    }
    if let Some(addr) = bind {
        socket.bind(addr)?;
    }
    socket.connect(peer).await
}
