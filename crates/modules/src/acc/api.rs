//! What other modules may use: records outside of transactions.

use bytes::Bytes;
use engine::Context;

pub use super::Acc;

impl Acc {
    /// Accounts the request in work to the log, as `acc_log_request` does.
    pub fn log_request(&self, cx: &mut Context, comment: &Bytes) {
        super::functions::account(self, cx, comment);
    }
}
