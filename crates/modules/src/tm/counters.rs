//! What the transactions count: the statistics of group `tmx` and `tm.stats`.

use engine::statistics::{Counter, Statistics};

/// The counters. The names are those that module tmx gives them.
pub(crate) struct Counters {
    /// Transactions of received requests.
    pub(crate) uas: Counter,
    /// Transactions of requests made here.
    pub(crate) uac: Counter,
    /// Final replies by class, 2xx to 6xx.
    pub(crate) classes: [Counter; 5],
    /// Replies received for transactions.
    pub(crate) received: Counter,
    /// Replies received and forwarded.
    pub(crate) relayed: Counter,
    /// Replies received and not forwarded.
    pub(crate) absorbed: Counter,
    /// Replies made here.
    pub(crate) generated: Counter,
    /// Replies sent upstream.
    pub(crate) sent: Counter,
    /// Transactions created and not removed yet.
    pub(crate) inuse: Counter,
    /// Transactions that no final reply has ended.
    pub(crate) active: Counter,
}

impl Counters {
    pub(crate) fn register(statistics: &Statistics) -> Self {
        let tmx = |name| statistics.counter("tmx", name);
        Self {
            uas: tmx("UAS_transactions"),
            uac: tmx("UAC_transactions"),
            classes: [
                tmx("2xx_transactions"),
                tmx("3xx_transactions"),
                tmx("4xx_transactions"),
                tmx("5xx_transactions"),
                tmx("6xx_transactions"),
            ],
            received: tmx("rpl_received"),
            relayed: tmx("rpl_relayed"),
            absorbed: tmx("rpl_absorbed"),
            generated: tmx("rpl_generated"),
            sent: tmx("rpl_sent"),
            inuse: tmx("inuse_transactions"),
            active: tmx("active_transactions"),
        }
    }

    /// Counts a final reply sent upstream.
    pub(crate) fn finished(&self, status: u16) {
        if let Some(counter) = usize::from(status / 100)
            .checked_sub(2)
            .and_then(|class| self.classes.get(class))
        {
            counter.increment();
        }
        self.active.add(-1);
    }
}
