//! What the module keeps with a message: which transaction it belongs to, and what the script has
//! set for the transaction to come.

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, RunKind};
use transaction::{BranchNo, Handle};

use crate::tm::error::RelayError;
use crate::tm::settings::Settings;

/// Whether the transaction of a message has been looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// Not yet.
    #[default]
    Unknown,
    /// There is none.
    None,
    /// This one.
    Found(Handle),
}

impl Lookup {
    pub(crate) fn handle(self) -> Option<Handle> {
        match self {
            Self::Found(handle) => Some(handle),
            Self::Unknown | Self::None => None,
        }
    }
}

/// The module's part of a message context.
#[derive(Default)]
pub(crate) struct TmMessage {
    /// Its transaction.
    pub(crate) lookup: Lookup,
    /// The branch in work: of a branch route, of a received reply, of the reply that leads to a
    /// failure route.
    pub(crate) branch: Option<BranchNo>,
    /// What a transaction made for this message will start with.
    pub(crate) settings: Settings,
    /// Whether this message made the transaction: it answers for its end.
    pub(crate) is_owner: bool,
    /// Why `t_relay` could not do anything.
    pub(crate) failed: Option<RelayError>,
    /// The run goes on with a suspended request.
    pub(crate) is_continued: bool,
    /// The reply route has suspended its reply.
    pub(crate) holds_reply: bool,
    /// Status that an enclosing failure route handles.
    pub(crate) status: u16,
    /// The target that has a branch: it makes another one only when it is set again.
    pub(crate) used: Option<Target>,
    /// The INVITE's transaction whose forwarded 2xx this message acknowledges.
    pub(crate) acknowledged: Option<Handle>,
}

/// Where the first branch of a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    uri: Option<Bytes>,
    dst_uri: Option<Bytes>,
}

impl Target {
    pub(crate) fn of(branch: &Branch) -> Self {
        Self {
            uri: branch.uri.clone(),
            dst_uri: branch.dst_uri.clone(),
        }
    }

    /// Whether a later target is another one; a next hop that is cleared makes none.
    pub(crate) fn is_left_for(&self, later: &Branch) -> bool {
        let is_hop_new = later.dst_uri.is_some() && later.dst_uri != self.dst_uri;
        later.uri != self.uri || is_hop_new
    }
}

/// The target of the message in work has its branch.
pub(crate) fn use_target(cx: &mut Context) {
    let used = Target::of(&cx.target);
    cx.extensions.get_or_default::<TmMessage>().used = Some(used);
    cx.target_set = false;
}

/// The transaction that a message is known to belong to.
pub(crate) fn current(cx: &Context) -> Option<Handle> {
    cx.extensions.get::<TmMessage>()?.lookup.handle()
}

/// The transaction that an ACK was found to acknowledge end to end.
pub(crate) fn acknowledged(cx: &Context) -> Option<Handle> {
    cx.extensions.get::<TmMessage>()?.acknowledged
}

/// The branch in work.
pub(crate) fn current_branch(cx: &Context) -> Option<BranchNo> {
    cx.extensions.get::<TmMessage>()?.branch
}

/// Puts a context into a transaction.
pub(crate) fn enter(cx: &mut Context, handle: Handle, branch: Option<BranchNo>) {
    let message = cx.extensions.get_or_default::<TmMessage>();
    message.lookup = Lookup::Found(handle);
    message.branch = branch;
}

/// Whether the run handles a reply, not a request.
pub(crate) fn is_reply_run(cx: &Context) -> bool {
    matches!(cx.kind, RunKind::Reply | RunKind::TmReply)
}
