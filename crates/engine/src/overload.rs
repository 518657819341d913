//! Refusing new work before it hurts the work in hand.
//!
//! Gauges tell how much the server carries: transactions, routes that wait, memory. While one
//! stands at its limit, a request that begins something new is answered 503 with Retry-After
//! (RFC 3261 section 21.5.4); requests within dialogs, CANCEL, ACK and retransmissions go on. The
//! limits are variables of the group `ferrosip`, which a configuration may set and `cfg.set`
//! changes; 0 switches one off.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use sip::Method;

use crate::cfg_vars::{CfgInt, CfgVars};
use crate::context::Context;
use crate::core::Core;
use crate::log::Level;
use crate::services::Millis;
use crate::statistics::{Counter, Statistics};

/// The group of the limits among the run-time values.
pub const GROUP: &str = "ferrosip";

/// Milliseconds between two looks at the gauges: what may come in between is bounded by what the
/// network delivers in that time.
const LOOK: u64 = 100;

/// The share of its limit, in percent, to which every gauge must fall before work is taken again:
/// without it each transaction that ends would let exactly one in.
const RESUME: u64 = 95;

/// The limit that has no number of its own unless somebody sets one.
const MEMORY: &str = "max_memory";

const MIB: u64 = 1 << 20;

/// Something that the server carries, and how much of it it may carry.
pub struct Gauge {
    /// What is counted, in the plural.
    pub what: &'static str,
    /// The name of the limit in the group `ferrosip`.
    pub name: &'static str,
    limit: CfgInt,
    now: Box<dyn Fn(&Core) -> u64 + Send + Sync>,
}

impl Gauge {
    /// Declares the limit `ferrosip.<name>` and counts with `now`.
    pub fn new(
        cfg: &CfgVars,
        what: &'static str,
        name: &'static str,
        limit: i64,
        description: &str,
        now: impl Fn(&Core) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let range = Some((0, i64::from(u32::MAX)));
        Self {
            what,
            name,
            limit: cfg.int(GROUP, name, limit, range, description),
            now: Box::new(now),
        }
    }

    /// How much there is now.
    #[must_use]
    pub fn value(&self, core: &Core) -> u64 {
        (self.now)(core)
    }

    /// The limit; 0 is none.
    #[must_use]
    pub fn limit(&self) -> u64 {
        u64::try_from(self.limit.get()).unwrap_or(0)
    }
}

/// Whether new work is taken.
pub struct Overload {
    retry_after: CfgInt,
    own: Vec<Gauge>,
    waiting: Arc<AtomicU64>,
    next_look: AtomicU64,
    refusing: AtomicBool,
    refused: Counter,
    /// What the machine has, in MiB.
    machine: OnceLock<u64>,
}

/// A route that waits for something; counted until it is dropped.
pub(crate) struct Waiting(Arc<AtomicU64>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Overload {
    pub(crate) fn declare(cfg: &CfgVars, statistics: &Statistics) -> Self {
        let waiting: Arc<AtomicU64> = Arc::default();
        let counted = Arc::clone(&waiting);
        let routes = Gauge::new(
            cfg,
            "waiting routes",
            "max_waiting_routes",
            100_000,
            "routes that wait (for DNS, a database, a timer) at which new requests are refused",
            move |_| counted.load(Ordering::Relaxed),
        );
        let memory = Gauge::new(
            cfg,
            "MiB of memory",
            MEMORY,
            0,
            "MiB of memory in use at which new requests are refused; 0: seven eighths of the \
             machine's",
            |core| core.services.process.memory().used / MIB,
        );
        Self {
            retry_after: cfg.int(
                GROUP,
                "retry_after",
                10,
                Some((1, 3600)),
                "seconds after which a refused client may come again",
            ),
            own: vec![routes, memory],
            waiting,
            next_look: AtomicU64::new(0),
            refusing: AtomicBool::new(false),
            refused: statistics.counter("core", "overload_refused"),
            machine: OnceLock::new(),
        }
    }

    /// Counts a route that waits.
    pub(crate) fn route_waits(&self) -> Waiting {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(&self.waiting))
    }

    /// Whether new work is refused now.
    #[must_use]
    pub fn is_refusing(&self) -> bool {
        self.refusing.load(Ordering::Relaxed)
    }

    /// All gauges.
    pub fn gauges<'a>(&'a self, core: &'a Core) -> impl Iterator<Item = &'a Gauge> {
        self.own.iter().chain(&core.hooks.gauges)
    }

    /// Looks at the gauges when it is time to.
    pub(crate) fn look(&self, core: &Core, now: Millis) {
        if now.0 < self.next_look.load(Ordering::Relaxed) {
            return;
        }
        self.next_look.store(now.0 + LOOK, Ordering::Relaxed);
        let was = self.is_refusing();
        let percent = if was { RESUME } else { 100 };
        let full = self.gauges(core).find_map(|gauge| {
            let limit = self.limit_of(gauge, core);
            let value = gauge.value(core);
            (limit > 0 && value * 100 >= limit * percent).then_some((gauge, value, limit))
        });
        self.refusing.store(full.is_some(), Ordering::Relaxed);
        match full {
            Some((gauge, value, limit)) if !was => core.log(
                Level::Warning,
                &format!(
                    "refusing new requests: {value} {} reach the limit of {limit} ({GROUP}.{})",
                    gauge.what, gauge.name
                ),
            ),
            None if was => core.log(Level::Warning, "taking new requests again"),
            _ => {}
        }
    }

    /// Refuses a request if it is new work and there is too much; true when it is dealt with.
    pub(crate) fn refuse(&self, cx: &mut Context) -> bool {
        let is_new =
            cx.msg.to_tag().is_none() && !matches!(cx.msg.method(), Method::Ack | Method::Cancel);
        let core = Arc::clone(&cx.core);
        if !is_new || core.hooks.in_work.iter().any(|hook| hook(cx)) {
            return false;
        }
        self.refused.increment();
        let retry = Bytes::from(format!("Retry-After: {}\r\n", self.retry_after.get()));
        if let Err(error) = crate::reply::send_stateless(cx, 503, b"Service Unavailable", &[retry])
        {
            cx.log(Level::Info, &format!("503 not sent: {error}"));
        }
        true
    }

    /// The limit in force; the machine decides about memory when nobody else does.
    fn limit_of(&self, gauge: &Gauge, core: &Core) -> u64 {
        match gauge.limit() {
            0 if gauge.name == MEMORY => {
                let of_machine = || core.services.process.memory().total / MIB;
                self.machine.get_or_init(of_machine) / 8 * 7
            }
            limit => limit,
        }
    }
}

/// Each gauge with its value and the limit in force, for operators.
#[must_use]
pub fn report(core: &Core) -> Vec<(&'static str, u64, u64)> {
    let row = |g: &Gauge| (g.name, g.value(core), core.overload.limit_of(g, core));
    core.overload.gauges(core).map(row).collect()
}
