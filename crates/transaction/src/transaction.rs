//! One transaction: a server machine, up to 32 client branches, and the rules of forking between them.
//!
//! Every method is a pure step: it changes the value and appends what is to be done to the caller's list.

mod cancel;
mod reply;
mod timer;

use smallvec::SmallVec;

use crate::branch::{Branch, Cancel, Client};
use crate::client_invite::{ClientInvite, RestartFr};
use crate::client_non_invite::ClientNonInvite;
use crate::output::{BranchNo, Output, Outputs, Response, Winner};
use crate::rest::Rest;
use crate::server::Server;
use crate::server_invite::ServerInvite;
use crate::server_non_invite::ServerNonInvite;
use crate::time::{Millis, Timing, Transport};

/// The most branches that one transaction may have.
pub const MAX_BRANCHES: usize = 32;

/// What the owner of the table keeps with each transaction and each branch.
pub trait Data: Sized {
    /// Kept per transaction: the request, routes, callbacks, reply buffer.
    type Transaction;
    /// Kept per branch: destination, request buffer, CANCEL and ACK buffers.
    type Branch;
    /// All that is kept of a transaction at rest, in little room.
    type Packed;

    /// Takes from a transaction what is to be kept while it rests, and appends its texts; the remains are dropped. `None`
    /// leaves it as it was: it does not rest (see [`Transaction::rest`]), or holds something that cannot be packed.
    fn pack(transaction: &mut Transaction<Self>, texts: &mut Vec<u8>) -> Option<Self::Packed>;

    /// The transaction as it was, for whatever comes late; `texts` are those that were appended.
    fn unpack(packed: &Self::Packed, texts: &[u8]) -> Transaction<Self>;
}

/// Nothing is kept.
impl Data for () {
    type Transaction = ();
    type Branch = ();
    type Packed = Rest;

    fn pack(transaction: &mut Transaction<()>, _texts: &mut Vec<u8>) -> Option<Rest> {
        transaction.rest()
    }

    fn unpack(packed: &Rest, _texts: &[u8]) -> Transaction<()> {
        Transaction::resumed(*packed, (), ())
    }
}

/// Which machines a transaction needs. ACK never makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A received INVITE.
    Invite,
    /// Any other received request.
    NonInvite,
    /// An INVITE made here.
    LocalInvite,
    /// Any other request made here.
    LocalNonInvite,
}

impl Kind {
    /// Whether the request is an INVITE.
    pub fn is_invite(self) -> bool {
        matches!(self, Kind::Invite | Kind::LocalInvite)
    }

    /// Whether the request was made here.
    pub fn is_local(self) -> bool {
        matches!(self, Kind::LocalInvite | Kind::LocalNonInvite)
    }
}

/// What to do with a branch that must be cancelled before any reply came (`cancel_b_method`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelMode {
    /// 0: give it up as if it had answered 487.
    FakeReply,
    /// 1: send the INVITE on; the first provisional reply triggers the CANCEL.
    WaitForProvisional,
    /// 2: send the CANCEL at once.
    SendAnyway,
}

/// The rules that one transaction follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `cancel_b_method`
    pub cancel_mode: CancelMode,
    /// `restart_fr_on_each_reply`
    pub restart_fr: RestartFr,
    /// `disable_6xx_block`: a 6xx does not cancel the other branches.
    pub disable_6xx_block: bool,
    /// `relay_100`: forward 100 replies too.
    pub relay_100: bool,
    /// `faked_reply_prio`: added to the rank of replies made here.
    pub faked_reply_prio: i32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            cancel_mode: CancelMode::WaitForProvisional,
            restart_fr: RestartFr::EachReply,
            disable_6xx_block: false,
            relay_100: false,
            faked_reply_prio: 0,
        }
    }
}

/// Which earlier replies `drop_replies` takes out of the choice (`t_drop_replies`, `failure_reply_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReplies {
    /// All of them.
    All,
    /// Those of the last round of serial forking.
    LastLeg,
}

