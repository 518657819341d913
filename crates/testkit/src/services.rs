//! The simulated services of one server.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use engine::load::{self, Library, Plan};
use engine::log::Level;
use engine::lost::Lost;
use engine::reload::ConfigSource;
use engine::services::{
    Candidate, Candidates, Clock, LocateQuery, Located, LogLine, LogSink, Lookup, Millis, Names,
    Network, Random, Record, RecordKind, Resolver, SendError, Services, Spawner, Token,
};
use engine::socket::{ConnectionId, Destination, Proto};
use parking_lot::Mutex;
use script::parse::parse_text;
use script::source::{Loader, MemoryLoader};

use crate::network::Wire;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What all servers and agents of a simulation share.
pub(crate) struct World {
    now: AtomicU64,
    dice: AtomicU64,
    /// Seconds by which somebody has set the wall clock forward.
    pub(crate) clock_shift: AtomicI64,
    pub(crate) wire: Mutex<Wire>,
    tasks: Mutex<Vec<Task>>,
    pub(crate) names: Mutex<HashMap<String, Candidates>>,
    /// What else DNS knows, by name and type.
    pub(crate) records: Mutex<HashMap<(String, RecordKind), Vec<Record>>>,
    /// Connections that were closed and not used since.
    pub(crate) closed: Mutex<HashSet<ConnectionId>>,
    /// Where connecting fails.
    pub(crate) dead: Mutex<HashSet<SocketAddr>>,
    /// Messages lost because of that, with the address of the server to tell.
    pub(crate) lost: Mutex<Vec<(SocketAddr, Lost)>>,
}

/// Time since the epoch at the start of every simulation: 2026-01-01 00:00 UTC.
const EPOCH: Duration = Duration::from_secs(1_767_225_600);

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: AtomicU64::new(0),
            dice: AtomicU64::new(seed),
            clock_shift: AtomicI64::new(0),
            wire: Mutex::default(),
            tasks: Mutex::default(),
            names: Mutex::default(),
            records: Mutex::default(),
            closed: Mutex::default(),
            dead: Mutex::default(),
            lost: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn set_now(&self, now: u64) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// The next number of a sequence that the seed determines (splitmix64).
    pub(crate) fn random(&self) -> u64 {
        let mut z = self
            .dice
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn send(&self, proto: Proto, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        let dice = || self.random() as f64 / u64::MAX as f64;
        self.wire
            .lock()
            .send(self.now(), proto, from, to, &bytes, dice);
    }

    /// Polls every task once.
    pub(crate) fn run_tasks(&self) {
        let mut cx = TaskContext::from_waker(std::task::Waker::noop());
        let mut running = std::mem::take(&mut *self.tasks.lock());
        running.retain_mut(|task| task.as_mut().poll(&mut cx).is_pending());
        let mut tasks = self.tasks.lock();
        running.append(&mut tasks);
        *tasks = running;
    }
}

/// Lines that a server logged.
#[derive(Default)]
pub(crate) struct Lines(Mutex<Vec<(Level, String)>>);

impl Lines {
    pub(crate) fn take(&self) -> Vec<(Level, String)> {
        std::mem::take(&mut self.0.lock())
    }
}

/// The services of one server, whose sockets have these addresses.
pub(crate) fn services(
    world: &Arc<World>,
    sockets: Vec<SocketAddr>,
    lines: &Arc<Lines>,
    config: &Arc<ConfigText>,
) -> Services {
    Services {
        clock: Box::new(SimClock(Arc::clone(world))),
        random: Box::new(SimRandom(Arc::clone(world))),
        network: Box::new(SimNetwork {
            world: Arc::clone(world),
            sockets,
        }),
        resolver: Box::new(SimResolver(Arc::clone(world))),
        log: Box::new(SimLog(Arc::clone(lines))),
        spawner: Box::new(SimSpawner(Arc::clone(world))),
        control: Box::new(engine::control::NoControlSockets),
        process: Box::new(engine::process::NoProcess),
        source: Box::new(SimSource(Arc::clone(config))),
    }
}

/// The configuration of a server: what it reads when it is told to.
pub(crate) struct ConfigText {
    pub(crate) text: Mutex<String>,
    pub(crate) library: Library,
    /// Files that it may name.
    pub(crate) files: MemoryLoader,
}

impl ConfigText {
    pub(crate) fn read(&self) -> Plan {
        let text = self.text.lock().clone();
        let options = script::preprocess::Options::default();
        let parsed = parse_text(Path::new("test.cfg"), text, &self.files, &options);
        let defines = parsed.defines.into_iter().map(|d| (d.name, d.value));
        let source = Arc::new(parsed.source);
        let mut plan = load::read(parsed.config, source, parsed.diagnostics, self.library);
        plan.settings.defines = defines.collect();
        plan
    }
}

