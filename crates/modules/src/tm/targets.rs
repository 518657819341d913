//! What each destination of a request is to be as a branch, after its branch route.

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, RunKind};
use engine::forward;
use engine::log::Level;
use engine::module::{FALSE, Outcome};
use engine::route::run_nested_then;
use engine::services::{Candidates, LocateQuery, Located};
use engine::socket::Proto;
use script::host::RouteId;
use script::vm::How;
use sip::{Edits, UriRef};
use transaction::{BranchNo, Handle};

use crate::tm::branches::OwnRoutes;
use crate::tm::error::RelayError;
use crate::tm::message::TmMessage;
use crate::tm::settings::Settings;
use crate::tm::state::Tm;

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

/// A branch that is ready but for its address.
pub(crate) struct Prepared {
    /// Where it goes; `uri` is set.
    pub(super) target: Branch,
    /// The message's edits and those of the branch route; `None`: the message's alone.
    pub(super) edits: Option<Edits>,
    pub(super) routes: OwnRoutes,
    pub(super) number: u8,
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

/// Runs a branch route, if one is given, for each destination of the request in work, then `then` with those that it
/// has not dropped. The transaction chooses nothing until it is released.
pub(crate) fn prepare(
    tm: &Tm,
    cx: &mut Context,
    handle: Handle,
    first: bool,
    hop: NextHop,
    on_branch: Option<RouteId>,
    then: impl FnOnce(&Tm, &mut Context, Vec<Prepared>) -> Outcome + Send + 'static,
) -> Outcome {
    let main = first.then(|| Branch {
        uri: Some(cx.request_uri()),
        ..cx.target.clone()
    });
    let next = tm
        .with(handle, |t| {
            t.hold();
            t.branches().len()
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