/// Why no branch can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddBranchError {
    /// There are [`MAX_BRANCHES`] already.
    #[error("the transaction has too many branches")]
    TooMany,
    /// The request was cancelled.
    #[error("the request has been cancelled")]
    Canceled,
    /// A final reply has been sent.
    #[error("a final reply has been sent")]
    Replied,
}

/// A final reply has been sent: there can be no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a final reply has been sent")]
pub struct AlreadyReplied;

/// How far the choice of the final reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Branches are pending, or none was added yet.
    Open,
    /// `AllBranchesFinal` is out; `conclude`, a new branch or a local reply must follow.
    Asked,
    /// It was given up: only a reply made here can still be the final one.
    GivenUp,
    /// The final reply is out.
    Made,
}

impl Decision {
    /// Whether what branches bring is of no interest any more.
    fn is_over(self) -> bool {
        matches!(self, Decision::GivenUp | Decision::Made)
    }
}

/// One transaction.
pub struct Transaction<D: Data> {
    /// What the owner keeps per transaction.
    pub data: D::Transaction,
    pub(crate) kind: Kind,
    pub(crate) server: Server,
    pub(crate) transport: Transport,
    pub(crate) timing: Timing,
    pub(crate) rules: Rules,
    pub(crate) decision: Decision,
    pub(crate) canceled: bool,
    pub(crate) outlived: bool,
    /// While above zero, no choice is made: more branches may come.
    pub(crate) holds: u16,
    pub(crate) leg: u8,
    pub(crate) created: Millis,
    /// `NEVER` once a final reply is out.
    pub(crate) lifetime: Millis,
    /// `NEVER` until a final reply is out, or the transaction was let go.
    pub(crate) wait: Millis,
    pub(crate) branches: SmallVec<[Branch<D::Branch>; 1]>,
}

impl<D: Data> Transaction<D> {
    /// A transaction for a request that was received over `transport`, or made here.
    pub fn new(
        now: Millis,
        kind: Kind,
        transport: Transport,
        timing: Timing,
        rules: Rules,
        data: D::Transaction,
    ) -> Transaction<D> {
        let server = match kind {
            Kind::Invite => Server::Invite(ServerInvite::start()),
            Kind::NonInvite => Server::NonInvite(ServerNonInvite::start()),
            Kind::LocalInvite | Kind::LocalNonInvite => Server::Local(ServerNonInvite::start()),
        };
        Transaction {
            data,
            kind,
            server,
            transport,
            timing,
            rules,
            decision: Decision::Open,
            canceled: false,
            outlived: false,
            holds: 0,
            leg: 0,
            created: now,
            lifetime: now + timing.max_lifetime,
            wait: Millis::NEVER,
            branches: SmallVec::new(),
        }
    }

    /// Adds a branch and starts its machine; the caller prints the request with the number of the branch in it, keeps it
    /// in the branch's data and sends it. In the decision phase this begins a new round of serial forking.
    pub fn add_branch(
        &mut self,
        now: Millis,
        transport: Transport,
        data: D::Branch,
    ) -> Result<BranchNo, AddBranchError> {
        let client = if self.kind.is_invite() {
            Client::Invite(ClientInvite::start(now, &self.timing, transport))
        } else {
            Client::NonInvite(ClientNonInvite::start(now, &self.timing, transport))
        };
        self.push_branch(client, transport, data)
    }

    /// Adds a branch on which nothing is sent, because the script is suspended: it times out with `fr`
    /// like any other, unless `end_blind` comes first.
    pub fn add_blind_branch(
        &mut self,
        now: Millis,
        data: D::Branch,
    ) -> Result<BranchNo, AddBranchError> {
        let reliable = Transport::Reliable;
        let client = Client::NonInvite(ClientNonInvite::start(now, &self.timing, reliable));
        let number = self.push_branch(client, reliable, data)?;
        if let Some(branch) = self.branches.last_mut() {
            branch.blind = true;
        }
        Ok(number)
    }

