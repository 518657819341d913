//! Where modules attach to the way of a message.

use std::sync::Arc;

use bytes::Bytes;
use script::ast::Span;

use crate::context::Context;
use crate::core::Core;
use crate::module::Outcome;
use crate::socket::Received;

/// What a hook decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// The message is dealt with.
    Consumed,
}

/// Looks at a message in work.
pub type MessageHook = Box<dyn Fn(&mut Context) -> Verdict + Send + Sync>;

/// Takes a reply that belongs to it, and may wait for its routes; `None`: not its.
pub type ReplyHook = Box<dyn Fn(&mut Context) -> Option<Outcome> + Send + Sync>;

/// Looks at bytes that are no SIP: HTTP requests on a SIP port, keep-alives.
pub type RawHook = Box<dyn Fn(&Arc<Core>, &[u8], &Received) -> Verdict + Send + Sync>;

/// Sees what came in, keep-alives aside, and gives what is to be worked on.
pub type IncomingHook = Box<dyn Fn(&Arc<Core>, Bytes, &Received) -> Bytes + Send + Sync>;

/// Looks at each statement before it runs.
pub type TraceHook = Box<dyn Fn(&mut Context, Span) + Send + Sync>;

/// Sees a message that is about to leave, and may change the bytes.
pub type SendHook =
    Box<dyn Fn(&Arc<Core>, &crate::socket::Destination, &mut Vec<u8>) + Send + Sync>;

/// Hears of a tracked message that was lost.
pub type LostHook = Box<dyn Fn(&Arc<Core>, crate::services::Token) + Send + Sync>;

/// Whether a request belongs to something in work: a retransmission of what has a transaction.
pub type InWorkHook = Box<dyn Fn(&Context) -> bool + Send + Sync>;

/// All hooks, each list in the order of registration.
#[derive(Default)]
pub struct Hooks {
    /// Before anything else looks at a message.
    pub incoming: Vec<IncomingHook>,
    /// Before parsing.
    pub raw: Vec<RawHook>,
    /// Before `request_route`.
    pub before_request: Vec<MessageHook>,
    /// After `request_route`, however it ended.
    pub after_request: Vec<MessageHook>,
    /// After `reply_route`: a module that owns the transaction consumes the reply.
    pub reply: Vec<ReplyHook>,
    /// Each statement, when a module traces.
    pub trace: Vec<TraceHook>,
    /// Each message that leaves.
    pub send: Vec<SendHook>,
    /// Each tracked message that was lost.
    pub lost: Vec<LostHook>,
    /// What modules carry, and how much of it they may.
    pub gauges: Vec<crate::overload::Gauge>,
    /// Asked before new work is refused.
    pub in_work: Vec<InWorkHook>,
}
