//! Putting branches into their transaction, and sending their requests.

use bytes::Bytes;
use engine::Context;
use engine::context::Branch;
use engine::core::Core;
use engine::forward::{self, Outgoing, note_source, socket_for, write_request};
use engine::log::Level;
use engine::module::Outcome;
use engine::services::{Candidate, Candidates};
use engine::socket::{Destination, Received, SocketId};
use script::host::RouteId;
use sip::Edits;
use transaction::{AddBranchError, BranchNo, Handle, Transport};

use crate::tm::error::RelayError;
use crate::tm::message::TmMessage;
use crate::tm::perform::send_tracked;
use crate::tm::state::{Cell, Tm, now};
use crate::tm::stored::BranchData;
use crate::tm::targets::{NextHop, Place, Prepared};
use crate::tm::{failover, lost};

/// The routes of a branch, as they are set when it is made; what is set later is for later branches.
#[derive(Clone, Copy, Default)]
pub(crate) struct OwnRoutes {
    pub(crate) on_reply: Option<RouteId>,
    pub(crate) on_failure: Option<RouteId>,
    pub(crate) on_branch_failure: Option<RouteId>,
}

/// A branch that is in the transaction and waits for being sent.
pub(crate) struct Added {
    handle: Handle,
    number: BranchNo,
    to: Destination,
    request: Bytes,
}

/// Adds a branch whose next hop is known to the transaction and prints its request.
pub(crate) fn add(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    branch: Prepared,
    hop: &NextHop,
) -> Result<Added, RelayError> {
    let candidates = match branch.place {
        Place::Known(ref known) => known.as_ref().map_err(|error| *error)?,
        Place::Asked(_) => return Err(RelayError::Unspecified),
    };
    let mut candidate = *candidates.first().ok_or(RelayError::BadAddress)?;
    if let Some(proto) = hop.proto {
        candidate.proto = proto;
    }
    let others = failover::others(&cx.core, candidates, hop);
    let to = destination(cx, &branch.target, &candidate, Some(&cx.received))?;
    let to = way_by_size(tm, cx, handle, &branch, to);
    let number = tm
        .with(handle, |t| insert(t, &cx.core, to, branch.routes, others))
        .ok_or(RelayError::Unspecified)?
        .map_err(RelayError::from)?;
    debug_assert!(number.0 <= branch.number);
    let request = print(tm, cx, handle, number, &branch, &to);
    complete(tm, handle, number, to, branch.target, request)
}

/// Puts a branch into its transaction; its request cannot be printed before it has a number.
pub(crate) fn insert(
    t: &mut Cell,
    core: &Core,
    to: Destination,
    routes: OwnRoutes,
    others: Option<Box<Candidates>>,
) -> Result<BranchNo, AddBranchError> {
    let transport = if to.proto.is_reliable() {
        Transport::Reliable
    } else {
        Transport::Unreliable
    };
    let data = Box::new(BranchData {
        target: Branch::default(),
        to,
        request: Bytes::new(),
        cancel: Bytes::new(),
        ack: Bytes::new(),
        reply: None,
        others,
        replies: 0,
        on_reply: routes.on_reply,
        on_failure: routes.on_failure,
        on_branch_failure: routes.on_branch_failure,
    });
    t.add_branch(now(core), transport, data)
}

/// Gives a branch what it sends.
pub(crate) fn complete(
    tm: &Tm,
    handle: Handle,
    number: BranchNo,
    to: Destination,
    target: Branch,
    request: Option<Bytes>,
) -> Result<Added, RelayError> {
    tm.with(handle, |t| {
        if let Some(data) = t.branch_data_mut(number) {
            data.target = target;
            data.request = request.clone().unwrap_or_default();
        }
    });
    let request = request.ok_or(RelayError::NoSocket)?;
    Ok(Added {
        handle,
        number,
        to,
        request,
    })
}

/// Adds the one branch of a request made here.
pub(crate) fn add_local(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    found: Candidates,
) -> Result<Added, RelayError> {
    let mut target = cx.target.clone();
    target.uri = Some(cx.request_uri());
    // What `event_route[tm:local-request]` has named.
    let named = cx.extensions.get_or_default::<TmMessage>().settings;
    let has_failure_route = tm.config.enable_uac_fr.get() != 0;
    let prepared = Prepared {
        target,
        edits: None,
        routes: OwnRoutes {
            on_reply: named.on_reply,
            on_failure: named.on_failure.filter(|_| has_failure_route),
            on_branch_failure: None,
        },
        number: 0,
        place: Place::Known(Ok(found)),
    };
    add(tm, cx, handle, prepared, &NextHop::default())
}

