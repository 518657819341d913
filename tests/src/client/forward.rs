//! A router that forwards a public port to a server behind it, as routers of homes and container
//! hosts do: each client gets a port of the router's towards the server.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A forwarded UDP port; its threads end with the test's process.
pub struct ForwardedPort {
    passed: Arc<AtomicUsize>,
}

impl ForwardedPort {
    /// Forwards `public` to `server`, from ports of the router's inner address.
    pub fn open(public: SocketAddr, inner: IpAddr, server: SocketAddr) -> Result<Self, String> {
        let outside = UdpSocket::bind(public).map_err(|e| format!("{public}: {e}"))?;
        let outside = Arc::new(outside);
        let passed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&passed);
        std::thread::spawn(move || {
            let mut clients: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
            let mut buffer = vec![0; 65_536];
            while let Ok((length, client)) = outside.recv_from(&mut buffer) {
                counter.fetch_add(1, Ordering::Relaxed);
                let known = clients.get(&client).cloned();
                let inside = known.or_else(|| back_way(&outside, inner, client));
                let Some(inside) = inside else {
                    continue;
                };
                // A datagram that cannot be sent is a lost one.
                let _ = inside.send_to(&buffer[..length], server);
                clients.insert(client, inside);
            }
        });
        Ok(Self { passed })
    }

    /// How many datagrams came from outside.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }
}

/// A socket towards the server, what comes back on which goes to a client from the public port.
fn back_way(outside: &Arc<UdpSocket>, inner: IpAddr, client: SocketAddr) -> Option<Arc<UdpSocket>> {
    let inside = Arc::new(UdpSocket::bind((inner, 0)).ok()?);
    let (outside, back) = (Arc::clone(outside), Arc::clone(&inside));
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok((length, _)) = back.recv_from(&mut buffer) {
            let _ = outside.send_to(&buffer[..length], client);
        }
    });
    Some(inside)
}
