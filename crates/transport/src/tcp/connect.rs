//! The task of a connection that we open.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpStream, time::timeout};

use super::{
    Tcp,
    accept::{set_limits, set_options},
    connection::{Connection, Phase},
    counters::count,
    drain,
    options::TcpOptions,
    read,
};
use crate::{CloseReason, live::LiveGuard};

/// Waits until the connection is established, writes what was queued
/// meanwhile, and reads until the end.
pub(super) async fn run(tcp: Arc<Tcp>, conn: Arc<Connection>, stream: Socket, guard: LiveGuard) {
    let reason = match establish(&tcp, &conn, stream).await {
        Ok(()) => {
            tcp.inbound.opened(&conn.info());
            read::run(&tcp, &conn, &[]).await
        }
        Err(reason) => reason,
    };
    tcp.finish(&conn, reason);
    drop(guard);
}

async fn establish(
    tcp: &Arc<Tcp>,
    conn: &Arc<Connection>,
    stream: Socket,
) -> Result<(), CloseReason> {
    let attempt = timeout(tcp.options.load().connect_timeout, established(stream));
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
    set_options(&stream, &tcp.options.load());
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

/// Begins to connect, without waiting.
pub(super) fn begin(
    peer: SocketAddr,
    bind: Option<SocketAddr>,
    options: &TcpOptions,
) -> io::Result<Socket> {
    match open(peer, bind, options) {
        // The port is one of a connection to this peer that has just ended, or another's.
        Err(error)
            if options.reuse_port
                && matches!(
                    error.kind(),
                    ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable
                ) =>
        {
            let any_port = bind.map(|addr| SocketAddr::new(addr.ip(), 0));
            open(peer, any_port, options)
        }
        result => result,
    }
}

fn open(peer: SocketAddr, bind: Option<SocketAddr>, options: &TcpOptions) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if let Some(tos) = options.tos {
        // As on the listeners; an odd value must not cost the connection.
        let _ = if peer.is_ipv4() {
            socket.set_tos_v4(tos.into())
        } else {
            socket.set_tclass_v6(tos.into())
        };
    }
    set_limits(&socket, options);
    if options.delayed_ack {
        let _ = socket.set_tcp_quickack(false);
    }
    if options.reuse_port && bind.is_some() {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    if let Some(addr) = bind {
        socket.bind(&addr.into())?;
    }
    match socket.connect(&peer.into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => match socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(socket),
        },
    }
}

/// Waits for the end of connecting.
async fn established(socket: Socket) -> io::Result<TcpStream> {
    let stream = TcpStream::from_std(socket.into())?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}
