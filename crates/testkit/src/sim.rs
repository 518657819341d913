//! Servers, agents and the passing of time.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use engine::Core;
use engine::load::Library;
use engine::log::Level;
use engine::rpc::{RpcResult, RpcValue};
use engine::services::{Candidate, Candidates, Record, RecordKind};
use engine::socket::{ConnectionId, ListenSocket, Proto, Received, SocketId, SocketTable};
use parking_lot::Mutex;
use script::source::MemoryLoader;

use crate::network::{Flight, Link};
use crate::services::{ConfigText, Lines, World, services};

/// Milliseconds between two looks at the servers' timers.
const TICK: u64 = 10;

/// A simulated world. Clones share it.
#[derive(Clone)]
pub struct Sim {
    world: Arc<World>,
    hosts: Arc<Mutex<Hosts>>,
}

#[derive(Default)]
struct Hosts {
    servers: HashMap<SocketAddr, Arc<Core>>,
    agents: HashMap<SocketAddr, Arc<Mutex<VecDeque<Arrival>>>>,
}

struct Arrival {
    from: SocketAddr,
    text: String,
}

/// A server in the simulation.
pub struct Server {
    /// Its core, for looking inside.
    pub core: Arc<Core>,
    lines: Arc<Lines>,
    config: Arc<ConfigText>,
}

/// An endpoint driven by the test.
pub struct Agent {
    world: Arc<World>,
    address: SocketAddr,
    proto: Proto,
    inbox: Arc<Mutex<VecDeque<Arrival>>>,
}

impl Sim {
    /// A world whose course the seed determines.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            world: Arc::new(World::new(seed)),
            hosts: Arc::default(),
        }
    }

    /// Changes what the network does to messages from now on.
    pub fn set_link(&self, link: Link) {
        self.world.wire.lock().link = link;
    }

    /// Sets the wall clock forward (or back) by so many seconds against its true course.
    pub fn set_clock(&self, seconds: i64) {
        self.world.clock_shift.store(seconds, Ordering::Relaxed);
    }

    /// Lets a host name mean an address, over UDP unless something else is asked for.
    pub fn name(&self, name: &str, address: &str) {
        self.names(name, &[address]);
    }

    /// Lets a host name mean several addresses, in the order to try them.
    pub fn names(&self, name: &str, addresses: &[&str]) {
        let candidate = |address: &&str| Candidate {
            proto: Proto::Udp,
            address: parse(address),
        };
        let candidates: Candidates = addresses.iter().map(candidate).collect();
        self.world.names.lock().insert(name.to_owned(), candidates);
    }

    /// Lets a name have a DNS record, for modules that look records up.
    pub fn record(&self, name: &str, kind: RecordKind, record: Record) {
        let mut records = self.world.records.lock();
        let key = (name.to_owned(), kind);
        records.entry(key).or_default().push(record);
    }

    /// Starts a server that listens on UDP and TCP at an address and runs a configuration.
    ///
    /// # Errors
    /// The diagnostics, one a line, when the configuration has errors.
    pub fn server(&self, address: &str, config: &str, library: Library) -> Result<Server, String> {
        let address = parse(address);
        let config = Arc::new(ConfigText {
            text: Mutex::new(config.to_owned()),
            library,
            files: MemoryLoader::default(),
        });
        let plan = config.read();
        let source = Arc::clone(plan.source());
        let sockets = [Proto::Udp, Proto::Tcp];
        let table = (0..)
            .zip(sockets)
            .map(|(id, proto)| ListenSocket::new(SocketId(id), proto, address))
            .collect();
        let lines = Arc::new(Lines::default());
        let services = services(&self.world, vec![address; sockets.len()], &lines, &config);
        let built = plan.build(services, SocketTable::new(table, Vec::new()));
        let Some(core) = built.core else {
            return Err(script::diagnostic::render_concise(
                &built.diagnostics,
                &source,
            ));
        };
        core.start().map_err(|e| e.to_string())?;
        self.hosts.lock().servers.insert(address, Arc::clone(&core));
        Ok(Server {
            core,
            lines,
            config,
        })
    }

    /// An endpoint on UDP.
    #[must_use]
    pub fn agent(&self, address: &str) -> Agent {
        self.agent_on(address, Proto::Udp)
    }

    /// An endpoint on a transport.
    #[must_use]
    pub fn agent_on(&self, address: &str, proto: Proto) -> Agent {
        let address = parse(address);
        let inbox: Arc<Mutex<VecDeque<Arrival>>> = Arc::default();
        self.hosts.lock().agents.insert(address, Arc::clone(&inbox));
        Agent {
            world: Arc::clone(&self.world),
            address,
            proto,
            inbox,
        }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.world.now()
    }

    /// Lets time pass, from event to event.
    pub fn run_for(&self, millis: u64) {
        let end = self.world.now() + millis;
        loop {
            self.settle();
            let now = self.world.now();
            if now >= end {
                return;
            }
            let tick = (now / TICK + 1) * TICK;
            let next = self
                .world
                .wire
                .lock()
                .next_arrival()
                .unwrap_or(u64::MAX)
                .min(tick)
                .min(end);
            self.world.set_now(next.max(now + 1));
            if self.world.now() >= tick {
                let servers: Vec<Arc<Core>> = self.hosts.lock().servers.values().cloned().collect();
                for core in servers {
                    core.tick();
                }
            }
        }
    }

    /// Lets connections to an address fail, after their messages were taken.
    pub fn refuse(&self, address: &str) {
        self.world.dead.lock().insert(parse(address));
    }

    /// Closes the connection of an agent, until it sends again.
    pub fn hang_up(&self, agent: &Agent) {
        let id = connection_id(agent.address);
        self.world.closed.lock().insert(id);
    }

    /// Whether the connection of an agent is open.
    #[must_use]
    pub fn is_connected(&self, agent: &Agent) -> bool {
        let id = connection_id(agent.address);
        !self.world.closed.lock().contains(&id)
    }

    /// Tells servers of the messages that they lost.
    fn report_lost(&self) {
        let lost = std::mem::take(&mut *self.world.lost.lock());
        for (sender, lost) in lost {
            let core = self.hosts.lock().servers.get(&sender).cloned();
            if let Some(core) = core {
                engine::lost::report(&core, &lost);
            }
        }
    }

    /// Delivers what has arrived and runs what can run, until nothing moves.
    fn settle(&self) {
        loop {
            self.world.run_tasks();
            self.report_lost();
            let flight = self.world.wire.lock().arrived(self.world.now());
            match flight {
                Some(flight) => self.deliver(flight),
                None => return self.world.run_tasks(),
            }
        }
    }

    fn deliver(&self, flight: Flight) {
        let (server, agent) = {
            let hosts = self.hosts.lock();
            (
                hosts.servers.get(&flight.to).cloned(),
                hosts.agents.get(&flight.to).cloned(),
            )
        };
        if let Some(core) = server {
            let socket = core
                .sockets
                .all()
                .iter()
                .find(|s| s.proto == flight.proto && s.address == flight.to);
            let Some(socket) = socket.map(|s| s.id) else {
                return;
            };
            let connection = flight
                .proto
                .is_reliable()
                .then(|| connection_id(flight.from));
            let received = Received {
                proto: flight.proto,
                source: flight.from,
                destination: flight.to,
                socket,
                connection,
            };
            engine::receive::receive(&core, flight.bytes, received);
        } else if let Some(inbox) = agent {
            let text = String::from_utf8_lossy(&flight.bytes).into_owned();
            inbox.lock().push_back(Arrival {
                from: flight.from,
                text,
            });
        }
    }
}

