//! What other modules may use: replies, within the transaction if there is one.

pub use crate::sl::Sl;
use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use engine::reply::{redirect_contact, send_stateless};
use sip::Method;

use crate::sl::run_event;

impl Sl {
    /// Answers the request in work: within its transaction if it has one, else without. Header
    /// lines carry their CRLF and come after those of `append_to_reply`.
    pub fn reply(&self, cx: &mut Context, code: u16, reason: &[u8], headers: &[Bytes]) -> bool {
        if let Some(tm) = &self.tm
            && tm.has_transaction(cx)
        {
            return match tm.reply(cx, code, reason, headers) {
                Ok(()) => true,
                Err(error) => {
                    cx.log(Level::Error, &format!("send_reply: {error}"));
                    false
                }
            };
        }
        if cx.msg.is_reply() {
            cx.log(Level::Error, "send_reply to a reply without a transaction");
            return false;
        }
        self.reply_stateless(cx, code, reason, headers)
    }

    /// Answers the request in work without a transaction. An ACK is never answered.
    pub fn reply_stateless(
        &self,
        cx: &mut Context,
        code: u16,
        reason: &[u8],
        headers: &[Bytes],
    ) -> bool {
        if cx.msg.method() == Method::Ack || cx.msg.is_reply() {
            cx.log(Level::Warning, "an ACK or a reply is not answered");
            return false;
        }
        let mut lines = headers.to_vec();
        if (300..400).contains(&code) {
            lines.extend(redirect_contact(cx));
        }
        let sent = send_stateless(cx, code, reason, &lines);
        self.counters.count(code, sent.is_ok());
        match sent {
            Ok(()) => {
                run_event(cx, "sl:local-response");
                true
            }
            Err(error) => {
                cx.log(Level::Error, &format!("reply not sent: {error}"));
                false
            }
        }
    }
}