/// The socket and address to send a branch to. Unless one is forced, it is the socket of a received
/// message if that fits.
pub(crate) fn destination(
    cx: &Context,
    target: &Branch,
    candidate: &Candidate,
    received: Option<&Received>,
) -> Result<Destination, RelayError> {
    let forced: Option<SocketId> = target.socket;
    let Some(socket) = socket_for(&cx.core, candidate, forced, received) else {
        cx.core.log(
            Level::Error,
            &format!(
                "no corresponding listening socket for {}:{}",
                candidate.proto.name(),
                candidate.address
            ),
        );
        return Err(RelayError::NoSocket);
    };
    Ok(Destination {
        proto: candidate.proto,
        peer: candidate.address,
        socket: socket.id,
        // Kamailio looks for a connection by the address alone, whatever the contact came by.
        connection: None,
        no_connect: cx.options.forward_no_connect,
        close: cx.options.forward_close,
    })
}

/// The way of a branch once its size is known: what is too large for a datagram goes by another.
fn way_by_size(
    tm: &Tm,
    cx: &Context,
    handle: Handle,
    branch: &Prepared,
    to: Destination,
) -> Destination {
    if !forward::has_larger_way(cx, &to) {
        return to;
    }
    let number = BranchNo(branch.number);
    let printed = print(tm, cx, handle, number, branch, &to);
    let size = printed.map_or(0, |bytes| bytes.len());
    forward::larger_way(cx, &to, size).unwrap_or(to)
}

fn print(
    tm: &Tm,
    cx: &Context,
    handle: Handle,
    number: BranchNo,
    branch: &Prepared,
    to: &Destination,
) -> Option<Bytes> {
    let id = branch_text(tm, handle, number)?;
    let edits = branch.edits.as_ref().unwrap_or(&cx.edits);
    print_request(cx, &branch.target, edits, &id, to)
}

/// The branch parameter of our Via.
fn branch_text(tm: &Tm, handle: Handle, number: BranchNo) -> Option<Vec<u8>> {
    let mut id = Vec::with_capacity(48);
    tm.table.branch_id(handle, number)?.write(&mut id);
    Some(id)
}

/// Prints a request that another branch sent for a branch of the same transaction.
pub(crate) fn print_again(
    tm: &Tm,
    cx: &Context,
    (handle, number): (Handle, BranchNo),
    sent: &[u8],
    to: &Destination,
) -> Option<Bytes> {
    let id = branch_text(tm, handle, number)?;
    print_by(cx, &Branch::default(), &[], &id, to, |out, how| {
        forward::write_again(out, sent, &cx.received, how);
    })
}

/// Prints the request in work as it goes to one destination.
pub(crate) fn print_request(
    cx: &Context,
    target: &Branch,
    edits: &Edits,
    via_branch: &[u8],
    to: &Destination,
) -> Option<Bytes> {
    let mut own = Edits::new();
    note_source(&mut own, &cx.msg, &cx.received, &cx.options);
    print_by(cx, target, &[edits, &own], via_branch, to, |out, how| {
        write_request(out, &cx.msg, &cx.received, how);
    })
}

/// Prints what leaves for a destination, which names our Via.
fn print_by(
    cx: &Context,
    target: &Branch,
    edits: &[&Edits],
    via_branch: &[u8],
    to: &Destination,
    write: impl FnOnce(&mut Vec<u8>, &Outgoing<'_>),
) -> Option<Bytes> {
    let socket = cx.core.sockets.by_id(to.socket)?;
    let settings = &cx.core.settings;
    let how = Outgoing {
        uri: target.uri.as_deref(),
        socket,
        proto: to.proto,
        advertised_host: cx
            .advertised_host
            .as_deref()
            .or(settings.advertised_address.as_deref()),
        advertised_port: cx.advertised_port.or(settings.advertised_port),
        branch: via_branch,
        rport: cx.options.add_local_rport,
        via_params: &engine::forward::via_params(cx),
        path: target.path.as_deref(),
        edits,
    };
    Some(forward::printed(|out| write(out, &how)))
}

/// Runs `onsend_route` on a branch's request, then `then`, which is told whether it may leave.
pub(crate) fn ask_to_send(
    cx: &mut Context,
    added: Added,
    then: impl FnOnce(&mut Context, &Added, bool) -> Outcome + Send + 'static,
) -> Outcome {
    // It is about what leaves, and knows of no transaction.
    let message = cx.extensions.remove::<TmMessage>();
    let to = added.to;
    forward::before_leaving(cx, &to, added.request.clone(), move |cx, kept| {
        if let Some(message) = message {
            cx.extensions.insert(message);
        }
        then(cx, &added, kept.is_some())
    })
}

/// Sends a branch's request.
pub(crate) fn send(cx: &Context, added: &Added) -> bool {
    let token = lost::token(added.handle, added.number);
    let sent = send_tracked(&cx.core, &added.to, &added.request, token);
    if sent {
        cx.core.counters.fwd_requests.increment();
    }
    sent
}

impl Added {
    pub(crate) fn handle(&self) -> Handle {
        self.handle
    }

    pub(crate) fn number(&self) -> BranchNo {
        self.number
    }
}
