//! Control sockets over tokio: unix streams and datagrams, UDP, TCP and named pipes.

mod access;
mod datagram;
mod outward;
mod pipe;
mod stream;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::control::{
    Answering, ControlAccess, ControlAddress, ControlError, ControlPeer, ControlService,
    ControlSocket, ControlSockets, Telling,
};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use outward::Pipes;

/// Opens control sockets on the server's runtime.
pub(crate) struct RuntimeControlSockets {
    runtime: Handle,
    pipes: Pipes,
}

impl RuntimeControlSockets {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            pipes: Pipes::default(),
        }
    }
}

impl ControlSockets for RuntimeControlSockets {
    fn open(
        &self,
        address: &ControlAddress,
        access: &ControlAccess,
        service: Arc<dyn ControlService>,
    ) -> Result<Arc<dyn ControlSocket>, ControlError> {
        // Sockets join the runtime that is entered.
        let _entered = self.runtime.enter();
        self.serve(address, access, service)
            .map(|socket| Arc::new(socket) as Arc<dyn ControlSocket>)
            .map_err(|error| ControlError {
                address: address.to_string(),
                reason: error.to_string(),
            })
    }

    fn tell(&self, to: ControlAddress, message: Vec<u8>, limit: Duration) -> Telling {
        match to {
            ControlAddress::Fifo(path) => Box::pin(self.pipes.clone().write(path, message, limit)),
            ControlAddress::UnixDatagram(path) => Box::pin(outward::send(path, message, limit)),
            ControlAddress::UnixStream(_) | ControlAddress::Udp(..) | ControlAddress::Tcp(..) => {
                Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
            }
        }
    }
}

impl RuntimeControlSockets {
    fn serve(
        &self,
        address: &ControlAddress,
        access: &ControlAccess,
        service: Arc<dyn ControlService>,
    ) -> io::Result<OpenSocket> {
        let clients = Clients::default();
        let mut local = address.clone();
        let task = match address {
            ControlAddress::UnixStream(path) => {
                let listener = access::with_access(path, access, || stream::bind_unix(path))?;
                self.runtime.spawn(stream::serve_unix(
                    listener,
                    local.clone(),
                    clients.clone(),
                    service,
                ))
            }
            ControlAddress::Tcp(host, port) => {
                let listener = stream::bind_tcp(host, *port)?;
                let bound = listener.local_addr()?;
                local = ControlAddress::Tcp(bound.ip().to_string(), bound.port());
                self.runtime.spawn(stream::serve_tcp(
                    listener,
                    local.clone(),
                    clients.clone(),
                    service,
                ))
            }
            ControlAddress::UnixDatagram(path) => {
                let socket = access::with_access(path, access, || datagram::bind_unix(path))?;
                self.runtime
                    .spawn(datagram::serve_unix(socket, local.clone(), service))
            }
            ControlAddress::Udp(host, port) => {
                let socket = datagram::bind_udp(host, *port)?;
                let bound = socket.local_addr()?;
                local = ControlAddress::Udp(bound.ip().to_string(), bound.port());
                self.runtime
                    .spawn(datagram::serve_udp(socket, local.clone(), service))
            }
            ControlAddress::Fifo(path) => {
                let receiver = access::with_access(path, access, || pipe::open(path))?;
                self.runtime
                    .spawn(pipe::serve(receiver, local.clone(), service))
            }
        };
        Ok(OpenSocket {
            file: file_of(address).map(Path::to_owned),
            address: local,
            clients,
            task: task.abort_handle(),
        })
    }
}

fn file_of(address: &ControlAddress) -> Option<&Path> {
    match address {
        ControlAddress::UnixStream(path)
        | ControlAddress::UnixDatagram(path)
        | ControlAddress::Fifo(path) => Some(path),
        ControlAddress::Udp(..) | ControlAddress::Tcp(..) => None,
    }
}

struct OpenSocket {
    address: ControlAddress,
    file: Option<PathBuf>,
    clients: Clients,
    task: AbortHandle,
}

impl ControlSocket for OpenSocket {
    fn address(&self) -> ControlAddress {
        self.address.clone()
    }

    fn connections(&self) -> Vec<ControlPeer> {
        self.clients
            .0
            .lock()
            .open
            .iter()
            .map(|(_, p)| p.clone())
            .collect()
    }

    fn close(&self) {
        self.task.abort();
        if let Some(file) = &self.file {
            // It may be gone already; there is nobody left to tell.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The open stream connections of a socket.
#[derive(Clone, Default)]
struct Clients(Arc<Mutex<ClientList>>);

#[derive(Default)]
struct ClientList {
    next: u64,
    open: Vec<(u64, ControlPeer)>,
}

impl Clients {
    /// Notes a connection, unless there are too many.
    fn enter(&self, peer: ControlPeer) -> Option<Visit> {
        const MOST: usize = 128;
        let mut list = self.0.lock();
        if list.open.len() >= MOST {
            return None;
        }
        let number = list.next;
        list.next += 1;
        list.open.push((number, peer));
        drop(list);
        Some(Visit {
            clients: self.clone(),
            number,
        })
    }
}

/// A connection's entry, for as long as it is open.
struct Visit {
    clients: Clients,
    number: u64,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.clients
            .0
            .lock()
            .open
            .retain(|(n, _)| *n != self.number);
    }
}

/// Answers that are waited for beside the requests that follow.
const MOST_ANSWERS: usize = 64;

/// Begins to answer a request; a slow method holds up no other task of the runtime.
fn answer(service: &Arc<dyn ControlService>, request: &[u8], peer: &ControlPeer) -> Answering {
    tokio::task::block_in_place(|| service.answer(request, peer))
}

#[cfg(test)]
mod tests;
