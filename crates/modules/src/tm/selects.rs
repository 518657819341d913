//! Selects of transactions: `@tm.uac[0].status`.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::context::RunKind;
use engine::module::SelectRow;
use engine::select::path::Step;
use engine::select::{Select, Unresolved};
use script::value::Value;
use sip::Method;
use transaction::{BranchNo, Handle};

use crate::tm::message::{current, current_branch, is_reply_run};
use crate::tm::reply_in;
use crate::tm::state::{Cell, Tm};
use crate::tm::stored::Sender;

/// All selects.
pub(super) static TABLE: &[SelectRow] = &[SelectRow::new(
    "tm",
    parse,
    &[
        "tm{|.method}",
        "tm.uac.{count|last_status|relayed|response_retransmission}",
        "tm.uac[%i].{req|request|resp|response|status|uri}",
        "tm.uas.{local_to_tag|resp|response|status}",
        "tm.uas.{req|request}{|.neg_ack_retransmission}",
    ],
    "The transaction of the message: whether there is one; what came and was answered (`uas`), and of each branch what was sent, until it has its final reply, and what came back (`uac`).",
)];

/// What is shown of a transaction.
#[derive(Clone, Copy)]
enum Part {
    /// Whether there is one.
    Presence,
    Method,
    /// The request as it came.
    Request,
    /// Whether this is not the first ACK of a negative reply: 1 or -1.
    IsAckRepeated,
    /// The last reply upstream, as sent.
    Reply,
    /// Its status.
    Status,
    /// The tag of this side, once a reply was sent with it.
    OwnTag,
    BranchCount,
    /// The last status of the branch that the reply in work came on.
    LastStatus,
    /// Whether the reply in work is no news on its branch: 1 or -1.
    IsReplyRepeated,
    /// The branch whose reply was sent last; -2 when it was ours, -1 when there was none.
    Relayed,
    BranchRequest(BranchNo),
    BranchReply(BranchNo),
    BranchStatus(BranchNo),
    BranchUri(BranchNo),
}

fn parse(_: &mut NameScope<'_, '_>, steps: &[Step]) -> Result<Select, Unresolved> {
    let part = part(steps).ok_or(Unresolved::Unknown)?;
    Ok(Select::new(move |cx| match cx.core.modules.get::<Tm>() {
        Some(tm) => part.read(&tm, cx),
        None => Value::Null,
    }))
}

fn part(steps: &[Step]) -> Option<Part> {
    if let [uac, Step::Index(index), what] = steps {
        let branch = BranchNo(u8::try_from(*index).unwrap_or(u8::MAX));
        return (uac.word() == Some("uac")).then(|| of_branch(branch, what.word()?))?;
    }
    let words: Vec<&str> = steps.iter().map(Step::word).collect::<Option<_>>()?;
    Some(match words[..] {
        [] => Part::Presence,
        ["method"] => Part::Method,
        ["uas", "req" | "request"] => Part::Request,
        ["uas", "req" | "request", "neg_ack_retransmission"] => Part::IsAckRepeated,
        ["uas", "resp" | "response"] => Part::Reply,
        ["uas", "status"] => Part::Status,
        ["uas", "local_to_tag"] => Part::OwnTag,
        ["uac", "count"] => Part::BranchCount,
        ["uac", "last_status"] => Part::LastStatus,
        ["uac", "response_retransmission"] => Part::IsReplyRepeated,
        ["uac", "relayed"] => Part::Relayed,
        _ => return None,
    })
}

fn of_branch(branch: BranchNo, what: &str) -> Option<Part> {
    Some(match what {
        "req" | "request" => Part::BranchRequest(branch),
        "resp" | "response" => Part::BranchReply(branch),
        "status" => Part::BranchStatus(branch),
        "uri" => Part::BranchUri(branch),
        _ => return None,
    })
}

/// The transaction of a message. Of a request it is only looked for: whether it is a retransmission
/// the script asks with other means.
fn transaction(tm: &Tm, cx: &mut Context) -> Option<Handle> {
    if is_reply_run(cx) {
        return reply_in::current_or_of_reply(tm, cx);
    }
    current(cx).or_else(|| match cx.msg.method() {
        Method::Ack => tm.find_invite(&cx.msg),
        _ => tm.find_own(&cx.msg),
    })
}