/// One connection for each peer, numbered by its address.
fn connection_id(peer: SocketAddr) -> ConnectionId {
    let host = match peer.ip() {
        std::net::IpAddr::V4(ip) => u64::from(ip.to_bits()),
        std::net::IpAddr::V6(ip) => ip.to_bits() as u64,
    };
    ConnectionId(host << 16 | u64::from(peer.port()))
}

fn parse(address: &str) -> SocketAddr {
    address
        .parse()
        .unwrap_or_else(|_| panic!("`{address}` is no socket address"))
}

impl Server {
    /// What it logged since the last call, without the levels.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        self.lines
            .take()
            .into_iter()
            .map(|(_, line)| line)
            .collect()
    }

    /// What it logged since the last call.
    #[must_use]
    pub fn log(&self) -> Vec<(Level, String)> {
        self.lines.take()
    }

    /// Changes the configuration that `ferrosip.reload` reads.
    pub fn set_config(&self, text: &str) {
        text.clone_into(&mut self.config.text.lock());
    }

    /// Calls an RPC method.
    ///
    /// # Errors
    /// The method's fault.
    pub fn rpc(&self, method: &str, args: &[RpcValue]) -> RpcResult {
        self.core.rpcs.call(&self.core, method, args)
    }
}

impl Agent {
    /// Sends a message; line ends may be bare LF in the text, they become CRLF.
    pub fn send(&self, to: &str, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        self.send_bytes(to, text.as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&self, to: &str, bytes: &[u8]) {
        let id = connection_id(self.address);
        self.world.closed.lock().remove(&id);
        self.world.send(
            self.proto,
            self.address,
            parse(to),
            Bytes::copy_from_slice(bytes),
        );
    }

    /// The oldest message not yet taken.
    #[must_use]
    pub fn receive(&self) -> Option<String> {
        self.inbox.lock().pop_front().map(|a| a.text)
    }

    /// All messages not yet taken.
    pub fn receive_all(&self) -> Vec<String> {
        self.inbox.lock().drain(..).map(|a| a.text).collect()
    }

    /// The oldest message not yet taken, with its sender.
    #[must_use]
    pub fn receive_from(&self) -> Option<(SocketAddr, String)> {
        self.inbox.lock().pop_front().map(|a| (a.from, a.text))
    }
}
