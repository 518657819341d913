//! A path between a phone and its server that loses datagrams.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use fastrand::Rng;

use crate::address::{AGENT_PORT, allocate};
use crate::scenario::Family;

/// How soon a stopped path notices.
const TICK: Duration = Duration::from_millis(100);

/// Carries datagrams both ways, all but some; ends when dropped.
pub struct LossyPath {
    /// Where the phone sends to.
    pub phone_side: SocketAddr,
    /// Where the server sees the phone.
    pub server_side: SocketAddr,
    state: Arc<State>,
    carriers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    lost: AtomicU32,
}

impl LossyPath {
    /// A path that loses about one datagram in `one_in`, the same ones in each run.
    pub fn open(phone: SocketAddr, server: SocketAddr, one_in: u32) -> Result<Self, String> {
        let place = || {
            let addr = allocate(Family::V4, AGENT_PORT);
            let socket = UdpSocket::bind(addr).map_err(|e| format!("{addr}: {e}"))?;
            socket
                .set_read_timeout(Some(TICK))
                .map_err(|e| e.to_string())?;
            Ok::<_, String>((addr, Arc::new(socket)))
        };
        let ((phone_side, near), (server_side, far)) = (place()?, place()?);
        let state = Arc::new(State::default());
        let carry = |from: &Arc<UdpSocket>, through: &Arc<UdpSocket>, to, seed| {
            let (from, through) = (Arc::clone(from), Arc::clone(through));
            let state = Arc::clone(&state);
            std::thread::spawn(move || carry(&from, &through, to, &state, seed, one_in))
        };
        let carriers = vec![carry(&near, &far, server, 7), carry(&far, &near, phone, 11)];
        Ok(Self {
            phone_side,
            server_side,
            state,
            carriers,
        })
    }

    /// How many datagrams were lost so far.
    pub fn lost(&self) -> u32 {
        self.state.lost.load(Ordering::Relaxed)
    }
}

impl Drop for LossyPath {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        for carrier in self.carriers.drain(..) {
            // A carrier that panicked has shown its message.
            let _ = carrier.join();
        }
    }
}

fn carry(
    from: &UdpSocket,
    through: &UdpSocket,
    to: SocketAddr,
    state: &State,
    seed: u32,
    one_in: u32,
) {
    let mut buffer = vec![0; 65_536];
    let mut dice = Rng::with_seed(u64::from(seed));
    while !state.stopped.load(Ordering::Relaxed) {
        // Nothing in time, or the echo of an ICMP message.
        let Ok(length) = from.recv(&mut buffer) else {
            continue;
        };
        if dice.u32(..one_in.max(1)) == 0 {
            state.lost.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        // Loss is what this is about.
        let _ = through.send_to(&buffer[..length], to);
    }
}
