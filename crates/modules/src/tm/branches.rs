//! The branches of a request: what each is to be, after its branch route, and sending them.

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, RunKind};
use engine::core::Core;
use engine::forward::{self, Outgoing, note_source, socket_for, write_request};
use engine::log::Level;
use engine::module::{FALSE, Outcome};
use engine::route::run_nested_then;
use engine::services::{Candidate, Candidates, LocateQuery, Located};
use engine::socket::{Destination, Proto, Received, SocketId};
use script::host::RouteId;
use script::vm::How;
use sip::{Edits, UriRef};
use transaction::{AddBranchError, BranchNo, Handle, Transport};

use crate::tm::error::RelayError;
use crate::tm::message::TmMessage;
use crate::tm::perform::send_tracked;
use crate::tm::settings::Settings;
use crate::tm::state::{Cell, Tm, now};
use crate::tm::stored::BranchData;
use crate::tm::{failover, lost};

/// A next hop that the script names in the call, in place of the one in the URI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NextHop {
    /// Host or address to send to.
    pub(crate) host: Option<Bytes>,
    /// Its port.
    pub(crate) port: Option<u16>,
    /// Transport to use whatever the URI says.
    pub(crate) proto: Option<Proto>,
    /// Where it is, if that was found out before.
    pub(crate) known: Option<Candidates>,
}

/// The routes of a branch, as they are set when it is made; what is set later is for later branches.
#[derive(Clone, Copy, Default)]
pub(crate) struct OwnRoutes {
    pub(crate) on_reply: Option<RouteId>,
    pub(crate) on_failure: Option<RouteId>,
    pub(crate) on_branch_failure: Option<RouteId>,
}

/// A branch that is ready but for its address.
pub(crate) struct Prepared {
    /// Where it goes; `uri` is set.
    target: Branch,
    /// The message's edits and those of the branch route; `None`: the message's alone.
    edits: Option<Edits>,
    routes: OwnRoutes,
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

/// The destinations of a request on their way through the branch route.
struct Preparing {
    handle: Handle,
    hop: NextHop,
    /// The request's own target, if that makes a branch and until it does.
    main: Option<Branch>,
    /// How many of the appended branches have been gone through.
    done: usize,
    on_branch: Option<RouteId>,
    /// How many branches the transaction has.
    next: usize,
    ready: Vec<Prepared>,
    /// The request's own target, put back in the end.
    outer: Branch,
    /// The request's edits, once a branch route may have changed them.
    outer_edits: Option<Edits>,
}

/// Runs the branch route for each destination of the request in work, then `then` with those that it
/// has not dropped. The transaction chooses nothing until it is released.
pub(crate) fn prepare(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    first: bool,
    hop: NextHop,
    then: impl FnOnce(&Tm, &mut Context, Vec<Prepared>) -> Outcome + Send + 'static,
) -> Outcome {
    let main = first.then(|| Branch {
        uri: Some(cx.request_uri()),
        ..cx.target.clone()
    });
    let (next, on_branch) = tm
        .with(handle, |t| {
            t.hold();
            // Each fork names its own.
            t.data.forked_by = t.data.settings.on_branch.take();
            (t.branches().len(), t.data.forked_by)
        })
        .unwrap_or_default();
    let work = Preparing {
        handle,
        hop,
        on_branch,
        next,
        ready: Vec::with_capacity(usize::from(first) + cx.branches.len()),
        main,
        done: 0,
        outer: std::mem::take(&mut cx.target),
        outer_edits: on_branch.map(|_| cx.edits.clone()),
    };
    prepare_next(tm, cx, work, then)
}

fn prepare_next(
    tm: &Tm,
    cx: &mut Context,
    mut work: Preparing,
    then: impl FnOnce(&Tm, &mut Context, Vec<Prepared>) -> Outcome + Send + 'static,
) -> Outcome {
    while let Some(target) = work.next_target(cx) {
        let Some(settings) = tm.with(work.handle, |t| t.data.settings) else {
            break;
        };
        cx.target = target;
        let next_hop = next_hop(&cx.target);
        let Some(route) = work.on_branch else {
            work.take(cx, &settings, next_hop);
            continue;
        };
        // It stays: `$T_branch_idx` tells the last one even after `t_relay`.
        cx.extensions.get_or_default::<TmMessage>().branch = Some(BranchNo(work.number()));
        return run_nested_then(cx, route, RunKind::Branch, move |cx, ended| {
            let Some(tm) = cx.core.modules.get::<Tm>() else {
                return FALSE;
            };
            let own = work.own_routes(&tm, &settings);
            if ended.how != How::Drop {
                // Another request URI does not lead elsewhere, as with Kamailio; `$du` does.
                let next_hop = cx.target.dst_uri.clone().or(next_hop);
                work.take(cx, &own, next_hop);
            }
            if let Some(edits) = &work.outer_edits {
                cx.edits.clone_from(edits);
            }
            prepare_next(&tm, cx, work, then)
        });
    }
    cx.target = work.outer;
    cx.branches.clear();
    if let Some(edits) = work.outer_edits {
        cx.edits = edits;
    }
    let flags = cx.flags;
    tm.with(work.handle, |t| {
        // What a branch route sets is there in the routes of replies and failures.
        t.data.flags = flags;
    });
    then(tm, cx, work.ready)
}

impl Preparing {
    /// The next destination: the main one, then those that were appended, by branch routes too.
    fn next_target(&mut self, cx: &Context) -> Option<Branch> {
        if let Some(main) = self.main.take() {
            return Some(main);
        }
        let appended = cx.branches.as_slice().get(self.done)?;
        self.done += 1;
        Some(appended.clone())
    }

