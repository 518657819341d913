//! The statistics of group `tmx`; module tm counts them.

use engine::module::Statistic;

const fn tmx(name: &'static str, doc: &'static str) -> Statistic {
    Statistic {
        group: "tmx",
        name,
        doc,
    }
}

/// Every statistic.
pub(super) static TABLE: &[Statistic] = &[
    tmx("UAS_transactions", "Transactions of received requests."),
    tmx("UAC_transactions", "Transactions of requests made here."),
    tmx("2xx_transactions", "Transactions that ended with 2xx."),
    tmx("3xx_transactions", "Transactions that ended with 3xx."),
    tmx("4xx_transactions", "Transactions that ended with 4xx."),
    tmx("5xx_transactions", "Transactions that ended with 5xx."),
    tmx("6xx_transactions", "Transactions that ended with 6xx."),
    tmx("inuse_transactions", "Transactions in memory."),
    tmx("active_transactions", "Transactions without a final reply."),
    tmx("rpl_received", "Replies received for transactions."),
    tmx("rpl_absorbed", "Replies received and not forwarded."),
    tmx("rpl_relayed", "Replies received and forwarded."),
    tmx("rpl_generated", "Replies made here."),
    tmx("rpl_sent", "Replies sent upstream."),
];
