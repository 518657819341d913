//! Finding connections: by identity, and by the addresses that lead to them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ahash::RandomState;
use hashbrown::HashMap;
use parking_lot::Mutex;

use super::connection::{Connection, Phase};
use super::options::Taken;
use crate::{ConnId, Proto, SocketId};

/// Shards of each index; a power of two.
const SHARDS: usize = 16;

/// One part of an index, with its own lock.
type Shard<K, V> = Mutex<HashMap<K, V, RandomState>>;

/// An address that leads to connections.
type Route = (Proto, SocketAddr);

/// Which of the connections with a peer may be used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// The listening socket that asks; any will do when absent.
    pub(super) socket: Option<SocketId>,
    /// The addresses of the listening sockets.
    pub(super) homes: &'a [IpAddr],
    /// Whether a connection of this very socket goes before newer ones.
    pub(super) socket_first: bool,
}

impl Wanted<'_> {
    /// Whether a connection of a socket belongs to the address that is wanted.
    fn has_home_of(&self, socket: Option<SocketId>) -> bool {
        let home = |id: SocketId| self.homes.get(id.0 as usize);
        match (self.socket, socket) {
            (None, _) => true,
            (Some(wanted), Some(own)) => wanted == own || home(wanted) == home(own),
            (Some(_), None) => false,
        }
    }
}

/// All connections. Peers choose their ports, so the keys are hashed with
/// random seeds.
#[derive(Debug)]
pub(super) struct Table {
    hasher: RandomState,
    ids: Vec<Shard<ConnId, Entry>>,
    routes: Vec<Shard<Route, Vec<Arc<Connection>>>>,
    per_ip: Mutex<HashMap<IpAddr, usize, RandomState>>,
    len: AtomicUsize,
    max_aliases: usize,
}

#[derive(Debug)]
struct Entry {
    conn: Arc<Connection>,
    /// The routes that lead here, the peer's own address first.
    routes: Vec<SocketAddr>,
}

