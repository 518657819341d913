//! A transaction at rest, packed: its texts and what the rest can be made from again.
//!
//! A transaction is answered within milliseconds and then rests for seconds, so that nearly all of
//! them rest at any time. What a resting one leaves behind is used by the next message while the
//! processor's caches still hold it.

mod texts;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::Program;
use engine::context::{Avps, Branch, Extensions, Registration, SendOptions};
use engine::socket::{ConnectionId, Destination, Received, SocketId};
use script::host::RouteId;
use sip::Tolerance;
use transaction::{BranchNo, Rest, Transaction};

use crate::tm::kept::{KeptMessage, Names, Unparsed};
use crate::tm::settings::Settings;
use crate::tm::state::Cell;
use crate::tm::stored::{BranchData, Rare, RequestData, Sender, StoredRequest};
use texts::{Lengths, Texts};

/// All that [`Cell`] holds at rest, but its texts. No piece of it is elsewhere in memory, unless the
/// script did something rare: whatever is read at the end of the rest lies in no cache.
pub(crate) struct Packed {
    rest: Rest,
    program: Arc<Program>,
    lengths: Lengths,
    names: Names,
    received: Received,
    arrived: Option<Duration>,
    avps: Avps,
    reply_to: Option<Destination>,
    to: Destination,
    plain: Plain,
    branch: PackedBranch,
    target: Target,
    rare: Option<Box<Rare>>,
}

/// What is copied as it is.
#[derive(Clone, Copy)]
struct Plain {
    tolerance: Tolerance,
    options: SendOptions,
    settings: Settings,
    flags: u32,
    xflags: [u32; 2],
    forked_by: Option<RouteId>,
    first_of_leg: u8,
    failed_leg: u8,
    lumps_saved: bool,
    is_replica: bool,
    last_replied: Option<BranchNo>,
    replied_by: Sender,
    has_told_tag: bool,
    failed_once: bool,
    replies: u8,
    on_reply: Option<RouteId>,
    on_failure: Option<RouteId>,
    on_branch_failure: Option<RouteId>,
}

/// The branch's destination, but for its texts.
#[derive(Clone, Copy)]
struct PackedBranch {
    socket: Option<SocketId>,
    q: Option<u16>,
    flags: u32,
    connection: Option<ConnectionId>,
    /// `reg-id` of the registration that it came from.
    registration: Option<u32>,
}

impl PackedBranch {
    fn of(branch: &Branch) -> Self {
        Self {
            socket: branch.socket,
            q: branch.q,
            flags: branch.flags,
            connection: branch.connection,
            registration: branch.registration.as_ref().map(|found| found.reg_id),
        }
    }
}

/// The first destination of the request.
enum Target {
    /// Its URI.
    Default,
    /// The branch's, with these flags.
    AsBranch(u32),
    Other(Box<Branch>),
}

impl Target {
    fn of(target: Option<Box<Branch>>, branch: &Branch) -> Self {
        let Some(mut target) = target else {
            return Self::Default;
        };
        let flags = std::mem::replace(&mut target.flags, branch.flags);
        if *target == *branch {
            return Self::AsBranch(flags);
        }
        target.flags = flags;
        Self::Other(target)
    }

    fn unpacked(&self, branch: &Branch) -> Option<Box<Branch>> {
        match self {
            Self::Default => None,
            Self::AsBranch(flags) => Some(Box::new(Branch {
                flags: *flags,
                ..branch.clone()
            })),
            Self::Other(target) => Some(target.clone()),
        }
    }
}

