//! A transaction at rest, packed: its texts and what the rest can be made from again.
//!
//! A transaction is answered within milliseconds and then rests for seconds, so that nearly all of
//! them rest at any time. What a resting one leaves behind is used by the next message while the
//! processor's caches still hold it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::Program;
use engine::context::{Avps, Branch, Extensions, SendOptions};
use engine::socket::{Destination, Received};
use script::host::RouteId;
use sip::{Edits, Tolerance};
use transaction::{BranchNo, Rest, Transaction};

use crate::tm::kept::{KeptMessage, Names, Unparsed};
use crate::tm::settings::Settings;
use crate::tm::state::Cell;
use crate::tm::stored::{BranchData, Rare, RequestData, Sender, StoredRequest};

/// All that [`Cell`] holds at rest.
pub(crate) struct Packed {
    rest: Rest,
    program: Arc<Program>,
    lengths: Lengths,
    names: Names,
    received: Received,
    arrived: Option<Duration>,
    options: SendOptions,
    avps: Avps,
    reply_to: ReplyTo,
    flags: u32,
    branch_flags: u32,
    to: Destination,
    replies: u8,
    last_replied: Option<BranchNo>,
    replied_by: Sender,
    has_told_tag: bool,
    odd: Option<Box<Odd>>,
}

/// Where replies go.
enum ReplyTo {
    Nowhere,
    /// Where the request came from.
    Back,
    Elsewhere(Box<Destination>),
}

/// What differs from the default in few transactions.
struct Odd {
    plain: Plain,
    /// The first destination of the request.
    target: Option<Box<Branch>>,
    edits: Option<Box<Edits>>,
    rare: Option<Box<Rare>>,
    /// The branch's destination, but for its URI and flags.
    branch_target: Branch,
}

/// The part of [`Odd`] that is compared with the default as a whole.
#[derive(Clone, Copy, Default, PartialEq)]
struct Plain {
    tolerance: Tolerance,
    settings: Settings,
    xflags: [u32; 2],
    forked_by: Option<RouteId>,
    first_of_leg: u8,
    failed_leg: u8,
    lumps_saved: bool,
    is_replica: bool,
    failed_once: bool,
    on_reply: Option<RouteId>,
    on_failure: Option<RouteId>,
    on_branch_failure: Option<RouteId>,
}

/// How long the texts are that are written behind each other: the request as received, the last
/// reply as sent, the branch's request as sent; what is left is the branch's URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lengths([u32; 3]);

impl Lengths {
    /// Writes the texts.
    fn write(parts: [&[u8]; 4], out: &mut Vec<u8>) -> Self {
        out.reserve(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            out.extend_from_slice(part);
        }
        let [first, second, third, _] = parts;
        // Messages are shorter by far than this counts.
        Self([first, second, third].map(|part| part.len() as u32))
    }

    /// The texts again.
    fn read(self, mut texts: &[u8]) -> [Bytes; 4] {
        let Self([first, second, third]) = self;
        let mut next = |length: u32| {
            let (part, rest) = texts
                .split_at_checked(length as usize)
                .unwrap_or((texts, &[]));
            texts = rest;
            Bytes::copy_from_slice(part)
        };
        [next(first), next(second), next(third), next(u32::MAX)]
    }
}

/// Takes what is kept from a transaction at rest, and appends its texts; `None` leaves it as it
/// was.
pub(crate) fn pack(transaction: &mut Cell, out: &mut Vec<u8>) -> Option<Packed> {
    let rest = transaction.rest()?;
    let is_closed = transaction.is_closed();
    let (data, branches) = transaction.parts_mut();
    let branch = &mut branches.first_mut()?.data;
    let lengths = write(data, branch, out)?;
    let RequestData {
        request,
        flags,
        xflags,
        settings,
        forked_by,
        reply: _,
        ready: _,
        cancel_reason: _,
        first_of_leg,
        failed_leg,
        suspended: _,
        lumps_saved,
        is_replica,
        last_replied,
        replied_by,
        has_told_tag,
        failed_once,
        extensions: _,
    } = data;
    let BranchData {
        target,
        to,
        request: _,
        cancel: _,
        ack: _,
        reply: _,
        others: _,
        replies,
        on_reply,
        on_failure,
        on_branch_failure,
    } = &mut **branch;
    // Somebody else who holds the request may still look at it.
    let request = Arc::get_mut(request)?;
    let kept = request.msg.unparsed()?;
    let names = kept.names;
    let plain = Plain {
        tolerance: kept.tolerance,
        settings: *settings,
        xflags: *xflags,
        forked_by: *forked_by,
        first_of_leg: *first_of_leg,
        failed_leg: *failed_leg,
        lumps_saved: *lumps_saved,
        is_replica: *is_replica,
        failed_once: *failed_once,
        on_reply: *on_reply,
        on_failure: *on_failure,
        on_branch_failure: *on_branch_failure,
    };
    request.avps.forget_if_empty();
    let mut branch_target = std::mem::take(target);
    branch_target.uri = None;
    let branch_flags = std::mem::take(&mut branch_target.flags);
    let odd = Odd {
        plain,
        target: request.target.take(),
        // Nothing can be sent with them any more.
        edits: request.edits.take().filter(|_| !is_closed),
        rare: request.rare.take(),
        branch_target,
    };
    Some(Packed {
        rest,
        program: Arc::clone(&request.program),
        lengths,
        names,
        received: request.received,
        arrived: request.arrived,
        options: request.options,
        avps: std::mem::take(&mut request.avps),
        reply_to: match request.reply_to {
            None => ReplyTo::Nowhere,
            Some(to) if to == Destination::back_to(&request.received) => ReplyTo::Back,
            Some(to) => ReplyTo::Elsewhere(Box::new(to)),
        },
        flags: *flags,
        branch_flags,
        to: *to,
        replies: *replies,
        last_replied: *last_replied,
        replied_by: *replied_by,
        has_told_tag: *has_told_tag,
        odd: (!odd.is_default()).then(|| Box::new(odd)),
    })
}