    /// The script goes on: the branch that stood for it is over, and takes no part in the choice. False
    /// when it had timed out already.
    pub fn end_blind(&mut self, number: BranchNo) -> bool {
        match self.branches.get_mut(usize::from(number.0)) {
            Some(branch) if branch.blind && !branch.is_final() => {
                branch.finish_locally(500);
                true
            }
            _ => false,
        }
    }

    fn push_branch(
        &mut self,
        client: Client,
        transport: Transport,
        data: D::Branch,
    ) -> Result<BranchNo, AddBranchError> {
        if self.is_closed() {
            return Err(AddBranchError::Replied);
        }
        if self.canceled {
            return Err(AddBranchError::Canceled);
        }
        let number = match u8::try_from(self.branches.len()) {
            Ok(number) if usize::from(number) < MAX_BRANCHES => BranchNo(number),
            _ => return Err(AddBranchError::TooMany),
        };
        if self.decision == Decision::Asked {
            self.decision = Decision::Open;
            self.leg = self.leg.saturating_add(1);
        }
        self.branches.push(Branch {
            data,
            client,
            cancel: Cancel::No,
            transport,
            status: 0,
            acked: false,
            replied: false,
            timed_out: false,
            local: false,
            dropped: false,
            blind: false,
            leg: self.leg,
        });
        Ok(number)
    }

    /// The request came again: the last reply is sent again, if there was one.
    pub fn on_request_retransmission(&mut self, outputs: &mut Outputs) {
        if self.server.answers_again() {
            outputs.push(Output::Respond(Response::Retransmission));
        }
    }

    /// The ACK of a negative final reply arrived.
    pub fn on_ack(&mut self, outputs: &mut Outputs) {
        if self.server.on_ack() {
            outputs.push(Output::Acknowledged);
        }
    }

    /// Keeps the transaction from choosing a final reply until `release`: further branches are about to be added, or
    /// the script is suspended.
    pub fn hold(&mut self) {
        self.holds = self.holds.saturating_add(1);
    }

    /// As `hold`, and takes back an `AllBranchesFinal` that has not been acted upon: `release` asks
    /// again.
    pub fn reopen(&mut self) {
        self.hold();
        if self.decision == Decision::Asked {
            self.decision = Decision::Open;
        }
    }

    /// Takes back one `hold`; if nothing is pending, the choice is made now.
    pub fn release(&mut self, outputs: &mut Outputs) {
        self.holds = self.holds.saturating_sub(1);
        self.settle(outputs);
    }

    /// Sets new intervals; running final-response timers start again with theirs (`t_set_fr`, `t_set_retr`,
    /// `t_set_max_lifetime`).
    pub fn set_timing(&mut self, now: Millis, timing: Timing) {
        let old = std::mem::replace(&mut self.timing, timing);
        for branch in &mut self.branches {
            branch.client.retime(now, &old, &timing);
        }
        if self.lifetime != Millis::NEVER {
            self.lifetime = self.created + timing.max_lifetime;
        }
    }

    /// Changes the rules.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Takes earlier replies out of the choice. They count again if no other branch finishes.
    pub fn drop_replies(&mut self, which: DropReplies) {
        let leg = self.leg;
        for branch in self.branches.iter_mut().filter(|branch| branch.is_final()) {
            branch.dropped |= which == DropReplies::All || branch.leg == leg;
        }
    }

    /// Begins the wait state at once (`t_release`). Until that ends, replies and answers go on as ever,
    /// but nothing is sent again and nothing times out.
    pub fn let_go(&mut self, now: Millis) {
        for branch in &mut self.branches {
            branch.client.halt();
        }
        self.lifetime = Millis::NEVER;
        self.wait = self.wait.min(now + self.timing.wait);
    }