    fn number(&self) -> u8 {
        u8::try_from(self.next + self.ready.len()).unwrap_or(u8::MAX)
    }

    /// The settings as the branch route left them: the routes that it named are the branch's own.
    fn own_routes(&self, tm: &Tm, before: &Settings) -> Settings {
        let after = tm.with(self.handle, |t| {
            let changed = t.data.settings;
            t.data.settings.on_reply = before.on_reply;
            t.data.settings.on_failure = before.on_failure;
            t.data.settings.on_branch_failure = before.on_branch_failure;
            changed
        });
        after.unwrap_or(*before)
    }

    /// Takes the target in work, with the edits as they stand, as a branch.
    fn take(&mut self, cx: &mut Context, settings: &Settings, next_hop: Option<Bytes>) {
        let mut target = std::mem::take(&mut cx.target);
        target
            .uri
            .get_or_insert_with(|| cx.msg.slice(cx.msg.request_uri_span()));
        let place = locate(cx, next_hop, &self.hop);
        self.ready.push(Prepared {
            target,
            edits: self.outer_edits.is_some().then(|| cx.edits.clone()),
            routes: OwnRoutes {
                on_reply: settings.on_reply,
                on_failure: settings.on_failure,
                on_branch_failure: settings.on_branch_failure,
            },
            number: self.number(),
            place,
        });
    }
}

/// The URI that a destination is reached by.
fn next_hop(target: &Branch) -> Option<Bytes> {
    let route = || target.path.as_ref().map(first_of_path);
    let to = target.dst_uri.clone().or_else(route);
    to.or_else(|| target.uri.clone())
}

fn locate(cx: &mut Context, next_hop: Option<Bytes>, hop: &NextHop) -> Place {
    if let Some(known) = &hop.known {
        return Place::Known(Ok(known.clone()));
    }
    let Some(uri) = next_hop else {
        return Place::Known(Err(RelayError::BadAddress));
    };
    let located = match &hop.host {
        Some(host) => cx.core.services.resolver.locate(LocateQuery {
            host: host.clone(),
            port: hop.port.filter(|port| *port != 0),
            proto: hop.proto,
            secure: false,
        }),
        None => {
            let Some(parts) = cx.uri_of(&uri) else {
                cx.core
                    .log(Level::Error, &format!("bad URI: {}", uri.escape_ascii()));
                return Place::Known(Err(RelayError::BadAddress));
            };
            let uri = UriRef {
                text: &uri,
                uri: parts,
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
