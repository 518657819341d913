//! What one message may be: bounds that no honest message comes near.

use sip::Message;

use crate::cfg_vars::{CfgInt, CfgVars};
use crate::overload::GROUP;
use crate::statistics::{Counter, Statistics};

/// Several times what long ways through many proxies leave in a message.
const MAX_HEADERS: i64 = 1024;

/// The bounds, as values of the group `ferrosip`.
pub(crate) struct MessageLimits {
    headers: CfgInt,
    refused: Counter,
}

impl MessageLimits {
    pub(crate) fn declare(cfg: &CfgVars, statistics: &Statistics) -> Self {
        Self {
            headers: cfg.int(
                GROUP,
                "max_headers",
                MAX_HEADERS,
                Some((1, Message::MAX_HEADERS as i64)),
                "headers of a message; one with more is dropped",
            ),
            refused: statistics.counter("core", "headers_refused"),
        }
    }

    /// Whether a message keeps to the bounds.
    pub(crate) fn allow(&self, msg: &Message) -> bool {
        let most = usize::try_from(self.headers.get()).unwrap_or(0);
        msg.headers().len() <= most
    }

    /// Counts a message that did not.
    pub(crate) fn refuse(&self) {
        self.refused.increment();
    }
}