/// Writes the texts to keep, if there is nothing that they and [`Packed`] have no place for.
fn write(data: &RequestData, branch: &BranchData, out: &mut Vec<u8>) -> Option<Lengths> {
    let is_busy = !data.suspended.is_empty()
        || !data.extensions.is_empty()
        || !data.ready.is_empty()
        || !data.cancel_reason.is_empty()
        || !branch.cancel.is_empty()
        || !branch.ack.is_empty()
        || branch.reply.is_some()
        || branch.others.is_some();
    let raw = &data.request.msg.unparsed()?.bytes;
    let uri = branch.target.uri.as_deref()?;
    if is_busy || Arc::strong_count(&data.request) > 1 {
        return None;
    }
    let parts = [raw, &data.reply, &branch.request, uri];
    Some(Lengths::write(parts, out))
}

impl Odd {
    fn is_default(&self) -> bool {
        self.plain == Plain::default()
            && self.target.is_none()
            && self.edits.is_none()
            && self.rare.is_none()
            && self.branch_target == Branch::default()
    }
}

/// The transaction as it was.
pub(crate) fn unpack(packed: &Packed, texts: &[u8]) -> Cell {
    let [raw, reply, sent, uri] = packed.lengths.read(texts);
    let odd = packed.odd.as_deref();
    let plain = odd.map_or_else(Plain::default, |odd| odd.plain);
    let mut target = odd.map_or_else(Branch::default, |odd| odd.branch_target.clone());
    target.uri = Some(uri);
    target.flags = packed.branch_flags;
    let request = StoredRequest {
        program: Arc::clone(&packed.program),
        msg: KeptMessage::Unparsed(Box::new(Unparsed {
            bytes: raw,
            tolerance: plain.tolerance,
            names: packed.names,
        })),
        received: packed.received,
        arrived: packed.arrived,
        target: odd.and_then(|odd| odd.target.clone()),
        edits: odd.and_then(|odd| odd.edits.clone()),
        options: packed.options,
        // As `StoredRequest::of`: whoever looks at the transaction shares one store.
        avps: packed.avps.clone().share(),
        rare: odd.and_then(|odd| odd.rare.clone()),
        reply_to: match &packed.reply_to {
            ReplyTo::Nowhere => None,
            ReplyTo::Back => Some(Destination::back_to(&packed.received)),
            ReplyTo::Elsewhere(to) => Some(**to),
        },
    };
    let data = RequestData {
        request: Arc::new(request),
        flags: packed.flags,
        xflags: plain.xflags,
        settings: plain.settings,
        forked_by: plain.forked_by,
        reply,
        ready: Bytes::new(),
        cancel_reason: Bytes::new(),
        first_of_leg: plain.first_of_leg,
        failed_leg: plain.failed_leg,
        suspended: Vec::new(),
        lumps_saved: plain.lumps_saved,
        is_replica: plain.is_replica,
        last_replied: packed.last_replied,
        replied_by: packed.replied_by,
        has_told_tag: packed.has_told_tag,
        failed_once: plain.failed_once,
        extensions: Extensions::default(),
    };
    let branch = BranchData {
        target,
        to: packed.to,
        request: sent,
        cancel: Bytes::new(),
        ack: Bytes::new(),
        reply: None,
        others: None,
        replies: packed.replies,
        on_reply: plain.on_reply,
        on_failure: plain.on_failure,
        on_branch_failure: plain.on_branch_failure,
    };
    Transaction::resumed(packed.rest, data, Box::new(branch))
}

#[cfg(test)]
mod tests;
