//! What is kept of a request for as long as its transaction lives, and of each branch.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::context::{Avps, Branch, Extensions, RunKind, SendOptions};
use engine::core::Core;
use engine::forward::Source;
use engine::services::Candidates;
use engine::socket::{Destination, Received};
use engine::{Context, Program};
use script::host::RouteId;
use sip::{Edits, Message, Tolerance};
use transaction::{BranchNo, Data, Transaction};

use crate::auth::api::Marks;
use crate::tm::kept::KeptMessage;
use crate::tm::packed::{self, Packed};
use crate::tm::settings::Settings;
use crate::tm::suspend::Suspended;

/// Names what is kept, for [`transaction::Table`].
pub(crate) struct Stored;

impl Data for Stored {
    type Transaction = RequestData;
    type Branch = Box<BranchData>;
    type Packed = Packed;

    fn pack(transaction: &mut Transaction<Self>, texts: &mut Vec<u8>) -> Option<Packed> {
        packed::pack(transaction, texts)
    }

    fn unpack(packed: &Packed, texts: &[u8]) -> Transaction<Self> {
        packed::unpack(packed, texts)
    }
}

/// A request as its script left it when it was relayed.
pub struct StoredRequest {
    /// The program that it started with.
    pub program: Arc<Program>,
    pub(super) msg: KeptMessage,
    /// How it came in.
    pub received: Received,
    /// Its time.
    pub(super) arrived: Option<Duration>,
    /// Its first destination, if that is not simply the request URI.
    pub(super) target: Option<Box<Branch>>,
    /// Changes to the message, if there are any.
    pub(super) edits: Option<Box<Edits>>,
    /// Options for sending.
    pub options: SendOptions,
    /// AVPs, shared with every run of this transaction.
    pub avps: Avps,
    pub(super) rare: Option<Box<Rare>>,
    /// Where replies go.
    pub reply_to: Option<Destination>,
}

/// What few scripts set before they relay.
#[derive(Clone, Default)]
pub(super) struct Rare {
    /// Header lines for our own replies.
    reply_headers: Vec<Bytes>,
    /// Body for our own replies.
    reply_body: Bytes,
    /// `set_advertised_address`.
    advertised_host: Option<Bytes>,
    /// `set_advertised_port`.
    advertised_port: Option<u16>,
    /// What was found out about its credentials.
    marks: Option<Marks>,
}

impl Rare {
    fn of(cx: &Context) -> Option<Box<Self>> {
        let marks = cx.extensions.get::<Marks>();
        let is_set = marks.is_some()
            || !cx.reply_headers.is_empty()
            || !cx.reply_body.is_empty()
            || cx.advertised_host.is_some()
            || cx.advertised_port.is_some();
        is_set.then(|| {
            Box::new(Self {
                reply_headers: cx.reply_headers.clone(),
                reply_body: cx.reply_body.clone(),
                advertised_host: cx.advertised_host.clone(),
                advertised_port: cx.advertised_port,
                marks: marks.cloned(),
            })
        })
    }
}

impl StoredRequest {
    /// What is to be kept of a message in work.
    pub(crate) fn of(cx: &mut Context) -> Self {
        Self {
            program: Arc::clone(&cx.program),
            msg: KeptMessage::Parsed(Arc::clone(&cx.msg)),
            received: cx.received,
            arrived: cx.arrived,
            target: (cx.target != Branch::default()).then(|| Box::new(cx.target.clone())),
            edits: (!cx.edits.is_empty()).then(|| Box::new(cx.edits.clone())),
            options: cx.options,
            avps: cx.avps.share(),
            rare: Rare::of(cx),
            reply_to: engine::reply::destination(cx),
        }
    }

