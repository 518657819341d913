//! The branches of a request: what each is to be, after its branch route, and sending them.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, RunKind};
use engine::forward::{self, Outgoing, note_source, socket_for, write_request};
use engine::log::Level;
use engine::route::run_nested;
use engine::services::{Candidate, Candidates, LocateQuery, Located};
use engine::socket::{Destination, Proto, SocketId};
use script::host::RouteId;
use script::vm::How;
use sip::{Edits, UriRef};
use transaction::{AddBranchError, BranchNo, Handle, Transport};

use crate::tm::error::RelayError;
use crate::tm::lost;
use crate::tm::message::TmMessage;
use crate::tm::perform::send_tracked;
use crate::tm::state::{Tm, now};
use crate::tm::stored::BranchData;

/// A next hop that the script names in the call, in place of the one in the URI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NextHop {
    /// Host or address to send to.
    pub(crate) host: Option<Bytes>,
    /// Its port.
    pub(crate) port: Option<u16>,
    /// Transport to use whatever the URI says.
    pub(crate) proto: Option<Proto>,
}

/// A branch that is ready but for its address.
pub(crate) struct Prepared {
    /// Where it goes; `uri` is set.
    target: Branch,
    /// The message's edits and those of the branch route.
    edits: Edits,
    on_reply: Option<RouteId>,
    on_failure: Option<RouteId>,
    number: u8,
    /// Where the next hop is.
    pub(crate) place: Place,
}

/// Where a branch's next hop is.
pub(crate) enum Place {
    /// Known, or known not to exist.
    Known(Result<Candidates, RelayError>),
    /// The resolver must be waited for.
    Asked(Located),
}

/// Runs the branch route for each destination of the request in work. Those that it drops are left
/// out.
pub(crate) fn prepare(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    first: bool,
    hop: &NextHop,
) -> Vec<Prepared> {
    let mut targets = Vec::with_capacity(1 + cx.branches.len());
    if first {
        let mut main = cx.target.clone();
        main.uri = Some(cx.request_uri());
        targets.push(main);
    }
    targets.extend(cx.branches.take());
    let next = tm.with(handle, |t| t.branches().len()).unwrap_or(0);
    let outer = cx.target.clone();
    let mut ready = Vec::with_capacity(targets.len());
    for target in targets {
        let number = u8::try_from(next + ready.len()).unwrap_or(u8::MAX);
        if let Some(branch) = prepare_one(tm, cx, handle, target, number, hop) {
            ready.push(branch);
        }
    }
    cx.target = outer;
    ready
}

fn prepare_one(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    target: Branch,
    number: u8,
    hop: &NextHop,
) -> Option<Prepared> {
    let settings = tm.with(handle, |t| t.data.settings)?;
    let outer_edits = cx.edits.clone();
    cx.target = target;
    let mut dropped = false;
    let mut on_reply = None;
    let mut on_failure = settings.on_failure;
    if let Some(route) = settings.on_branch {
        // It stays: `$T_branch_idx` tells the last one even after `t_relay`.
        cx.extensions.get_or_default::<TmMessage>().branch = Some(BranchNo(number));
        let ended = run_nested(cx, route, RunKind::Branch);
        dropped = ended.how == How::Drop;
        // Routes that the branch route names are the branch's own.
        let after = tm.with(handle, |t| {
            let changed = t.data.settings;
            t.data.settings.on_reply = settings.on_reply;
            t.data.settings.on_failure = settings.on_failure;
            changed
        })?;
        if after.on_reply != settings.on_reply {
            on_reply = after.on_reply;
        }
        on_failure = after.on_failure;
    }
    let edits = std::mem::replace(&mut cx.edits, outer_edits);
    let mut target = std::mem::take(&mut cx.target);
    if dropped {
        return None;
    }
    target
        .uri
        .get_or_insert_with(|| cx.msg.slice(cx.msg.request_uri_span()));
    let place = locate(cx, &target, hop);
    Some(Prepared {
        target,
        edits,
        on_reply,
        on_failure,
        number,
        place,
    })
}

fn locate(cx: &Context, target: &Branch, hop: &NextHop) -> Place {
    let uri = match (&target.dst_uri, &target.path, &target.uri) {
        (Some(uri), ..) => uri.clone(),
        (None, Some(path), _) => first_of_path(path),
        (None, None, Some(uri)) => uri.clone(),
        (None, None, None) => return Place::Known(Err(RelayError::BadAddress)),
    };
    let located = match &hop.host {
        Some(host) => cx.core.services.resolver.locate(LocateQuery {
            host: host.clone(),
            port: hop.port.filter(|port| *port != 0),
            proto: hop.proto,
            secure: false,
        }),
        None => {
            let Ok(uri) = UriRef::parse(&uri) else {
                cx.core
                    .log(Level::Error, &format!("bad URI: {}", uri.escape_ascii()));
                return Place::Known(Err(RelayError::BadAddress));
            };
            forward::locate(&cx.core, &uri, hop.proto)
        }
    };
    match located {
        Located::Ready(found) => Place::Known(Ok(found)),
        later => Place::Asked(later),
    }
}

