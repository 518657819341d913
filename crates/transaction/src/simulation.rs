//! Whole calls under a virtual clock: a caller, a forking proxy and its callees, joined by links that lose, delay,
//! reorder and repeat. Thousands of schedules from a seeded generator; each must keep the promises at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::{
    BranchNo, Kind, Millis, Output, Outputs, Request, Response, Rules, Timing, Transaction,
    Transport,
};

/// Long waits, so that what the RFC promises is not cut short by Kamailio's five seconds.
const TIMING: Timing = Timing {
    wait: 40_000,
    fr: 32_000,
    fr_inv: 60_000,
    max_lifetime: 100_000,
    ..Timing::INVITE
};
/// After this long under loss a retransmitted message has certainly arrived.
const SURE: u64 = 33_000;
const CALLER: usize = 0;
const PROXY: usize = 1;

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Request,
    Cancel,
    Ack,
    EndToEndAck,
    Reply(u16),
    CancelReply,
    /// The user at this node does something: hangs up, or answers with this status.
    Act(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scheduled {
    at: u64,
    number: u64,
    to: usize,
    from: usize,
    event: Event,
}

/// A node and what it has seen.
#[derive(Default)]
struct Node {
    transaction: Option<Transaction<()>>,
    over: Option<u64>,
    last_reply: u16,
    finals_received: Vec<u16>,
    provisional_at: Vec<Option<u64>>,
    received_cancel: bool,
    acknowledged: bool,
    final_sent_at: Option<u64>,
    confirmed: bool,
}

struct World {
    random: Random,
    now: u64,
    queue: BinaryHeap<Reverse<Scheduled>>,
    sent: u64,
    loss: u64,
    invite: bool,
    nodes: Vec<Node>,
}

impl World {
    fn new(seed: u64, invite: bool) -> World {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let callees = 1 + random.below(4) as usize;
        let loss = random.below(25);
        let nodes = (0..2 + callees)
            .map(|_| Node {
                provisional_at: vec![None; callees],
                ..Node::default()
            })
            .collect();
        World {
            random,
            now: 0,
            queue: BinaryHeap::new(),
            sent: 0,
            loss,
            invite,
            nodes,
        }
    }

    fn schedule(&mut self, after: u64, to: usize, from: usize, event: Event) {
        self.sent += 1;
        self.queue.push(Reverse(Scheduled {
            at: self.now + after,
            number: self.sent,
            to,
            from,
            event,
        }));
    }

    /// Puts a message on the wire.
    fn transmit(&mut self, to: usize, from: usize, event: Event) {
        let copies = if self.random.chance(10) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = 1 + self.random.below(400);
            if !self.random.chance(self.loss) {
                self.schedule(delay, to, from, event);
            }
        }
    }

    fn start(&mut self) {
        let kind = if self.invite {
            Kind::LocalInvite
        } else {
            Kind::LocalNonInvite
        };
        let mut caller = new_transaction(0, kind);
        caller
            .add_branch(Millis(0), Transport::Unreliable, ())
            .unwrap();
        self.nodes[CALLER].transaction = Some(caller);
        self.transmit(PROXY, CALLER, Event::Request);
        if self.invite && self.random.chance(30) {
            let after = self.random.below(20_000);
            self.schedule(after, CALLER, CALLER, Event::Act(0));
        }
    }

    /// Runs until nothing is left to happen.
    fn run(&mut self) {
        self.start();
        for _ in 0..100_000 {
            let timer = (0..self.nodes.len())
                .map(|node| (self.deadline(node), node))
                .min()
                .unwrap();
            let message = self.queue.peek().map_or(u64::MAX, |Reverse(next)| next.at);
            if timer.0 == u64::MAX && message == u64::MAX {
                return;
            }
            if message <= timer.0 {
                let Reverse(next) = self.queue.pop().unwrap();
                self.now = next.at;
                self.receive(next);
            } else {
                self.now = timer.0;
                self.step(timer.1, |transaction, now, outputs| {
                    transaction.on_timer(now, outputs)
                });
            }
        }
        panic!("the world does not come to rest");
    }

    fn deadline(&self, node: usize) -> u64 {
        self.nodes[node]
            .transaction
            .as_ref()
            .map_or(u64::MAX, |transaction| transaction.next_deadline().0)
    }

    fn receive(&mut self, scheduled: Scheduled) {
        let Scheduled {
            to, from, event, ..
        } = scheduled;
        match event {
            Event::Request => self.receive_request(to),
            Event::Cancel => {
                self.transmit(from, to, Event::CancelReply);
                self.nodes[to].received_cancel |= self.nodes[to].transaction.is_some();
                if to == PROXY {
                    self.step(to, |transaction, now, outputs| {
                        transaction.on_cancel(now, outputs)
                    });
                } else {
                    self.answer(to, 487);
                }
            }
            Event::Ack => self.step(to, |transaction, _, outputs| transaction.on_ack(outputs)),
            Event::EndToEndAck => self.nodes[to].confirmed = true,
            Event::Reply(status) => {
                let branch = BranchNo(if to == PROXY { (from - 2) as u8 } else { 0 });
                if to == PROXY && status < 200 && self.nodes[PROXY].transaction.is_some() {
                    self.nodes[PROXY].provisional_at[from - 2].get_or_insert(self.now);
                }
                self.step(to, |transaction, now, outputs| {
                    transaction.on_reply(now, branch, status, outputs)
                });
            }
            Event::CancelReply => {
                let branch = BranchNo(if to == PROXY { (from - 2) as u8 } else { 0 });
                self.step(to, |transaction, now, _| {
                    transaction.on_cancel_reply(now, branch, 200)
                });
            }
            Event::Act(_) if to == CALLER => {
                self.step(CALLER, |transaction, now, outputs| {
                    transaction.cancel_pending(now, outputs)
                });
            }
            Event::Act(1) => self.repeat_2xx(to),
            Event::Act(status) => self.answer(to, status),
        }
    }

    fn receive_request(&mut self, node: usize) {
        if self.nodes[node].over.is_some() {
            return;
        }
        if self.nodes[node].transaction.is_some() {
            self.step(node, |transaction, _, outputs| {
                transaction.on_request_retransmission(outputs)
            });
            return;
        }
        let kind = if self.invite {
            Kind::Invite
        } else {
            Kind::NonInvite
        };
        self.nodes[node].transaction = Some(new_transaction(self.now, kind));
        if node != PROXY {
            self.plan_answers(node);
            return;
        }
        if self.invite {
            self.answer(PROXY, 100);
        }
        let callees = self.nodes.len() - 2;
        self.step(PROXY, |transaction, now, outputs| {
            transaction.hold();
            for _ in 0..callees {
                transaction
                    .add_branch(now, Transport::Unreliable, ())
                    .unwrap();
            }
            transaction.release(outputs);
        });
        for callee in 0..callees {
            self.transmit(2 + callee, PROXY, Event::Request);
        }
    }

    fn plan_answers(&mut self, node: usize) {
        let ring = self.random.below(3_000);
        if self.random.chance(80) {
            self.schedule(ring, node, node, Event::Act(180));
        }
        let finals = [200, 200, 200, 302, 401, 486, 404, 503, 603];
        if self.random.chance(85) {
            let status = finals[self.random.below(finals.len() as u64) as usize];
            let after = ring + self.random.below(if self.invite { 25_000 } else { 8_000 });
            self.schedule(after, node, node, Event::Act(status));
        }
    }

    fn answer(&mut self, node: usize, status: u16) {
        self.step(node, |transaction, now, outputs| {
            // The user may have been overtaken by a CANCEL.
            let _ = transaction.on_local_reply(now, status, outputs);
        });
    }

    /// The core of a user agent repeats its 2xx until it is acknowledged (RFC 3261 §13.3.1.4).
    fn repeat_2xx(&mut self, node: usize) {
        let young = self.nodes[node]
            .final_sent_at
            .is_some_and(|sent| self.now < sent + 32_000);
        if young && !self.nodes[node].confirmed {
            self.transmit(PROXY, node, Event::Reply(200));
            self.schedule(2_000, node, node, Event::Act(1));
        }
    }

    /// Runs one step on a node and performs what comes out, like the tm module does.
    fn step(&mut self, node: usize, run: impl FnOnce(&mut Transaction<()>, Millis, &mut Outputs)) {
        let now = Millis(self.now);
        let mut outputs = Outputs::new();
        let Some(transaction) = &mut self.nodes[node].transaction else {
            return;
        };
        run(transaction, now, &mut outputs);
        while !outputs.is_empty() {
            for output in std::mem::take(&mut outputs) {
                self.perform(node, output, &mut outputs);
            }
        }
    }

    fn perform(&mut self, node: usize, output: Output, more: &mut Outputs) {
        let now = Millis(self.now);
        match output {
            Output::Send { branch, what } => {
                let to = if node == CALLER {
                    PROXY
                } else {
                    2 + usize::from(branch.0)
                };
                let event = match what {
                    Request::Retransmission => Event::Request,
                    Request::Cancel | Request::CancelRetransmission => Event::Cancel,
                    Request::Ack | Request::AckRetransmission => Event::Ack,
                };
                self.transmit(to, node, event);
            }
            Output::Deliver { branch, status } => {
                if let Some(transaction) = &mut self.nodes[node].transaction {
                    transaction.forward_reply(now, branch, status, more);
                }
            }
            Output::AllBranchesFinal { .. } => {
                if let Some(transaction) = &mut self.nodes[node].transaction {
                    transaction.conclude(now, more);
                }
            }
            Output::Respond(response) => self.respond(node, response),
            Output::Acknowledged => self.nodes[node].acknowledged = true,
            Output::Timeout { .. } | Output::NoAck(_) => {}
            Output::Terminated => {
                self.nodes[node].transaction = None;
                self.nodes[node].over = Some(self.now);
            }
        }
    }

    fn respond(&mut self, node: usize, response: Response) {
        let status = match response {
            Response::Forward { status, .. } | Response::Local { status } => status,
            Response::Final(winner) => winner.status,
            Response::Retransmission => self.nodes[node].last_reply,
        };
        let fresh = response != Response::Retransmission;
        if fresh {
            self.nodes[node].last_reply = status;
        }
        if fresh && status >= 200 {
            self.nodes[node].final_sent_at.get_or_insert(self.now);
        }
        if node == CALLER {
            self.nodes[CALLER]
                .finals_received
                .extend((status >= 200).then_some(status));
            if self.invite && (200..300).contains(&status) {
                for callee in 2..self.nodes.len() {
                    self.transmit(callee, CALLER, Event::EndToEndAck);
                }
            }
            return;
        }
        let to = if node == PROXY { CALLER } else { PROXY };
        self.transmit(to, node, Event::Reply(status));
        if fresh && self.invite && node != PROXY && (200..300).contains(&status) {
            self.schedule(500, node, node, Event::Act(1));
        }
    }

    /// What must hold when everything is over.
    fn check(&self, seed: u64) {
        for (number, node) in self.nodes.iter().enumerate() {
            assert!(
                node.transaction.is_none(),
                "seed {seed}: node {number} lives on"
            );
            let bound = 30_000 + u64::from(TIMING.max_lifetime) + 2 * u64::from(TIMING.wait);
            assert!(
                node.over.is_none_or(|over| over <= bound),
                "seed {seed}: node {number} outlived its timers"
            );
        }
        let (caller, proxy) = (&self.nodes[CALLER], &self.nodes[PROXY]);
        assert!(
            !caller.finals_received.is_empty(),
            "seed {seed}: the caller got no final reply"
        );
        let Some(proxy_over) = proxy.over else { return };
        assert!(
            proxy.final_sent_at.is_some(),
            "seed {seed}: the proxy never replied"
        );
        for callee in 2..self.nodes.len() {
            self.check_callee(seed, callee, proxy_over);
        }
    }

    fn check_callee(&self, seed: u64, number: usize, proxy_over: u64) {
        let node = &self.nodes[number];
        let negative = node.last_reply >= 300 && node.final_sent_at.is_some();
        if let Some(sent) = node.final_sent_at
            && self.invite
            && negative
            && sent + SURE < proxy_over
        {
            assert!(
                node.acknowledged,
                "seed {seed}: callee {number} sent {} without ACK",
                node.last_reply
            );
        }
        let answered_ok = (200..300).contains(&node.last_reply);
        if let Some(at) = self.nodes[PROXY].provisional_at[number - 2]
            && self.invite
            && !answered_ok
            && !node.acknowledged
            && at + SURE < proxy_over
        {
            assert!(
                node.received_cancel,
                "seed {seed}: callee {number} rings on"
            );
        }
        if self.invite
            && answered_ok
            && let Some(sent) = node.final_sent_at
            && sent + SURE < proxy_over
            && self.nodes[CALLER]
                .over
                .is_some_and(|over| sent + SURE < over)
        {
            assert!(
                self.nodes[CALLER].finals_received.contains(&200),
                "seed {seed}: a 200 was lost"
            );
        }
    }
}

fn new_transaction(now: u64, kind: Kind) -> Transaction<()> {
    Transaction::new(
        Millis(now),
        kind,
        Transport::Unreliable,
        TIMING,
        Rules::default(),
        (),
    )
}

#[test]
fn invites_keep_their_promises() {
    for seed in 1..4_000 {
        let mut world = World::new(seed, true);
        world.run();
        world.check(seed);
    }
}

#[test]
fn other_requests_keep_their_promises() {
    for seed in 1..4_000 {
        let mut world = World::new(seed, false);
        world.run();
        world.check(seed);
    }
}
