//! Requests that come back to this server while the call that they belong to is still in work.
//!
//! A request may visit a proxy twice (a spiral), and one that loops does so until Max-Forwards
//! ends it; when every visit forks, their number doubles each time (RFC 5393 section 3). As that
//! RFC bounds the breadth of a request by 60, so is the number of a call's requests that are back
//! here at one time: the next is answered 482. A request that never came back costs one look at
//! its second Via. Kamailio has no such bound.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use engine::Context;
use engine::cfg_vars::CfgInt;
use engine::core::Setup;
use engine::hooks::Verdict;
use engine::log::Level;
use engine::overload;
use engine::socket::Proto;
use engine::statistics::Counter;

use parking_lot::Mutex;
use sip::Method;

use crate::tm::state::Tm;

/// RFC 5393 section 5.3.3.1: the breadth of a request that names none.
const MAX_BREADTH: i64 = 60;

/// How many requests of each call are back here.
pub(crate) struct Spirals {
    limit: CfgInt,
    live: Mutex<HashMap<u64, u32>>,
    seed: ahash::RandomState,
    refused: Counter,
}

/// One such request; counted until its transaction ends.
pub(crate) struct Spiral {
    of: Arc<Spirals>,
    call: u64,
}

impl Drop for Spiral {
    fn drop(&mut self) {
        let mut live = self.of.live.lock();
        if let Some(count) = live.get_mut(&self.call) {
            *count -= 1;
            if *count == 0 {
                live.remove(&self.call);
            }
        }
    }
}

impl Spirals {
    pub(crate) fn new(setup: &Setup<'_>) -> Self {
        let random = || setup.services.random.next();
        Self {
            limit: setup.cfg.int(
                overload::GROUP,
                "max_spirals",
                MAX_BREADTH,
                Some((0, i64::from(u32::MAX))),
                "requests of one call that may be back here at one time; 0 is no limit",
            ),
            live: Mutex::default(),
            seed: ahash::RandomState::with_seeds(random(), random(), random(), random()),
            refused: setup.statistics.counter("core", "spirals_refused"),
        }
    }

    /// The call of a request that was here before: a Via below the topmost is ours.
    fn came_back(&self, cx: &Context) -> Option<u64> {
        // The usual request has one Via, or a stranger's second one and no third.
        cx.msg.via2()?.ok()?;
        let buf = cx.msg.raw();
        let is_ours = |via: &sip::header::Via| {
            let proto = Proto::from_name(via.transport.get(buf));
            cx.core
                .sockets
                .is_myself(via.host.get(buf), via.port, proto)
        };
        if !cx
            .msg
            .vias()
            .skip(1)
            .any(|via| via.is_ok_and(|v| is_ours(&v)))
        {
            return None;
        }
        let mut hash = self.seed.build_hasher();
        hash.write(cx.msg.call_id()?);
        hash.write(cx.msg.from_tag().unwrap_or_default());
        hash.write_u32(cx.msg.cseq()?.ok()?.number);
        Some(hash.finish())
    }

    /// Counts a request that came back, for as long as the result lives.
    pub(crate) fn enter(self: &Arc<Self>, cx: &Context) -> Option<Spiral> {
        let call = self.came_back(cx)?;
        *self.live.lock().entry(call).or_insert(0) += 1;
        Some(Spiral {
            of: Arc::clone(self),
            call,
        })
    }

    fn is_full(&self, call: u64) -> bool {
        let limit = u32::try_from(self.limit.get()).unwrap_or(0);
        limit > 0 && self.live.lock().get(&call).is_some_and(|n| *n >= limit)
    }
}

/// Hook before `request_route`: answers 482 to one request too many.
pub(crate) fn before_request(tm: &Tm, cx: &mut Context) -> Verdict {
    if matches!(cx.msg.method(), Method::Ack | Method::Cancel) {
        return Verdict::Continue;
    }
    let is_one_too_many = tm
        .spirals
        .came_back(cx)
        .is_some_and(|call| tm.spirals.is_full(call));
    if !is_one_too_many || tm.find_own(&cx.msg).is_some() {
        return Verdict::Continue;
    }
    tm.spirals.refused.increment();
    if let Err(error) = engine::reply::send_stateless(cx, 482, b"Loop Detected", &[]) {
        cx.log(Level::Info, &format!("482 not sent: {error}"));
    }
    Verdict::Consumed
}