    /// Begins the wait state at once and gives up what is pending (`t_drop`). Until that ends, the
    /// request can be answered here.
    pub fn abandon(&mut self, now: Millis) {
        for branch in &mut self.branches {
            branch.client.expire();
        }
        let was_made = self.decision == Decision::Made;
        self.retire(now);
        if !was_made {
            self.decision = Decision::GivenUp;
        }
    }

    /// When `on_timer` must be called next; `NEVER` if no timer runs.
    pub fn next_deadline(&self) -> Millis {
        let branches = self
            .branches
            .iter()
            .map(Branch::deadline)
            .min()
            .unwrap_or(Millis::NEVER);
        let server = self.server.deadline().unwrap_or(Millis::NEVER);
        branches.min(server).min(self.lifetime).min(self.wait)
    }

    /// The branches, in the order of their numbers.
    pub fn branches(&self) -> &[Branch<D::Branch>] {
        &self.branches
    }

    /// One branch.
    pub fn branch(&self, number: BranchNo) -> Option<&Branch<D::Branch>> {
        self.branches.get(usize::from(number.0))
    }

    /// What the owner keeps for one branch.
    pub fn branch_data_mut(&mut self, number: BranchNo) -> Option<&mut D::Branch> {
        self.branches
            .get_mut(usize::from(number.0))
            .map(|branch| &mut branch.data)
    }

    /// Everything the owner keeps, to be changed together.
    pub fn parts_mut(&mut self) -> (&mut D::Transaction, &mut [Branch<D::Branch>]) {
        (&mut self.data, &mut self.branches)
    }

    /// What kind of transaction this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The intervals in force.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The status of the last reply sent upstream; 0 if there was none.
    pub fn last_status(&self) -> u16 {
        self.server.last_status()
    }

    /// Whether the ACK of a negative final reply has come.
    pub fn is_acknowledged(&self) -> bool {
        self.server.is_acknowledged()
    }

    /// Whether a final reply is out, or none is waited for.
    pub fn is_replied(&self) -> bool {
        self.decision.is_over()
    }

    /// Whether no branch can be added because of a final reply: an INVITE would ring for nobody. Any
    /// other request may still go on, though its replies concern nobody.
    pub fn is_closed(&self) -> bool {
        self.is_given_up() || self.is_replied() && self.kind.is_invite()
    }

    /// Whether it was let go and nothing came of it since.
    pub fn is_let_go(&self) -> bool {
        self.wait != Millis::NEVER && !self.is_replied()
    }

    /// Whether it was given up without a final reply, and has none since.
    pub fn is_given_up(&self) -> bool {
        self.decision == Decision::GivenUp
    }

    /// Whether `AllBranchesFinal` is out and nothing has come of it yet.
    pub fn is_deciding(&self) -> bool {
        self.decision == Decision::Asked
    }

    /// Whether the request was cancelled.
    pub fn is_canceled(&self) -> bool {
        self.canceled
    }

    /// Whether `max_lifetime` has passed (`t_is_expired`).
    pub fn is_expired(&self) -> bool {
        self.outlived
    }

    /// The branch that would win now, among those that are final; of equals, the one that was added first.
    pub fn winner(&self) -> Option<Winner> {
        self.best(false).or_else(|| self.best(true))
    }

    /// Whether every final reply was dropped.
    pub fn is_all_dropped(&self) -> bool {
        self.best(false).is_none()
    }

    fn best(&self, dropped_too: bool) -> Option<Winner> {
        let candidates = self
            .branches
            .iter()
            .enumerate()
            .filter(|(_, branch)| branch.is_candidate());
        candidates
            .filter(|(_, branch)| dropped_too || !branch.dropped)
            .min_by_key(|(_, branch)| self.rank(branch))
            .map(|(index, branch)| Winner {
                branch: BranchNo(index as u8),
                status: branch.status,
                local: branch.local,
            })
    }
}

#[cfg(test)]
mod tests;