impl Part {
    fn read(self, tm: &Tm, cx: &mut Context) -> Value {
        let handle = transaction(tm, cx);
        let found = handle.and_then(|handle| {
            let run = Run::of(tm, cx);
            tm.look(handle, |t| self.of(tm, t, &run))
        });
        match self {
            Self::Presence => Value::from(found.is_some()),
            _ => found.unwrap_or(Value::Null),
        }
    }

    fn of(self, tm: &Tm, t: &Cell, run: &Run) -> Value {
        let request = || t.data.request.msg();
        match self {
            Self::Presence => Value::from(true),
            Self::Method => Value::Str(Bytes::copy_from_slice(request().method_text())),
            Self::Request => Value::Str(request().raw().clone()),
            Self::IsAckRepeated => sign(t.is_acknowledged()),
            Self::Reply => there(&t.data.reply),
            Self::Status => Value::Int(t.last_status().into()),
            Self::OwnTag => own_tag(tm, t),
            Self::BranchCount => Value::Int(i64::try_from(t.branches().len()).unwrap_or(i64::MAX)),
            Self::LastStatus => run.on_branch(t, |status, _| Value::Int(status.into())),
            Self::IsReplyRepeated => run.on_branch(t, |status, now| sign(now <= status)),
            Self::Relayed => Value::Int(match t.data.replied_by {
                Sender::Nobody => -1,
                Sender::Ourselves => -2,
                Sender::Branch(BranchNo(number)) => number.into(),
            }),
            Self::BranchRequest(number) => t
                .branch(number)
                .map_or(Value::Null, |branch| there(&branch.data.request)),
            Self::BranchReply(number) => {
                let reply = t.branch(number).and_then(|b| b.data.reply.as_ref());
                reply.map_or(Value::Null, |reply| Value::Str(reply.msg.raw().clone()))
            }
            Self::BranchStatus(number) => run
                .status_of(t, number)
                .map_or(Value::Null, |status| Value::Int(status.into())),
            Self::BranchUri(number) => {
                let uri = t.branch(number).and_then(|b| b.data.target.uri.clone());
                uri.map_or(Value::Null, Value::Str)
            }
        }
    }
}

/// The To tag of the request, or ours once a reply has told it; null before any reply.
fn own_tag(tm: &Tm, t: &Cell) -> Value {
    if t.last_status() == 0 {
        return Value::Null;
    }
    let msg = t.data.request.msg();
    match msg.to_tag() {
        None if t.data.has_told_tag => Value::Str(tm.to_tag(&msg)),
        tag => Value::Str(Bytes::copy_from_slice(tag.unwrap_or_default())),
    }
}

fn there(bytes: &Bytes) -> Value {
    match bytes.is_empty() {
        true => Value::Null,
        false => Value::Str(bytes.clone()),
    }
}

/// How Kamailio shows yes and no here.
fn sign(yes: bool) -> Value {
    Value::Int(if yes { 1 } else { -1 })
}

/// What is known of the reply in work.
struct Run {
    /// Its branch and its status.
    reply: Option<(BranchNo, u16)>,
    /// An onreply route runs: the branch counts it already, unless it has seen a higher one.
    is_counted: bool,
}

impl Run {
    fn of(tm: &Tm, cx: &Context) -> Self {
        let status = cx.msg.status().filter(|_| is_reply_run(cx));
        // `reply_route` runs before the reply has its branch.
        let branch = || current_branch(cx).or_else(|| Some(reply_in::find(tm, cx)?.1));
        Self {
            reply: status.and_then(|status| Some((branch()?, status))),
            is_counted: cx.kind == RunKind::TmReply,
        }
    }

    fn status_of(&self, t: &Cell, number: BranchNo) -> Option<u16> {
        let branch = t.branch(number)?;
        let counted = self
            .reply
            .filter(|(own, _)| self.is_counted && *own == number);
        Some(match counted {
            Some((_, status)) if !branch.is_final() => branch.status().max(status),
            _ => branch.status(),
        })
    }

    /// Of the branch of the reply in work: its last status, and the reply's.
    fn on_branch(&self, t: &Cell, show: impl FnOnce(u16, u16) -> Value) -> Value {
        let found = self
            .reply
            .and_then(|(branch, now)| Some((self.status_of(t, branch)?, now)));
        found.map_or(Value::Null, |(status, now)| show(status, now))
    }
}
