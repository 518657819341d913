//! Finding the transaction of a request (RFC 3261 section 17.2.3, and 2543 where there is no
//! magic cookie).

use engine::Context;
use sip::{Message, Method};
use transaction::{AckKey, Handle, MAGIC_COOKIE, Matching, RequestKey};

use crate::tm::message::{Lookup, TmMessage, current};
use crate::tm::state::Tm;

/// Methods besides INVITE whose transactions a CANCEL may be for.
const CANCELLED: [&[u8]; 11] = [
    b"MESSAGE",
    b"OPTIONS",
    b"SUBSCRIBE",
    b"NOTIFY",
    b"REGISTER",
    b"BYE",
    b"INFO",
    b"UPDATE",
    b"REFER",
    b"PUBLISH",
    b"PRACK",
];

impl Tm {
    /// The key of the transaction that a request belongs to or would make. `method` is the method
    /// that the transaction was made by: `INVITE` for an ACK or the INVITE that a CANCEL is for.
    /// `None`: the request lacks a header that a transaction needs.
    pub(crate) fn request_key(&self, msg: &Message, method: &[u8]) -> Option<RequestKey> {
        let call_id = msg.call_id()?;
        let cseq = msg.cseq()?.ok()?;
        msg.to()?.ok()?;
        let from_tag = msg.from()?.ok()?.tag.map(|tag| msg.text(tag));
        let via = msg.via1()?.ok()?;
        let branch = via.branch.map(|b| msg.text(b)).unwrap_or_default();
        let config = &self.config;
        let matching = if branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE) {
            Matching::Cookie {
                branch,
                host: msg.text(via.host),
                port: via.port.unwrap_or(5060),
                method,
            }
        } else {
            Matching::Rfc2543 {
                request_uri: if config.ruri_matching.get() == 0 {
                    b""
                } else {
                    msg.request_uri()
                },
                via: if config.via1_matching.get() == 0 {
                    b""
                } else {
                    msg.text(via.whole)
                },
                from_tag: from_tag.unwrap_or_default(),
                cseq: cseq.number,
                method,
            }
        };
        let compare_call_id = config.callid_matching.get() != 0;
        Some(self.table.request_key(call_id, matching, compare_call_id))
    }

    /// The transaction of a request that is neither ACK nor CANCEL, or of a CANCEL itself.
    pub(crate) fn find_own(&self, msg: &Message) -> Option<Handle> {
        self.table.find(&self.request_key(msg, msg.method_text())?)
    }

    /// The INVITE transaction that a CANCEL is for, or that the ACK of a negative reply ends.
    pub(crate) fn find_invite(&self, msg: &Message) -> Option<Handle> {
        self.table.find(&self.request_key(msg, b"INVITE")?)
    }

    /// The transaction that a CANCEL is for: usually an INVITE's. Kamailio takes a CANCEL for any
    /// request, though only branches of an INVITE are cancelled (RFC 3261 section 9.1).
    pub(crate) fn find_cancelled(&self, msg: &Message) -> Option<Handle> {
        self.find_invite(msg).or_else(|| {
            CANCELLED
                .iter()
                .find_map(|method| self.table.find(&self.request_key(msg, method)?))
        })
    }

    /// The key of the end-to-end ACK of a 2xx: from the ACK itself, or from the 2xx.
    pub(crate) fn ack_key(&self, msg: &Message) -> Option<AckKey> {
        let cseq = msg.cseq()?.ok()?.number;
        let from = msg.from_tag().unwrap_or_default();
        let to = msg.to_tag().unwrap_or_default();
        Some(self.table.ack_key(msg.call_id()?, from, to, cseq))
    }

    /// The INVITE transaction whose 2xx an ACK answers.
    pub(crate) fn find_by_ack(&self, msg: &Message) -> Option<Handle> {
        self.table.find_by_ack(&self.ack_key(msg)?)
    }

    /// The transaction of the message in work, looked for once. Finds what the message belongs
    /// to, not what it retransmits: a CANCEL's own transaction, not the INVITE's.
    pub(crate) fn lookup(&self, cx: &mut Context) -> Option<Handle> {
        if let Some(handle) = current(cx) {
            return Some(handle);
        }
        if !cx.msg.is_request() || cx.msg.method() == Method::Ack {
            return None;
        }
        let message = cx.extensions.get_or_default::<TmMessage>();
        if message.lookup == Lookup::None {
            return None;
        }
        let found = self.find_own(&cx.msg);
        let lookup = found.map_or(Lookup::None, Lookup::Found);
        cx.extensions.get_or_default::<TmMessage>().lookup = lookup;
        found
    }
}