/// The first URI of a path vector.
fn first_of_path(path: &Bytes) -> Bytes {
    let start = path.iter().position(|c| *c == b'<').map_or(0, |i| i + 1);
    let rest = path.get(start..).unwrap_or_default();
    let end = rest
        .iter()
        .position(|c| *c == b'>' || (*c == b',' && start == 0))
        .unwrap_or(rest.len());
    path.slice(start..start + end)
}

/// A branch that is in the transaction and waits for being sent.
pub(crate) struct Added {
    handle: Handle,
    number: BranchNo,
    to: Destination,
    request: Bytes,
    target: Branch,
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
    let to = destination(cx, &branch.target, &candidate)?;
    let transport = if to.proto.is_reliable() {
        Transport::Reliable
    } else {
        Transport::Unreliable
    };
    let at = now(&cx.core);
    let data = Box::new(BranchData {
        target: branch.target.clone(),
        to,
        request: Bytes::new(),
        cancel: Bytes::new(),
        ack: Bytes::new(),
        reply: None,
        replies: 0,
        on_reply: branch.on_reply,
        on_failure: branch.on_failure,
    });
    let number = tm
        .with(handle, |t| t.add_branch(at, transport, data))
        .ok_or(RelayError::Unspecified)?
        .map_err(|error| match error {
            AddBranchError::TooMany => RelayError::TooManyBranches,
            AddBranchError::Canceled | AddBranchError::Replied => RelayError::Closed,
        })?;
    debug_assert!(number.0 <= branch.number);
    let request = print(tm, cx, handle, number, &branch, &to).ok_or(RelayError::NoSocket)?;
    tm.with(handle, |t| {
        if let Some(data) = t.branch_data_mut(number) {
            data.request = request.clone();
        }
    });
    Ok(Added {
        handle,
        number,
        to,
        request,
        target: branch.target,
    })
}

/// Sends the one branch of a request made here.
pub(crate) fn send_local(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    candidate: Candidate,
) -> Result<(), RelayError> {
    let mut target = cx.target.clone();
    target.uri = Some(cx.request_uri());
    let mut found = Candidates::new();
    found.push(candidate);
    let prepared = Prepared {
        target,
        edits: cx.edits.clone(),
        on_reply: None,
        on_failure: None,
        number: 0,
        place: Place::Known(Ok(found)),
    };
    let added = add(tm, cx, handle, prepared, &NextHop::default())?;
    if send(cx, &added) {
        Ok(())
    } else {
        Err(RelayError::Send)
    }
}

/// The socket and address to send a branch to.
pub(crate) fn destination(
    cx: &Context,
    target: &Branch,
    candidate: &Candidate,
) -> Result<Destination, RelayError> {
    let forced: Option<SocketId> = target.socket;
    let Some(socket) = socket_for(&cx.core, candidate, forced, Some(&cx.received)) else {
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

fn print(
    tm: &Tm,
    cx: &Context,
    handle: Handle,
    number: BranchNo,
    branch: &Prepared,
    to: &Destination,
) -> Option<Bytes> {
    let mut id = Vec::with_capacity(48);
    tm.table.branch_id(handle, number)?.write(&mut id);
    print_request(cx, &branch.target, &branch.edits, &id, to)
}

/// Prints the request in work as it goes to one destination.
pub(crate) fn print_request(
    cx: &Context,
    target: &Branch,
    edits: &Edits,
    via_branch: &[u8],
    to: &Destination,
) -> Option<Bytes> {
    let socket = cx.core.sockets.by_id(to.socket)?;
    let mut own = Edits::new();
    note_source(&mut own, &cx.msg, &cx.received, cx.options.force_rport);
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
        path: target.path.as_deref(),
        edits: &[edits, &own],
    };
    let mut out = Vec::with_capacity(cx.msg.raw().len() + 256);
    write_request(&mut out, &cx.msg, &cx.received, &how);
    Some(out.into())
}

/// Sends a branch's request, unless `onsend_route` drops it.
pub(crate) fn send(cx: &mut Context, added: &Added) -> bool {
    let core = Arc::clone(&cx.core);
    if cx.program.onsend_route().is_some() {
        let outer = std::mem::replace(&mut cx.target, added.target.clone());
        let may_leave = forward::may_leave(cx, &added.to, &added.request);
        cx.target = outer;
        if !may_leave {
            return false;
        }
    }
    let token = lost::token(added.handle, added.number);
    if send_tracked(&core, &added.to, &added.request, token) {
        core.counters.fwd_requests.increment();
        true
    } else {
        false
    }
}

impl Added {
    pub(crate) fn number(&self) -> BranchNo {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_uri_of_a_path() {
        let first = |text: &'static str| first_of_path(&Bytes::from_static(text.as_bytes()));
        assert_eq!(first("<sip:p1;lr>, <sip:p2;lr>"), "sip:p1;lr");
        assert_eq!(first("sip:p1,sip:p2"), "sip:p1");
        assert_eq!(first("<sip:p1"), "sip:p1");
        assert_eq!(first(""), "");
    }
}
