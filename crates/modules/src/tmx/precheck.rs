//! `t_precheck_trans`: requests that some thread handles right now, so that a retransmission is
//! recognised before there is a transaction.

use std::hash::{BuildHasher, Hasher};

use engine::Context;
use engine::hooks::Verdict;
use hashbrown::HashMap;
use parking_lot::Mutex;
use sip::{Message, Method};

/// How many locks the table is spread over.
const SHARDS: usize = 16;

/// The requests in work, by a keyed hash of Call-ID, CSeq and Via branch, with how many copies of
/// each are in work.
pub(crate) struct InWork {
    shards: [Mutex<HashMap<u64, u32, ahash::RandomState>>; SHARDS],
    hasher: ahash::RandomState,
}

/// The key of a request that has entered, kept with its context.
struct Entered {
    key: u64,
    is_first: bool,
}

impl InWork {
    pub(crate) fn new(keys: [u64; 4]) -> Self {
        let [a, b, c, d] = keys;
        let hasher = ahash::RandomState::with_seeds(a, b, c, d);
        Self {
            shards: std::array::from_fn(|_| Mutex::new(HashMap::with_hasher(hasher.clone()))),
            hasher,
        }
    }

    /// Hook before `request_route`.
    pub(crate) fn enter(&self, cx: &mut Context) -> Verdict {
        if let Some(key) = self.key(&cx.msg) {
            let mut shard = self.shards[shard_of(key)].lock();
            let copies = shard.entry(key).or_insert(0);
            *copies = copies.saturating_add(1);
            let is_first = *copies == 1;
            drop(shard);
            cx.extensions.insert(Entered { key, is_first });
        }
        Verdict::Continue
    }

    /// Hook after `request_route`.
    pub(crate) fn leave(&self, cx: &mut Context) -> Verdict {
        if let Some(Entered { key, .. }) = cx.extensions.remove::<Entered>() {
            let mut shard = self.shards[shard_of(key)].lock();
            if let Some(copies) = shard.get_mut(&key) {
                *copies -= 1;
                if *copies == 0 {
                    shard.remove(&key);
                }
            }
        }
        Verdict::Continue
    }

    /// Whether another copy of the request came first and is still in work.
    pub(crate) fn is_repeated(&self, cx: &Context) -> bool {
        cx.extensions
            .get::<Entered>()
            .is_some_and(|entered| !entered.is_first)
    }

    fn key(&self, msg: &Message) -> Option<u64> {
        if matches!(msg.method(), Method::Ack | Method::Cancel) {
            return None;
        }
        let cseq = msg.cseq()?.ok()?;
        let via = msg.via1()?.ok()?;
        let mut hash = self.hasher.build_hasher();
        hash.write(msg.call_id()?);
        hash.write_u32(cseq.number);
        hash.write(msg.text(cseq.method_span));
        hash.write(via.branch.map(|b| msg.text(b)).unwrap_or_default());
        Some(hash.finish())
    }
}

fn shard_of(key: u64) -> usize {
    (key >> 32) as usize % SHARDS
}