impl Table {
    pub(super) fn new(max_aliases: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            ids: (0..SHARDS).map(|_| Mutex::default()).collect(),
            routes: (0..SHARDS).map(|_| Mutex::default()).collect(),
            per_ip: Mutex::default(),
            len: AtomicUsize::new(0),
            max_aliases,
        }
    }

    /// The number of connections.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// The number of connections with an address.
    pub(super) fn count_ip(&self, ip: IpAddr) -> usize {
        self.per_ip.lock().get(&ip).copied().unwrap_or(0)
    }

    /// Adds a connection under its identity and its peer's address, which may be an alias of
    /// others.
    pub(super) fn insert(&self, conn: &Arc<Connection>, taken: Taken) {
        self.insert_id(conn);
        let route = (conn.proto, conn.peer);
        let mut shard = self.route_shard(&route).lock();
        let leading = shard.entry(route).or_default();
        let is_alias = |known: &Arc<Connection>| known.peer != conn.peer;
        match taken {
            Taken::Kept if leading.iter().any(is_alias) => leading.insert(0, Arc::clone(conn)),
            Taken::Replaced => {
                self.forget_alias(leading.iter().filter(|known| is_alias(known)), conn.peer);
                leading.retain(|known| !is_alias(known));
                leading.push(Arc::clone(conn));
            }
            Taken::Kept | Taken::Shared => leading.push(Arc::clone(conn)),
        }
    }

    /// Takes an alias from connections, in their own lists.
    fn forget_alias<'c>(
        &self,
        conns: impl Iterator<Item = &'c Arc<Connection>>,
        alias: SocketAddr,
    ) {
        for conn in conns {
            if let Some(entry) = self.id_shard(conn.id).lock().get_mut(&conn.id) {
                entry.routes.retain(|route| *route != alias);
            }
        }
    }

    /// Adds a connection unless one already leads to its peer, which is then
    /// returned: two senders at once must not open two connections.
    pub(super) fn insert_or_find(
        &self,
        conn: &Arc<Connection>,
        wanted: &Wanted<'_>,
    ) -> Option<Arc<Connection>> {
        let route = (conn.proto, conn.peer);
        let mut shard = self.route_shard(&route).lock();
        let leading = shard.entry(route).or_default();
        if let Some(found) = pick(leading, wanted) {
            return Some(found);
        }
        leading.push(Arc::clone(conn));
        // The other lock is taken inside this one only here, and never the
        // other way round.
        self.insert_id(conn);
        None
    }

    pub(super) fn by_id(&self, id: ConnId) -> Option<Arc<Connection>> {
        let shard = self.id_shard(id).lock();
        shard.get(&id).map(|entry| Arc::clone(&entry.conn))
    }

    /// The newest connection that leads to a peer and may be used.
    pub(super) fn by_peer(
        &self,
        proto: Proto,
        peer: SocketAddr,
        wanted: &Wanted<'_>,
    ) -> Option<Arc<Connection>> {
        let route = (proto, peer);
        let shard = self.route_shard(&route).lock();
        pick(shard.get(&route)?, wanted)
    }

    /// Makes another port of the peer lead to a connection.
    pub(super) fn add_alias(&self, conn: &Arc<Connection>, port: u16, taken: Taken) -> bool {
        let alias = SocketAddr::new(conn.peer.ip(), port);
        let route = (conn.proto, alias);
        let mut shard = self.route_shard(&route).lock();
        let leading = shard.entry(route).or_default();
        // The port that a connection really comes from cannot be taken over. Among aliases the
        // newest counts, as a rule: a phone that comes back is not found by the connection that it
        // lost.
        if leading.iter().any(|known| known.peer == alias) {
            return leading.iter().any(|known| known.id == conn.id);
        }
        let others = |known: &&Arc<Connection>| known.id != conn.id;
        match taken {
            Taken::Kept if leading.iter().any(|known| others(&known)) => {
                return leading.iter().any(|known| known.id == conn.id);
            }
            Taken::Replaced => {
                self.forget_alias(leading.iter().filter(others), alias);
                leading.retain(|known| known.id == conn.id);
            }
            Taken::Kept | Taken::Shared => {}
        }
        if let Some(at) = leading.iter().position(|known| known.id == conn.id) {
            leading[at..].rotate_left(1);
            return true;
        }
        let mut ids = self.id_shard(conn.id).lock();
        let entry = ids.get_mut(&conn.id);
        let entry = entry.filter(|entry| entry.routes.len() < self.max_aliases);
        if let Some(entry) = entry {
            entry.routes.push(alias);
            leading.push(Arc::clone(conn));
            return true;
        }
        if leading.is_empty() {
            shard.remove(&route);
        }
        false
    }

    /// The addresses that lead to a connection, besides its peer's own.
    pub(super) fn aliases(&self, id: ConnId) -> Vec<SocketAddr> {
        let shard = self.id_shard(id).lock();
        let routes = shard.get(&id).map(|entry| entry.routes.as_slice());
        routes
            .and_then(<[_]>::split_first)
            .map_or_else(Vec::new, |(_, aliases)| aliases.to_vec())
    }

    /// Takes a connection out, with all addresses that lead to it.
    pub(super) fn remove(&self, conn: &Arc<Connection>) {
        let Some(entry) = self.id_shard(conn.id).lock().remove(&conn.id) else {
            return;
        };
        self.len.fetch_sub(1, Ordering::Relaxed);
        for addr in entry.routes {
            let route = (conn.proto, addr);
            let mut shard = self.route_shard(&route).lock();
            if let Some(leading) = shard.get_mut(&route) {
                leading.retain(|known| known.id != conn.id);
                if leading.is_empty() {
                    shard.remove(&route);
                }
            }
        }
        let mut per_ip = self.per_ip.lock();
        let ip = conn.peer.ip();
        if let Some(count) = per_ip.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                per_ip.remove(&ip);
            }
        }
    }

    /// All connections, in no order.
    pub(super) fn all(&self) -> Vec<Arc<Connection>> {
        let mut all = Vec::with_capacity(self.len());
        for shard in &self.ids {
            all.extend(shard.lock().values().map(|entry| Arc::clone(&entry.conn)));
        }
        all
    }

    fn insert_id(&self, conn: &Arc<Connection>) {
        let entry = Entry {
            conn: Arc::clone(conn),
            routes: vec![conn.peer],
        };
        self.id_shard(conn.id).lock().insert(conn.id, entry);
        *self.per_ip.lock().entry(conn.peer.ip()).or_default() += 1;
        self.len.fetch_add(1, Ordering::Relaxed);
    }

    fn id_shard(&self, id: ConnId) -> &Shard<ConnId, Entry> {
        // Identities count up, so their low bits spread evenly.
        &self.ids[id.0 as usize % SHARDS]
    }

    fn route_shard(&self, route: &Route) -> &Shard<Route, Vec<Arc<Connection>>> {
        // The maps use other seeds than this hasher, so that the bits used up
        // here do not thin out their buckets.
        &self.routes[self.hasher.hash_one(route) as usize % SHARDS]
    }
}

/// The usable connection of a route: the newest that fits best.
fn pick(leading: &[Arc<Connection>], wanted: &Wanted<'_>) -> Option<Arc<Connection>> {
    let is_usable = |conn: &Arc<Connection>| {
        let outgoing = conn.outgoing.lock();
        outgoing.phase != Phase::Closed && outgoing.then_close.is_none()
    };
    let newest = || leading.iter().rev();
    let own = wanted
        .socket
        .filter(|_| wanted.socket_first)
        .and_then(|socket| newest().find(|c| c.socket == Some(socket) && is_usable(c)));
    own.or_else(|| newest().find(|c| wanted.has_home_of(c.socket) && is_usable(c)))
        .map(Arc::clone)
}