    /// The message as received; in the wait state it is parsed anew.
    #[must_use]
    pub fn msg(&self) -> Cow<'_, Arc<Message>> {
        self.msg.get()
    }

    pub(crate) fn method_text(&self) -> &[u8] {
        self.msg.method_text()
    }

    /// Its Call-ID, which is not empty.
    pub(crate) fn call_id(&self) -> Option<&[u8]> {
        Some(self.msg.call_id()).filter(|id| !id.is_empty())
    }

    pub(crate) fn cseq_number(&self) -> Option<u32> {
        self.msg.cseq_number()
    }

    /// Its first destination.
    #[must_use]
    pub fn target(&self) -> Cow<'_, Branch> {
        match &self.target {
            Some(target) => Cow::Borrowed(target),
            None => Cow::Owned(Branch::default()),
        }
    }

    /// Header lines for our own replies.
    pub(crate) fn reply_headers(&self) -> &[Bytes] {
        self.rare.as_ref().map_or(&[], |rare| &rare.reply_headers)
    }

    /// Body for our own replies.
    pub(crate) fn reply_body(&self) -> &[u8] {
        self.rare.as_ref().map_or(b"", |rare| &rare.reply_body)
    }

    /// Takes the changes that an earlier state of the request had (`t_save_lumps`).
    pub(crate) fn take_edits_of(&mut self, earlier: &Self) {
        self.edits.clone_from(&earlier.edits);
    }

    /// Gives back what is needed only while replies are awaited.
    pub(crate) fn put_away(&mut self, tolerance: &Tolerance) {
        self.msg.put_away(tolerance);
    }

    /// A context for another run on this request: a failure route, an observer.
    #[must_use]
    pub fn context(&self, core: &Arc<Core>, kind: RunKind, flags: u32) -> Context {
        let mut cx = Context::new(
            Arc::clone(core),
            Arc::clone(&self.program),
            self.msg().into_owned(),
            self.received,
            kind,
        );
        cx.arrived = self.arrived;
        cx.target = self.target().into_owned();
        if let Some(edits) = &self.edits {
            cx.edits = Edits::clone(edits);
        }
        cx.flags = flags;
        cx.options = self.options;
        cx.avps = self.avps.clone();
        if let Some(rare) = &self.rare {
            cx.reply_headers = rare.reply_headers.clone();
            cx.reply_body = rare.reply_body.clone();
            cx.advertised_host = rare.advertised_host.clone();
            cx.advertised_port = rare.advertised_port;
            if let Some(marks) = &rare.marks {
                cx.extensions.insert(marks.clone());
            }
        }
        cx
    }

    /// What the topmost Via learns of where the request came from.
    pub(crate) fn source(&self) -> Source {
        Source::of(&self.msg(), &self.received, &self.options)
    }
}

/// Whose reply it was that went upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sender {
    /// There was none yet.
    #[default]
    Nobody,
    /// It was made here.
    Ourselves,
    /// It came on this branch.
    Branch(BranchNo),
}

/// Kept per transaction.
pub struct RequestData {
    /// The request.
    pub request: Arc<StoredRequest>,
    /// Message flags: reply and failure routes see and change them.
    pub flags: u32,
    /// Extended message flags.
    pub(crate) xflags: [u32; 2],
    pub(crate) settings: Settings,
    /// The branch route of the last fork: a branch that is made anew goes by it again.
    pub(crate) forked_by: Option<RouteId>,
    /// The last reply sent upstream, as sent.
    pub(crate) reply: Bytes,
    /// A reply made here that the machine is about to let out.
    pub(crate) ready: Bytes,
    /// Reason headers of the CANCEL received, for those that we send.
    pub(crate) cancel_reason: Bytes,
    /// Branches before this one belong to earlier rounds of serial forking.
    pub(crate) first_of_leg: u8,
    /// The first branch of the round that the last failure route is about.
    pub(crate) failed_leg: u8,
    /// What the transaction is suspended in, the latest last.
    pub(crate) suspended: Vec<Suspended>,
    /// `t_save_lumps` was called: later edits do not concern failure routes.
    pub(crate) lumps_saved: bool,
    /// Nobody waits for its replies (`t_replicate`).
    pub(crate) is_replica: bool,
    /// The branch that the last reply came from; none after a timeout.
    pub(crate) last_replied: Option<BranchNo>,
    /// Whose reply was sent upstream last.
    pub(crate) replied_by: Sender,
    /// A reply of our own with our To tag was sent.
    pub(crate) has_told_tag: bool,
    /// A failure route has run or runs.
    pub(crate) failed_once: bool,
    /// What other modules keep with the transaction.
    pub extensions: Extensions,
}

/// Kept per branch.
pub struct BranchData {
    /// Where it goes, as the branch route left it; `uri` is always set.
    pub target: Branch,
    /// The next hop.
    pub to: Destination,
    /// The request as sent.
    pub request: Bytes,
    pub(crate) cancel: Bytes,
    pub(crate) ack: Bytes,
    /// The last reply, once it is final and negative.
    pub reply: Option<Arc<StoredReply>>,
    /// The further addresses of its name.
    pub(crate) others: Option<Box<Candidates>>,
    /// How many replies have passed the reply routes.
    pub(crate) replies: u8,
    pub(crate) on_reply: Option<RouteId>,
    pub(crate) on_failure: Option<RouteId>,
    pub(crate) on_branch_failure: Option<RouteId>,
}

impl BranchData {
    /// Of a branch on which nothing is sent.
    pub(crate) fn blind(request: &StoredRequest, settings: &Settings) -> Self {
        Self {
            target: Branch::default(),
            to: Destination::back_to(&request.received),
            request: Bytes::new(),
            cancel: Bytes::new(),
            ack: Bytes::new(),
            reply: None,
            others: None,
            replies: 0,
            on_reply: None,
            on_failure: settings.on_failure,
            on_branch_failure: settings.on_branch_failure,
        }
    }
}

/// A reply that may win the fork.
pub struct StoredReply {
    /// The reply as received.
    pub msg: Arc<Message>,
    /// How it came in.
    pub received: Received,
    /// Changes by the reply routes.
    pub edits: Edits,
}