/// Takes what is kept from a transaction at rest, and appends its texts; `None` leaves it as it
/// was.
pub(crate) fn pack(transaction: &mut Cell, out: &mut Vec<u8>) -> Option<Packed> {
    let rest = transaction.rest()?;
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
    let tolerance = kept.tolerance;
    request.avps.forget_if_empty();
    // No failure route and no other destination comes any more: nothing is made of the changes.
    request.edits = None;
    Some(Packed {
        rest,
        program: Arc::clone(&request.program),
        lengths,
        names,
        received: request.received,
        arrived: request.arrived,
        avps: std::mem::take(&mut request.avps),
        reply_to: request.reply_to,
        to: *to,
        plain: Plain {
            tolerance,
            options: request.options,
            settings: *settings,
            flags: *flags,
            xflags: *xflags,
            forked_by: *forked_by,
            first_of_leg: *first_of_leg,
            failed_leg: *failed_leg,
            lumps_saved: *lumps_saved,
            is_replica: *is_replica,
            last_replied: *last_replied,
            replied_by: *replied_by,
            has_told_tag: *has_told_tag,
            failed_once: *failed_once,
            replies: *replies,
            on_reply: *on_reply,
            on_failure: *on_failure,
            on_branch_failure: *on_branch_failure,
        },
        branch: PackedBranch::of(target),
        target: Target::of(request.target.take(), target),
        rare: request.rare.take(),
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
    if is_busy || Arc::strong_count(&data.request) > 1 {
        return None;
    }
    let target = &branch.target;
    let registration = target.registration.as_deref();
    let texts = Texts {
        request: &data.request.msg.unparsed()?.bytes[..],
        reply: &data.reply,
        sent: &branch.request,
        uri: target.uri.as_deref(),
        dst_uri: target.dst_uri.as_deref(),
        path: target.path.as_deref(),
        instance: registration.and_then(|found| found.instance.as_deref()),
        ruid: registration.and_then(|found| found.ruid.as_deref()),
        user_agent: registration.and_then(|found| found.user_agent.as_deref()),
    };
    Some(Lengths::write(&texts, out))
}

/// The transaction as it was.
pub(crate) fn unpack(packed: &Packed, texts: &[u8]) -> Cell {
    let texts = packed.lengths.read(texts);
    let plain = packed.plain;
    let target = Branch {
        uri: texts.uri,
        dst_uri: texts.dst_uri,
        path: texts.path,
        socket: packed.branch.socket,
        q: packed.branch.q,
        flags: packed.branch.flags,
        registration: packed.branch.registration.map(|reg_id| {
            Box::new(Registration {
                instance: texts.instance,
                reg_id,
                ruid: texts.ruid,
                user_agent: texts.user_agent,
            })
        }),
        connection: packed.branch.connection,
    };
    let request = StoredRequest {
        program: Arc::clone(&packed.program),
        msg: KeptMessage::Unparsed(Box::new(Unparsed {
            bytes: texts.request,
            tolerance: plain.tolerance,
            names: packed.names,
        })),
        received: packed.received,
        arrived: packed.arrived,
        target: packed.target.unpacked(&target),
        edits: None,
        options: plain.options,
        // As `StoredRequest::of`: whoever looks at the transaction shares one store.
        avps: packed.avps.clone().share(),
        rare: packed.rare.clone(),
        reply_to: packed.reply_to,
    };
    let data = RequestData {
        request: Arc::new(request),
        flags: plain.flags,
        xflags: plain.xflags,
        settings: plain.settings,
        forked_by: plain.forked_by,
        reply: texts.reply,
        ready: Bytes::new(),
        cancel_reason: Bytes::new(),
        first_of_leg: plain.first_of_leg,
        failed_leg: plain.failed_leg,
        suspended: Vec::new(),
        lumps_saved: plain.lumps_saved,
        is_replica: plain.is_replica,
        last_replied: plain.last_replied,
        replied_by: plain.replied_by,
        has_told_tag: plain.has_told_tag,
        failed_once: plain.failed_once,
        extensions: Extensions::default(),
    };
    let branch = BranchData {
        target,
        to: packed.to,
        request: texts.sent,
        cancel: Bytes::new(),
        ack: Bytes::new(),
        reply: None,
        others: None,
        replies: plain.replies,
        on_reply: plain.on_reply,
        on_failure: plain.on_failure,
        on_branch_failure: plain.on_branch_failure,
    };
    Transaction::resumed(packed.rest, data, Box::new(branch))
}

#[cfg(test)]
mod tests;