struct SimSource(Arc<ConfigText>);

impl ConfigSource for SimSource {
    fn read(&self) -> Option<Plan> {
        Some(self.0.read())
    }

    fn loader(&self) -> &dyn Loader {
        &self.0.files
    }
}

struct SimClock(Arc<World>);

impl Clock for SimClock {
    fn now(&self) -> Millis {
        Millis(self.0.now())
    }

    fn unix(&self) -> Duration {
        let shift = self.0.clock_shift.load(Ordering::Relaxed);
        let time = EPOCH + Duration::from_millis(self.0.now());
        let by = Duration::from_secs(shift.unsigned_abs());
        if shift < 0 {
            time.saturating_sub(by)
        } else {
            time + by
        }
    }
}

struct SimRandom(Arc<World>);

impl Random for SimRandom {
    fn next(&self) -> u64 {
        self.0.random()
    }
}

struct SimNetwork {
    world: Arc<World>,
    sockets: Vec<SocketAddr>,
}

impl Network for SimNetwork {
    fn send(&self, to: &Destination, message: &[u8]) -> Result<(), SendError> {
        let from = self.source(to)?;
        self.world
            .send(to.proto, from, to.peer, Bytes::copy_from_slice(message));
        Ok(())
    }

    fn send_tracked(
        &self,
        to: &Destination,
        message: &[u8],
        token: Token,
    ) -> Result<(), SendError> {
        let dead = to.proto.is_reliable() && self.world.dead.lock().contains(&to.peer);
        if dead {
            let lost = Lost {
                token: Some(token),
                proto: to.proto,
                peer: to.peer,
                reason: "connection refused",
            };
            self.world.lost.lock().push((self.source(to)?, lost));
            return Ok(());
        }
        self.send(to, message)
    }

    fn close(&self, connection: ConnectionId) {
        self.world.closed.lock().insert(connection);
    }

    fn is_open(&self, connection: ConnectionId) -> bool {
        !self.world.closed.lock().contains(&connection)
    }
}

impl SimNetwork {
    /// The address of the socket that a message leaves by.
    fn source(&self, to: &Destination) -> Result<SocketAddr, SendError> {
        let known = self.sockets.get(usize::from(to.socket.0));
        known.copied().ok_or(SendError::NoSocket)
    }
}

/// Knows address literals and the names that a test gave.
struct SimResolver(Arc<World>);

impl Resolver for SimResolver {
    fn locate(&self, query: LocateQuery) -> Located {
        let Ok(host) = std::str::from_utf8(&query.host) else {
            return Located::Ready(Candidates::new());
        };
        let proto = query.proto.unwrap_or_default();
        if let Some(ip) = engine::net::parse_address(host) {
            let address = SocketAddr::new(ip, query.port.unwrap_or_else(|| proto.default_port()));
            return Located::Ready(std::iter::once(Candidate { proto, address }).collect());
        }
        let mut known = self.0.names.lock().get(host).cloned().unwrap_or_default();
        for candidate in &mut known {
            candidate.proto = query.proto.unwrap_or(candidate.proto);
        }
        // As a real lookup: the route is parked and goes on in a later step.
        Located::Later(Box::pin(async move { known }))
    }

    fn lookup(&self, name: Bytes, kind: RecordKind) -> Lookup {
        let name = String::from_utf8_lossy(&name).into_owned();
        let known = self.0.records.lock().get(&(name, kind)).cloned();
        Lookup::Later(Box::pin(async move { known.unwrap_or_default() }))
    }

    fn names_of(&self, _: std::net::IpAddr) -> Names {
        Names::Ready(Vec::new())
    }
}

struct SimLog(Arc<Lines>);

impl LogSink for SimLog {
    fn write(&self, line: &LogLine<'_>) {
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(line.prefix),
            String::from_utf8_lossy(line.message)
        );
        self.0
            .0
            .lock()
            .push((line.level, text.trim_end().to_owned()));
    }
}

struct SimSpawner(Arc<World>);

impl Spawner for SimSpawner {
    fn spawn(&self, work: Task) {
        self.0.tasks.lock().push(work);
    }

    fn sleep(&self, time: Duration) -> Task {
        let until = self.0.now() + u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Box::pin(Sleep {
            world: Arc::clone(&self.0),
            until,
        })
    }
}

struct Sleep {
    world: Arc<World>,
    until: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<()> {
        if self.world.now() >= self.until {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
