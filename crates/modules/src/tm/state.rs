//! The module's state: the table of transactions and everything that acts on it.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use engine::core::{Core, Setup};
use engine::module::InitError;
use sip::Message;
use transaction::{Handle, Millis, Rules, Table, TableOptions, Timing, Transaction};

use crate::tm::config::Config;
use crate::tm::counters::Counters;
use crate::tm::observers::Observers;
use crate::tm::settings::Settings;
use crate::tm::spiral::Spirals;
use crate::tm::stored::Stored;

/// A transaction as this module keeps it.
pub(crate) type Cell = Transaction<Stored>;

/// Most transactions at once: what a flood may cost is bounded.
const CAPACITY: usize = 1 << 20;

/// 2^5 shards: far more than threads, few enough that many transactions end together in each.
const SHARD_BITS: u32 = 5;

/// The state of module tm.
pub struct Tm {
    pub(crate) table: Table<Stored>,
    pub(crate) config: Config,
    pub(crate) observers: Observers,
    pub(crate) counters: Counters,
    pub(crate) spirals: Arc<Spirals>,
    tag_prefix: String,
    tag_seed: ahash::RandomState,
    core: OnceLock<Weak<Core>>,
}

impl Tm {
    pub(crate) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let random = || setup.services.random.next();
        let options = TableOptions {
            shard_bits: SHARD_BITS,
            capacity: CAPACITY,
            hash_keys: [random(), random(), random(), random()],
        };
        let tag_prefix = format!("{:016x}{:016x}", random(), random());
        let tag_seed = ahash::RandomState::with_seeds(random(), random(), random(), random());
        Ok(Self {
            table: Table::new(Millis(setup.services.clock.now().0), options),
            config: Config::read(setup)?,
            observers: Observers::default(),
            counters: Counters::register(setup.statistics),
            spirals: Arc::new(Spirals::new(setup)),
            tag_prefix,
            tag_seed,
            core: OnceLock::new(),
        })
    }

    /// Remembers the server, for work that no message starts.
    pub(crate) fn attach(&self, core: &Arc<Core>) {
        // A second start of the same server changes nothing.
        let _ = self.core.set(Arc::downgrade(core));
    }

    /// The server, once it serves.
    pub(crate) fn core(&self) -> Option<Arc<Core>> {
        self.core.get()?.upgrade()
    }

    /// The intervals of a new transaction.
    pub(crate) fn timing(&self, is_invite: bool, settings: &Settings) -> Timing {
        let base = self.config.timing(is_invite);
        settings.timing(base, is_invite)
    }

    /// The rules of a new transaction.
    pub(crate) fn rules(&self, settings: &Settings) -> Rules {
        let mut rules = self.config.rules();
        if let Some(disabled) = settings.disable_6xx {
            rules.disable_6xx_block = disabled;
        }
        rules
    }

    /// Our To tag in replies to a request: one for all of them, not to be guessed.
    pub(crate) fn to_tag(&self, msg: &Message) -> Bytes {
        let mut hash = self.tag_seed.build_hasher();
        hash.write(msg.call_id().unwrap_or_default());
        if let Some(Ok(via)) = msg.via1()
            && let Some(branch) = via.branch
        {
            hash.write(msg.text(branch));
        }
        hash.write(msg.from_tag().unwrap_or_default());
        let hash = hash.finish();
        let hash = (hash >> 32) as u32 ^ hash as u32;
        let mut tag = Vec::with_capacity(self.tag_prefix.len() + 9);
        tag.extend_from_slice(self.tag_prefix.as_bytes());
        tag.push(b'-');
        let digit = |place: u32| b"0123456789abcdef"[(hash >> (4 * place) & 15) as usize];
        tag.extend((0..8).rev().map(digit));
        tag.into()
    }

    /// Runs one step on a transaction; `None` when it is gone.
    pub(crate) fn with<R>(&self, handle: Handle, step: impl FnOnce(&mut Cell) -> R) -> Option<R> {
        self.table.with(handle, step)
    }

    /// Looks at a transaction; `None` when it is gone.
    pub(crate) fn look<R>(&self, handle: Handle, at: impl FnOnce(&Cell) -> R) -> Option<R> {
        self.table.look(handle, at)
    }
}

/// The clock as the transactions count it.
pub(crate) fn now(core: &Core) -> Millis {
    Millis(core.services.clock.now().0)
}
